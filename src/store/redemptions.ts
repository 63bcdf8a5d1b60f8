import { sql } from 'kysely';
import type { RedemptionRow, RedemptionStanding } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { bytes, documents, instants, jsonTexts, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';
import type { OperationReference } from './operation-references.ts';
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
    insert into redemption (program_id, shard, member_id, ordinal, redemption_id, wallet, points, entry, lots, recorded_at, status, expires_at, burn, reward, voucher, fingerprint, answer)
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
      ${texts(redemptions.map(({ row }) => row.status))}::text[],
      ${instants(redemptions.map(({ row }) => row.expires_at))}::timestamptz[],
      ${documents(redemptions.map(({ row }) => row.burn))}::json[],
      ${documents(redemptions.map(({ row }) => row.reward))}::json[],
      ${numbers(redemptions.map(({ row }) => row.voucher ?? null))}::integer[],
      ${bytes(redemptions.map(({ fingerprint }) => fingerprint))}::bytea[],
      ${jsonTexts(redemptions.map(({ answer }) => answer))}::text[]
    ) as new
  `);

export interface OwnedRedemption extends RedemptionRow {
  readonly member_id: MemberId;
}

export const redemptionColumns = sql`r.member_id, r.redemption_id, r.ordinal, r.wallet, r.points, r.entry, r.lots, r.recorded_at, r.expires_at, r.status, r.released, r.refunded, r.burn, r.reward, r.voucher`;

/** The redemptions that references lead to. */
export const loadRedemptions = (
  db: Db,
  program: ProgramId,
  references: readonly OperationReference[],
): Promise<OwnedRedemption[]> =>
  db.run(sql<OwnedRedemption>`
    select ${redemptionColumns}
    from unnest(
      ${numbers(references.map(({ member_id }) => (member_id === null ? null : shardOfMember(member_id))))}::smallint[],
      ${numbers(references.map(({ member_id }) => member_id))}::bigint[],
      ${numbers(references.map(({ ordinal }) => ordinal))}::integer[]
    ) as wanted (shard, member_id, ordinal)
    cross join lateral (
      select *
      from redemption
      where redemption.program_id = ${program} and redemption.shard = wanted.shard and redemption.member_id = wanted.member_id
        and redemption.ordinal = wanted.ordinal
      limit 1
    ) r
  `);

/** Writes where redemptions stand from now on. */
export const updateRedemptions = (
  tx: Tx,
  program: ProgramId,
  redemptions: readonly (readonly [MemberId, RedemptionStanding])[],
): Promise<unknown[]> =>
  tx.run(sql`
    update redemption
    set status = new.status, released = new.released, refunded = new.refunded, voucher = coalesce(new.voucher, redemption.voucher)
    from unnest(
      ${numbers(redemptions.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(redemptions.map(([member]) => member))}::bigint[],
      ${numbers(redemptions.map(([, standing]) => standing.ordinal))}::integer[],
      ${texts(redemptions.map(([, standing]) => standing.status))}::text[],
      ${numbers(redemptions.map(([, standing]) => standing.released))}::bigint[],
      ${numbers(redemptions.map(([, standing]) => standing.refunded))}::bigint[],
      ${numbers(redemptions.map(([, standing]) => standing.voucher ?? null))}::integer[]
    ) as new (shard, member_id, ordinal, status, released, refunded, voucher)
    where redemption.program_id = ${program} and redemption.shard = new.shard and redemption.member_id = new.member_id
      and redemption.ordinal = new.ordinal
  `);
