import { sql } from 'kysely';
import type { ConsentChange } from '../model/consent.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

export const insertConsents = (
  tx: Tx,
  program: ProgramId,
  changes: readonly (readonly [MemberId, ConsentChange])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into consent_change (program_id, shard, member_id, number, purpose, granted, source, changed_at, recorded_at)
    select ${program}, new.*
    from unnest(
      ${numbers(changes.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(changes.map(([member]) => member))}::bigint[],
      ${numbers(changes.map(([, change]) => change.number))}::integer[],
      ${texts(changes.map(([, change]) => change.purpose))}::text[],
      ${texts(changes.map(([, { granted }]) => (granted === null ? null : `${granted}`)))}::boolean[],
      ${texts(changes.map(([, change]) => change.source))}::text[],
      ${instants(changes.map(([, change]) => change.changed_at))}::timestamptz[],
      ${instants(changes.map(([, change]) => change.recorded_at))}::timestamptz[]
    ) as new
  `);

/** Where a list of consents goes on: after which change. */
export interface ConsentPlace {
  readonly number: number;
  readonly purpose: string;
}

/** What became of a member's consents, the latest first, from before one of them. */
export const listConsents = (
  db: Db,
  program: ProgramId,
  member: MemberId,
  before: ConsentPlace | null,
  limit: number,
): Promise<ConsentChange[]> =>
  db.run(sql<ConsentChange>`
    select number, purpose, granted, source, changed_at, recorded_at
    from consent_change
    where program_id = ${program} and shard = ${shardOfMember(member)} and member_id = ${member}
      and (${before === null}::boolean or (number, purpose) < (${before?.number ?? 0}::integer, ${before?.purpose ?? ''}::text))
    order by number desc, purpose desc
    limit ${limit}
  `);
