import { sql } from 'kysely';
import type { RedemptionRow } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { bytes, documents, instants, jsonTexts, numbers, texts } from './arrays.ts';
import type { Tx } from './connection.ts';
import type { Answered } from './purchases.ts';

export interface MemberRedemption extends Answered {
  readonly member: MemberId;
  readonly row: RedemptionRow;
}

export const insertRedemptions = (
  tx: Tx,
  program: ProgramId,
  redemptions: readonly MemberRedemption[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into redemption (program_id, shard, member_id, ordinal, redemption_id, wallet, points, entry, lots, recorded_at, fingerprint, answer)
    select ${program}, new.*
    from unnest(
      ${numbers(redemptions.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(redemptions.map(({ member }) => member))}::bigint[],
      ${numbers(redemptions.map(({ row }) => row.ordinal))}::integer[],
      ${texts(redemptions.map(({ row }) => row.redemption_id))}::text[],
      ${texts(redemptions.map(({ row }) => row.wallet))}::text[],
      ${numbers(redemptions.map(({ row }) => row.points))}::bigint[],
      ${numbers(redemptions.map(({ row }) => row.entry))}::integer[],
      ${documents(redemptions.map(({ row }) => row.lots))}::json[],
      ${instants(redemptions.map(({ row }) => row.recorded_at))}::timestamptz[],
      ${bytes(redemptions.map(({ fingerprint }) => fingerprint))}::bytea[],
      ${jsonTexts(redemptions.map(({ answer }) => answer))}::text[]
    ) as new
  `);
