import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { OpeningRow } from '../model/opening-balance.ts';
import { bytes, documents, instants, jsonTexts, numbers, texts } from './arrays.ts';
import type { Tx } from './connection.ts';
import type { Answered } from './purchases.ts';

export interface MemberOpening extends Answered {
  readonly member: MemberId;
  readonly row: OpeningRow;
}

/** Records which balances were opened, each with its answer. */
export const insertOpenings = (tx: Tx, program: ProgramId, openings: readonly MemberOpening[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into opening_balance (program_id, shard, member_id, wallet, ordinal, points, lifetime, recorded_at, fingerprint, answer)
    select ${program}, new.*
    from unnest(
      ${numbers(openings.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(openings.map(({ member }) => member))}::bigint[],
      ${texts(openings.map(({ row }) => row.wallet))}::text[],
      ${numbers(openings.map(({ row }) => row.ordinal))}::integer[],
      ${numbers(openings.map(({ row }) => row.points))}::bigint[],
      ${documents(openings.map(({ row }) => row.lifetime))}::json[],
      ${instants(openings.map(({ row }) => row.recorded_at))}::timestamptz[],
      ${bytes(openings.map(({ fingerprint }) => fingerprint))}::bytea[],
      ${jsonTexts(openings.map(({ answer }) => answer))}::text[]
    ) as new
  `);
