import { sql } from 'kysely';
import type { Entitlement } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

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
    select number, reward, rule, cause, cause_id, granted_at, recorded_at, expires_at, revoked_at, revision
    from entitlement
    where program_id = ${program} and shard = ${shardOfMember(member)} and member_id = ${member} and number < ${before ?? 2 ** 31 - 1}
    order by number desc
    limit ${limit}
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
