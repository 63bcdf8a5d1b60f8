import { sql } from 'kysely';
import type { RewardNote } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { IssuedVoucher, VoucherRow, VoucherStanding } from '../model/voucher.ts';
import { instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

export const insertVouchers = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (readonly [MemberId, IssuedVoucher])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into voucher (program_id, shard, member_id, number, reward, redemption_id, code, status, issued_at, expires_at, recorded_at)
    select ${program}, new.*
    from unnest(
      ${numbers(rows.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(rows.map(([member]) => member))}::bigint[],
      ${numbers(rows.map(([, row]) => row.number))}::integer[],
      ${texts(rows.map(([, row]) => row.reward))}::text[],
      ${texts(rows.map(([, row]) => row.redemption_id))}::text[],
      ${texts(rows.map(([, row]) => row.code))}::text[],
      ${texts(rows.map(([, row]) => row.status))}::text[],
      ${instants(rows.map(([, row]) => row.issued_at))}::timestamptz[],
      ${instants(rows.map(([, row]) => row.expires_at))}::timestamptz[],
      ${instants(rows.map(([, row]) => row.recorded_at))}::timestamptz[]
    ) as new
  `);

/** Writes where vouchers stand from now on. */
export const updateVouchers = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (readonly [MemberId, VoucherStanding])[],
): Promise<unknown[]> =>
  tx.run(sql`
    update voucher v
    set status = new.status, ended_at = new.ended_at, used_for = new.used_for
    from unnest(
      ${numbers(rows.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(rows.map(([member]) => member))}::bigint[],
      ${numbers(rows.map(([, row]) => row.number))}::integer[],
      ${texts(rows.map(([, row]) => row.status))}::text[],
      ${instants(rows.map(([, row]) => row.ended_at))}::timestamptz[],
      ${texts(rows.map(([, row]) => row.used_for))}::text[]
    ) as new (shard, member_id, number, status, ended_at, used_for)
    where v.program_id = ${program} and v.shard = new.shard and v.member_id = new.member_id and v.number = new.number
  `);

export interface OwnedVoucher extends VoucherRow {
  readonly member_id: MemberId;
}

const columns = sql`v.member_id, v.number, v.reward, v.redemption_id, v.code, v.status, v.issued_at, v.expires_at, v.ended_at, v.used_for, v.recorded_at`;

export interface NumberOf {
  readonly member: MemberId;
  readonly number: number;
}

/** Vouchers by member and number. */
export const loadVouchers = (db: Db, program: ProgramId, wanted: readonly NumberOf[]): Promise<OwnedVoucher[]> =>
  db.run(sql<OwnedVoucher>`
    select ${columns}
    from unnest(
      ${numbers(wanted.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(wanted.map(({ member }) => member))}::bigint[],
      ${numbers(wanted.map(({ number }) => number))}::integer[]
    ) as wanted (shard, member_id, number)
    cross join lateral (
      select *
      from voucher
      where voucher.program_id = ${program} and voucher.shard = wanted.shard and voucher.member_id = wanted.member_id
        and voucher.number = wanted.number
      limit 1
    ) v
  `);

export interface ReadVoucher extends OwnedVoucher {
  readonly external_id: string;
}

const ofMember = sql`join member_state s on s.program_id = v.program_id and s.shard = v.shard and s.member_id = v.member_id`;

export const findVoucher = async (
  db: Db,
  program: ProgramId,
  { member, number }: NumberOf,
): Promise<ReadVoucher | null> => {
  const [row] = await db.run(sql<ReadVoucher>`
    select ${columns}, s.external_id
    from voucher v
    ${ofMember}
    where v.program_id = ${program} and v.shard = ${shardOfMember(member)} and v.member_id = ${member} and v.number = ${number}
  `);
  return row ?? null;
};

/** A member's vouchers, the last issued first, those before a number. */
export const listVouchers = (
  db: Db,
  program: ProgramId,
  member: MemberId,
  before: number | null,
  limit: number,
): Promise<ReadVoucher[]> =>
  db.run(sql<ReadVoucher>`
    select ${columns}, s.external_id
    from voucher v
    ${ofMember}
    where v.program_id = ${program} and v.shard = ${shardOfMember(member)} and v.member_id = ${member} and v.number < ${before ?? 2 ** 31 - 1}
    order by v.number desc
    limit ${limit}
  `);

export const insertRewardNotes = (
  tx: Tx,
  program: ProgramId,
  notes: readonly (readonly [MemberId, RewardNote])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into reward_note (program_id, shard, member_id, kind, number, reason, actor, recorded_at)
    select ${program}, new.*
    from unnest(
      ${numbers(notes.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(notes.map(([member]) => member))}::bigint[],
      ${texts(notes.map(([, note]) => note.kind))}::text[],
      ${numbers(notes.map(([, note]) => note.number))}::integer[],
      ${texts(notes.map(([, note]) => note.reason))}::text[],
      ${texts(notes.map(([, note]) => note.actor))}::text[],
      ${instants(notes.map(([, note]) => note.recorded_at))}::timestamptz[]
    ) as new
  `);
