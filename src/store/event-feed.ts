import { sql } from 'kysely';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Db, Tx } from './connection.ts';

/*
 * The feed: what commands put into the outbox gets its position here, once it is committed. A number taken while writing
 * would show gaps that fill later, and readers would pass them by. Whoever numbers holds the program's row, so positions
 * are committed in their order, and a reader who saw one has seen all before it.
 *
 * Order per member: a command writes its outbox row under the lock of its member, so of two rows of one member the later
 * has the greater id, and is never visible without the earlier.
 */

/** For the observer: programs with something in the outbox. */
export const programsWithEvents = async (db: Db): Promise<ProgramId[]> =>
  (
    await db.run(sql<{ program_id: ProgramId }>`
      select program_id
      from program p
      where exists (select 1 from outbox o where o.program_id = p.program_id)
      order by program_id
    `)
  ).map((row) => row.program_id);

/** Takes the feed to number events; false: another instance has it. */
export const lockFeed = async (tx: Tx, program: ProgramId): Promise<boolean> =>
  (
    await tx.run(sql`
      select 1
      from event_feed
      where program_id = ${program}
      for update skip locked
    `)
  ).length > 0;

/** Moves the oldest `limit` rows of the outbox into the feed. Returns how many; the feed must be locked. */
export const numberEvents = async (tx: Tx, program: ProgramId, limit: number, now: Instant): Promise<number> => {
  const [counts] = await tx.run(sql<{ rows: number }>`
    with oldest as materialized (
      select outbox_id, shard
      from outbox
      where program_id = ${program}
      order by outbox_id
      limit ${limit}
    ),
    taken as (
      delete from outbox o
      using oldest
      where o.program_id = ${program} and o.outbox_id = oldest.outbox_id and o.shard = oldest.shard
      returning o.outbox_id, o.shard, o.member_id, o.recorded_at, o.events
    ),
    told as (
      select t.shard, t.member_id, t.recorded_at, event, row_number() over (order by t.outbox_id, ordinality) as place
      from taken t
      cross join lateral json_array_elements(t.events) with ordinality as e (event, ordinality)
    ),
    moved as (
      update event_feed
      set last_position = last_position + (select count(*) from told)
      where program_id = ${program}
      returning last_position - (select count(*) from told) as last_position
    ),
    numbered as (
      insert into event (program_id, position, shard, member_id, number, type, occurred_at, recorded_at, numbered_at, data)
      select ${program}, moved.last_position + place, shard, member_id, (event ->> 'number')::integer, event ->> 'type',
        to_timestamp((event ->> 'occurred_at')::numeric / 1000), recorded_at, ${instantText(now)}, event -> 'data'
      from told
      cross join moved
    )
    select count(*) as rows
    from taken
  `);
  return counts?.rows ?? 0;
};

export interface FeedStanding {
  readonly last_position: number;
  /** Events up to here were dropped for their age. */
  readonly dropped_position: number;
}

export const loadFeed = async (db: Db, program: ProgramId): Promise<FeedStanding> => {
  const [row] = await db.run(sql<FeedStanding>`
    select last_position, dropped_position
    from event_feed
    where program_id = ${program}
  `);
  if (row === undefined) throw new Error(`program ${program} has no feed`);
  return row;
};

export const insertFeed = (tx: Tx, program: ProgramId): Promise<unknown[]> =>
  tx.run(sql`
    insert into event_feed (program_id)
    values (${program})
  `);

/** Drops events that were numbered before an instant, the oldest first, at most `limit`. Returns how many. */
export const dropEvents = async (tx: Tx, program: ProgramId, before: Instant, limit: number): Promise<number> => {
  const [dropped] = await tx.run(sql<{ count: number }>`
    with feed as materialized (
      select dropped_position
      from event_feed
      where program_id = ${program}
      for update
    ),
    oldest as materialized (
      select e.position
      from event e
      where e.program_id = ${program} and e.position > (select dropped_position from feed) and e.numbered_at < ${instantText(before)}
      order by e.position
      limit ${limit}
    ),
    moved as (
      update event_feed
      set dropped_position = greatest(dropped_position, (select max(position) from oldest))
      where program_id = ${program}
    ),
    gone as (
      delete from event
      where program_id = ${program} and position > (select dropped_position from feed)
        and position <= (select max(position) from oldest)
    )
    select count(*) as count
    from oldest
  `);
  return dropped?.count ?? 0;
};
