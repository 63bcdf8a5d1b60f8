import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import { instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/*
 * Events that a stream has still to send, or could not.
 *
 *   not delivered ──▶ failing ──tried again, in vain, until the schedule is over──▶ dead ──sent again by a person──▶ failing
 *                        └──delivered──▶ no row; the next of the member that was held behind it is failing, and due
 */

/** Names an event for a stream. Of the program: member 0, and its position as the number. */
export interface EventKey {
  readonly member: MemberId;
  readonly number: number;
}

export interface DeliveryRow extends EventKey {
  /** Null: told with the snapshot of a segment. */
  readonly position: number | null;
  /** Told with the snapshot: since when the member is in the segment. */
  readonly since: Instant | null;
  readonly status: 'failing' | 'held' | 'dead';
  readonly attempts: number;
  readonly next_at: Instant | null;
  readonly last_error: string | null;
  readonly created_at: Instant;
}

const columns = sql`member_id as member, number, position, since, status, attempts, next_at, last_error, created_at`;

const inserted = (program: ProgramId, stream: string, rows: readonly DeliveryRow[]) => sql`
  insert into delivery (program_id, stream, shard, member_id, number, position, since, status, attempts, next_at, last_error, created_at)
  select ${program}, ${stream}, new.*
  from unnest(
    ${numbers(rows.map(({ member }) => shardOfMember(member)))}::smallint[],
    ${numbers(rows.map(({ member }) => member))}::bigint[],
    ${numbers(rows.map(({ number }) => number))}::bigint[],
    ${numbers(rows.map(({ position }) => position))}::bigint[],
    ${instants(rows.map(({ since }) => since))}::timestamptz[],
    ${texts(rows.map(({ status }) => status))}::text[],
    ${numbers(rows.map(({ attempts }) => attempts))}::integer[],
    ${instants(rows.map(({ next_at }) => next_at))}::timestamptz[],
    ${texts(rows.map(({ last_error }) => last_error))}::text[],
    ${instants(rows.map(({ created_at }) => created_at))}::timestamptz[]
  ) as new
`;

/** Writes deliveries, new ones and others. One that is known keeps when it was made. */
export const saveDeliveries = (
  tx: Tx,
  program: ProgramId,
  stream: string,
  rows: readonly DeliveryRow[],
): Promise<unknown[]> =>
  tx.run(sql`
    ${inserted(program, stream, rows)}
    on conflict (program_id, stream, shard, member_id, number) do update
    set status = excluded.status, attempts = excluded.attempts, next_at = excluded.next_at, last_error = excluded.last_error
  `);

/** Writes those that are not known; one that is stays as it is: it may be what the others wait for. */
export const addDeliveries = (
  tx: Tx,
  program: ProgramId,
  stream: string,
  rows: readonly DeliveryRow[],
): Promise<unknown[]> =>
  tx.run(sql`
    ${inserted(program, stream, rows)}
    on conflict (program_id, stream, shard, member_id, number) do nothing
  `);

const keys = (rows: readonly EventKey[]) =>
  sql`unnest(
    ${numbers(rows.map(({ member }) => shardOfMember(member)))}::smallint[],
    ${numbers(rows.map(({ member }) => member))}::bigint[],
    ${numbers(rows.map(({ number }) => number))}::bigint[]
  ) as done (shard, member_id, number)`;

/** Forgets what was delivered, or what there is nothing to send of any more. */
export const deleteDeliveries = (
  tx: Tx,
  program: ProgramId,
  stream: string,
  rows: readonly EventKey[],
): Promise<unknown[]> =>
  tx.run(sql`
    delete from delivery d
    using ${keys(rows)}
    where d.program_id = ${program} and d.stream = ${stream} and d.shard = done.shard and d.member_id = done.member_id
      and d.number = done.number
  `);

/** Of each of these members who has nothing failing any more, the first event that was held is due. */
export const releaseHeld = (
  tx: Tx,
  program: ProgramId,
  stream: string,
  members: readonly MemberId[],
  now: Instant,
): Promise<unknown[]> =>
  tx.run(sql`
    update delivery d
    set status = 'failing', next_at = ${instantText(now)}
    from unnest(
      ${numbers(members.map(shardOfMember))}::smallint[],
      ${numbers(members)}::bigint[]
    ) as freed (shard, member_id)
    where d.program_id = ${program} and d.stream = ${stream} and d.shard = freed.shard and d.member_id = freed.member_id
      and d.number = (
        select min(o.number)
        from delivery o
        where o.program_id = ${program} and o.stream = ${stream} and o.shard = freed.shard and o.member_id = freed.member_id
          and o.status in ('failing', 'held')
      )
      and d.status = 'held'
  `);

/** What is to be tried again by now, the longest waiting first. */
export const dueDeliveries = (
  db: Db,
  program: ProgramId,
  stream: string,
  now: Instant,
  limit: number,
): Promise<DeliveryRow[]> =>
  db.run(sql<DeliveryRow>`
    select ${columns}
    from delivery
    where program_id = ${program} and stream = ${stream} and status = 'failing' and next_at <= ${instantText(now)}
    order by next_at, member_id, number
    limit ${limit}
  `);

/** Which of these members have something that is failing or held: what comes next of them waits behind it. */
export const membersHeld = async (
  db: Db,
  program: ProgramId,
  stream: string,
  members: readonly MemberId[],
): Promise<Set<MemberId>> => {
  const rows = await db.run(sql<{ member: MemberId }>`
    select wanted.member_id as member
    from unnest(
      ${numbers(members.map(shardOfMember))}::smallint[],
      ${numbers(members)}::bigint[]
    ) as wanted (shard, member_id)
    where exists (
      select 1
      from delivery d
      where d.program_id = ${program} and d.stream = ${stream} and d.shard = wanted.shard and d.member_id = wanted.member_id
        and d.status in ('failing', 'held')
    )
  `);
  return new Set(rows.map(({ member }) => member));
};

/** How many deliveries a stream has of each status, and when the next is due. */
export const countDeliveries = async (
  db: Db,
  program: ProgramId,
  stream: string,
): Promise<{ failing: number; held: number; dead: number; next_at: Instant | null }> => {
  const [row] = await db.run(sql<{ failing: number; held: number; dead: number; next_at: Instant | null }>`
    select count(*) filter (where status = 'failing') as failing, count(*) filter (where status = 'held') as held,
      count(*) filter (where status = 'dead') as dead, min(next_at) as next_at
    from delivery
    where program_id = ${program} and stream = ${stream}
  `);
  if (row === undefined) throw new Error('a count has a row');
  return row;
};

/** Everything that fails is due now: the receiver is back, or somebody says so. */
export const hurryDeliveries = (tx: Tx, program: ProgramId, stream: string, now: Instant): Promise<unknown[]> =>
  tx.run(sql`
    update delivery
    set next_at = ${instantText(now)}
    where program_id = ${program} and stream = ${stream} and status = 'failing' and next_at > ${instantText(now)}
  `);

/** Drops what a stream had still to send: it begins anew. */
export const dropDeliveries = (tx: Tx, program: ProgramId, stream: string): Promise<unknown[]> =>
  tx.run(sql`
    delete from delivery
    where program_id = ${program} and stream = ${stream}
  `);

export interface DeliveryPlace extends EventKey {
  readonly created_at: Instant;
}

/** Deliveries of a stream, the oldest first. */
export const listDeliveries = (
  db: Db,
  program: ProgramId,
  stream: string,
  status: DeliveryRow['status'] | null,
  after: DeliveryPlace | null,
  limit: number,
): Promise<DeliveryRow[]> =>
  db.run(sql<DeliveryRow>`
    select ${columns}
    from delivery
    where program_id = ${program} and stream = ${stream} and (${status}::text is null or status = ${status})
      and (${after === null} or (created_at, member_id, number) > (
        ${instantTextOrNull(after?.created_at ?? null)}::timestamptz, ${after?.member ?? 0}::bigint, ${after?.number ?? 0}::bigint
      ))
    order by created_at, member_id, number
    limit ${limit}
  `);
