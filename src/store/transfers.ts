import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { TransferRow } from '../model/transfer.ts';
import { instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/** Records transfers, each with its sender. */
export const insertTransfers = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (readonly [MemberId, TransferRow])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into transfer (program_id, shard, member_id, ordinal, recipient_id, wallet, points, recorded_at)
    select ${program}, new.*
    from unnest(
      ${numbers(rows.map(([sender]) => shardOfMember(sender)))}::smallint[],
      ${numbers(rows.map(([sender]) => sender))}::bigint[],
      ${numbers(rows.map(([, row]) => row.ordinal))}::integer[],
      ${numbers(rows.map(([, row]) => row.recipient))}::bigint[],
      ${texts(rows.map(([, row]) => row.wallet))}::text[],
      ${numbers(rows.map(([, row]) => row.points))}::bigint[],
      ${instants(rows.map(([, row]) => row.recorded_at))}::timestamptz[]
    ) as new
  `);

export interface ReadTransfer {
  readonly from: string;
  readonly to: string;
  readonly wallet: string;
  readonly points: number;
  readonly recorded_at: Instant;
}

/** A transfer by its sender and which of the sender's commands it was, with the callers' ids of both members. */
export const findTransfer = async (
  db: Db,
  program: ProgramId,
  sender: MemberId,
  ordinal: number,
): Promise<ReadTransfer | null> => {
  if (ordinal >= 2 ** 31) return null;
  const [row] = await db.run(sql<ReadTransfer>`
    select sender.external_id as from, recipient.external_id as to, t.wallet, t.points, t.recorded_at
    from transfer t
    join member_state sender on sender.program_id = t.program_id and sender.shard = t.shard and sender.member_id = t.member_id
    join member_state recipient
      on recipient.program_id = t.program_id and recipient.shard = (t.recipient_id % 16)::smallint and recipient.member_id = t.recipient_id
    where t.program_id = ${program} and t.shard = ${shardOfMember(sender)} and t.member_id = ${sender} and t.ordinal = ${ordinal}
  `);
  return row ?? null;
};
