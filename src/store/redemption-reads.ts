import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember, shardOfText } from '../model/ids.ts';
import type { Db } from './connection.ts';
import { type OwnedRedemption, redemptionColumns } from './redemptions.ts';
import { loadVouchers, type OwnedVoucher } from './vouchers.ts';

export interface ReadRedemption extends OwnedRedemption {
  readonly external_id: string;
}

const selected = sql`${redemptionColumns}, s.external_id`;

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

/** Whose redemption it is; null: the program has none of this id. */
export const memberOfRedemption = async (db: Db, program: ProgramId, id: string): Promise<MemberId | null> => {
  const [row] = await db.run(sql<{ member_id: MemberId }>`
    select member_id
    from operation_reference
    where program_id = ${program} and shard = ${shardOfText(id)} and kind = 'redemption' and id = ${id}
  `);
  return row?.member_id ?? null;
};

/** The vouchers that redemptions issued, by the caller's id of the redemption. */
export const vouchersOf = async (
  db: Db,
  program: ProgramId,
  redemptions: readonly OwnedRedemption[],
): Promise<ReadonlyMap<string, OwnedVoucher>> => {
  const wanted = redemptions.flatMap(({ member_id: member, voucher: number }) =>
    number == null ? [] : [{ member, number }],
  );
  const rows = wanted.length === 0 ? [] : await loadVouchers(db, program, wanted);
  return new Map(rows.map((row) => [row.redemption_id, row]));
};
