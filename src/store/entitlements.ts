import { sql } from 'kysely';
import type { Entitlement, EntitlementUse } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';
import type { OwnedEntitlement } from './returned-purchases.ts';
import type { NumberOf } from './vouchers.ts';

export const insertEntitlements = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (readonly [MemberId, Entitlement])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into entitlement (program_id, shard, member_id, number, reward, rule, cause, cause_id, granted_at, recorded_at, expires_at, revision)
    select ${program}, new.*
    from unnest(
      ${numbers(rows.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(rows.map(([member]) => member))}::bigint[],
      ${numbers(rows.map(([, item]) => item.number))}::integer[],
      ${texts(rows.map(([, item]) => item.reward))}::text[],
      ${texts(rows.map(([, item]) => item.rule))}::text[],
      ${texts(rows.map(([, item]) => item.cause))}::text[],
      ${texts(rows.map(([, item]) => item.cause_id))}::text[],
      ${instants(rows.map(([, item]) => item.granted_at))}::timestamptz[],
      ${instants(rows.map(([, item]) => item.recorded_at))}::timestamptz[],
      ${instants(rows.map(([, item]) => item.expires_at))}::timestamptz[],
      ${numbers(rows.map(([, item]) => item.revision))}::integer[]
    ) as new
  `);

/** A member's entitlements, the last granted first, those before a number. */
export const listEntitlements = (
  db: Db,
  program: ProgramId,
  member: MemberId,
  before: number | null,
  limit: number,
): Promise<Entitlement[]> =>
  db.run(sql<Entitlement>`
    select number, reward, rule, cause, cause_id, granted_at, recorded_at, expires_at, revoked_at, used_at, redemption_id, revision
    from entitlement
    where program_id = ${program} and shard = ${shardOfMember(member)} and member_id = ${member} and number < ${before ?? 2 ** 31 - 1}
    order by number desc
    limit ${limit}
  `);

/** Entitlements by member and number. */
export const loadEntitlements = (
  db: Db,
  program: ProgramId,
  wanted: readonly NumberOf[],
): Promise<OwnedEntitlement[]> =>
  db.run(sql<OwnedEntitlement>`
    select e.*
    from unnest(
      ${numbers(wanted.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(wanted.map(({ member }) => member))}::bigint[],
      ${numbers(wanted.map(({ number }) => number))}::integer[]
    ) as wanted (shard, member_id, number)
    cross join lateral (
      select member_id, number, reward, rule, cause, cause_id, granted_at, recorded_at, expires_at, revoked_at, used_at, redemption_id, revision
      from entitlement
      where program_id = ${program} and shard = wanted.shard and member_id = wanted.member_id and number = wanted.number
      limit 1
    ) e
  `);

/** By which redemptions entitlements were used; null: they are open again. */
export const useEntitlements = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (NumberOf & { readonly use: EntitlementUse | null })[],
): Promise<unknown[]> =>
  tx.run(sql`
    update entitlement e
    set used_at = new.used_at, redemption_id = new.redemption_id
    from unnest(
      ${numbers(rows.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(rows.map(({ member }) => member))}::bigint[],
      ${numbers(rows.map(({ number }) => number))}::integer[],
      ${instants(rows.map(({ use }) => use?.used_at ?? null))}::timestamptz[],
      ${texts(rows.map(({ use }) => use?.redemption_id ?? null))}::text[]
    ) as new (shard, member_id, number, used_at, redemption_id)
    where e.program_id = ${program} and e.shard = new.shard and e.member_id = new.member_id and e.number = new.number
  `);

/** The rules that granted a reward to a member for a purchase. */
export const rulesThatGranted = async (
  db: Db,
  program: ProgramId,
  member: MemberId,
  purchase: string,
): Promise<string[]> => {
  const rows = await db.run(sql<{ rule: string }>`
    select distinct rule
    from entitlement
    where program_id = ${program} and shard = ${shardOfMember(member)} and member_id = ${member}
      and cause = 'purchase' and cause_id = ${purchase}
  `);
  return rows.map(({ rule }) => rule);
};
