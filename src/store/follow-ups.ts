import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { FollowUp } from '../model/referral.ts';
import { instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

export const followUpKey = ({ member_id, id }: Pick<FollowUp, 'member_id' | 'id'>): string => `${member_id}:${id}`;

type Key = Pick<FollowUp, 'member_id' | 'id'>;

const keys = (rows: readonly Key[]) => sql`
  ${numbers(rows.map((row) => shardOfMember(row.member_id)))}::smallint[],
  ${numbers(rows.map((row) => row.member_id))}::bigint[],
  ${texts(rows.map((row) => row.id))}::text[]
`;

/** Writes follow-ups. One that is there stays as it is: what an identity brought is brought once, however often it is given. */
export const insertFollowUps = (tx: Tx, program: ProgramId, rows: readonly FollowUp[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into follow_up (program_id, shard, member_id, id, at)
    select ${program}, new.*
    from unnest(${keys(rows)}, ${instants(rows.map((row) => row.at))}::timestamptz[]) as new
    on conflict do nothing
  `);

/** Those of these follow-ups that are still to be done. The members are locked. */
export const loadFollowUps = (db: Db, program: ProgramId, wanted: readonly Key[]): Promise<FollowUp[]> =>
  db.run(sql<FollowUp>`
    select wanted.member_id, wanted.id, found.at
    from unnest(${keys(wanted)}) as wanted (shard, member_id, id)
    cross join lateral (
      select f.at
      from follow_up f
      where f.program_id = ${program} and f.shard = wanted.shard and f.member_id = wanted.member_id and f.id = wanted.id
        and f.done_at is null
      limit 1
    ) found
  `);

/** A follow-up that is done, with the range of entries it wrote. */
export interface DoneCredit extends Key {
  readonly entries_from: number;
  readonly entries_to: number;
}

/** Those of these follow-ups that are done and gave something. */
export const loadCredits = (db: Db, program: ProgramId, wanted: readonly Key[]): Promise<DoneCredit[]> =>
  db.run(sql<DoneCredit>`
    select f.member_id, f.id, f.entries_from, f.entries_to
    from unnest(${keys(wanted)}) as wanted (shard, member_id, id)
    join follow_up f
      on f.program_id = ${program} and f.shard = wanted.shard and f.member_id = wanted.member_id and f.id = wanted.id
    where f.entries_from is not null
  `);

/** Marks follow-ups as done, in the transaction that does what they say. */
export const completeFollowUps = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (Key & { readonly entries: readonly [from: number, to: number] | null })[],
  doneAt: Instant,
): Promise<unknown[]> =>
  tx.run(sql`
    insert into follow_up (program_id, shard, member_id, id, entries_from, entries_to, at, done_at)
    select ${program}, new.*, ${instantText(doneAt)}::timestamptz, ${instantText(doneAt)}::timestamptz
    from unnest(
      ${keys(rows)},
      ${numbers(rows.map(({ entries }) => entries?.[0] ?? null))}::integer[],
      ${numbers(rows.map(({ entries }) => entries?.[1] ?? null))}::integer[]
    ) as new
    on conflict (program_id, shard, member_id, id) do update
    set done_at = excluded.done_at, entries_from = coalesce(excluded.entries_from, follow_up.entries_from),
      entries_to = coalesce(excluded.entries_to, follow_up.entries_to)
  `);

export interface OpenFollowUp extends FollowUp {
  readonly program_id: ProgramId;
}

/** Follow-ups that are still to be done, after one of them. For the observer. */
export const findFollowUps = (db: Db, after: OpenFollowUp | null, limit: number): Promise<OpenFollowUp[]> =>
  db.run(sql<OpenFollowUp>`
    select program_id, member_id, id, at
    from follow_up
    where done_at is null
      and (program_id, member_id, id) > (${after?.program_id ?? 0}, ${after?.member_id ?? (0 as MemberId)}, ${after?.id ?? ''})
    order by program_id, member_id, id
    limit ${limit}
  `);
