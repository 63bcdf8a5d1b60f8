import { sql } from 'kysely';
import type { RedemptionRow } from '../model/decision.ts';
import { type MemberId, makeId, type ProgramId, shardOfMember, shardOfText } from '../model/ids.ts';
import { instantText, instantTextOrNull } from '../model/instant.ts';
import type { Redemption } from '../model/redemption.ts';
import type { Db } from './connection.ts';

export interface ReadRedemption extends RedemptionRow {
  readonly member_id: MemberId;
  readonly external_id: string;
}

const selected = sql`r.redemption_id, r.member_id, r.ordinal, r.wallet, r.points, r.entry, r.lots, r.recorded_at, s.external_id`;

const ofMember = sql`join member_state s on s.program_id = r.program_id and s.shard = r.shard and s.member_id = r.member_id`;

/** A redemption by the caller's own id. */
export const findRedemption = async (db: Db, program: ProgramId, id: string): Promise<ReadRedemption | null> => {
  const [row] = await db.run(sql<ReadRedemption>`
    select ${selected}
    from operation_reference o
    join redemption r on r.program_id = o.program_id and r.shard = (o.member_id % 16)::smallint and r.member_id = o.member_id and r.ordinal = o.ordinal
    ${ofMember}
    where o.program_id = ${program} and o.shard = ${shardOfText(id)} and o.kind = 'redemption' and o.id = ${id}
  `);
  return row ?? null;
};

/** A member's redemptions, the last recorded first, those before an ordinal. */
export const listRedemptions = (
  db: Db,
  program: ProgramId,
  member: MemberId,
  before: number | null,
  limit: number,
): Promise<ReadRedemption[]> =>
  db.run(sql<ReadRedemption>`
    select ${selected}
    from redemption r
    ${ofMember}
    where r.program_id = ${program} and r.shard = ${shardOfMember(member)} and r.member_id = ${member} and r.ordinal < ${before ?? 2 ** 31 - 1}
    order by r.ordinal desc
    limit ${limit}
  `);

/** A redemption as the API shows it. */
export const redemptionView = (row: ReadRedemption): Redemption => ({
  id: row.redemption_id,
  member: row.external_id,
  wallet: row.wallet,
  points: row.points,
  status: 'captured',
  entry_id: makeId('ent', row.member_id, row.entry),
  lots: row.lots.map((lot) => ({
    lot_id: makeId('lot', row.member_id, lot.lot),
    points: lot.points,
    expires_at: instantTextOrNull(lot.expires_at),
  })),
  recorded_at: instantText(row.recorded_at),
});
