import { sql } from 'kysely';
import type { MemberId, ProgramId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import type { StreamStatus } from '../model/stream-standing.ts';
import type { Db, Tx } from './connection.ts';
import type { Place } from './reassessments.ts';

/*
 * Where streams stand. An instance leases a stream to work on it, so that each has one worker at a time; when an
 * instance dies, another takes the stream over once the lease has run out, and sends again what was not written down.
 */

export interface StreamStanding {
  readonly stream: string;
  readonly status: StreamStatus;
  /** Why it was disabled. */
  readonly because: string | null;
  /** Up to here the feed was looked at. */
  readonly position: number;
  /** After whom the telling of the segment's members goes on; null: they are told. */
  readonly snapshot: Place | null;
  /** Up to here the feed may hold what the telling of the members has overtaken. */
  readonly snapshot_to: number;
  /** Since when nothing was delivered although something was tried. */
  readonly failing_since: Instant | null;
  /** How many times in a row the receiver as a whole failed. */
  readonly failures: number;
  readonly next_at: Instant;
}

type Row = Omit<StreamStanding, 'snapshot'> & {
  readonly snapshot_shard: number | null;
  readonly snapshot_member: MemberId | null;
};

const standingOf = ({ snapshot_shard: shard, snapshot_member: member, ...row }: Row): StreamStanding => ({
  ...row,
  snapshot: shard === null || member === null ? null : { shard, member },
});

const columns = sql`stream, status, because, position, snapshot_shard, snapshot_member, snapshot_to, failing_since, failures, next_at`;

/**
 * A stream that begins, or begins anew: after the events there are by now. `ofSegment`: its members are told first.
 * Whoever was at work on it writes nothing more down.
 */
export const startStream = (
  tx: Tx,
  program: ProgramId,
  stream: string,
  ofSegment: boolean,
  now: Instant,
): Promise<unknown[]> =>
  tx.run(sql`
    insert into stream_standing (program_id, stream, status, position, snapshot_shard, snapshot_member, next_at)
    select ${program}, ${stream}, 'running', last_position, ${ofSegment ? 0 : null}::smallint, ${ofSegment ? 0 : null}::bigint,
      ${instantText(now)}
    from event_feed
    where program_id = ${program}
    on conflict (program_id, stream) do update
    set status = 'running', because = null, position = excluded.position, snapshot_shard = excluded.snapshot_shard,
      snapshot_member = excluded.snapshot_member, snapshot_to = 0, failing_since = null, failures = 0,
      next_at = excluded.next_at, worker = null, leased_until = null
  `);

export const loadStanding = async (db: Db, program: ProgramId, stream: string): Promise<StreamStanding | null> => {
  const [row] = await db.run(sql<Row>`
    select ${columns}
    from stream_standing
    where program_id = ${program} and stream = ${stream}
  `);
  return row === undefined ? null : standingOf(row);
};

/** The same, locked: whoever changes a standing by a request waits for nobody who sends, who only holds a lease. */
export const lockStanding = async (tx: Tx, program: ProgramId, stream: string): Promise<StreamStanding | null> => {
  await tx.run(sql`
    select 1
    from stream_standing
    where program_id = ${program} and stream = ${stream}
    for update
  `);
  return loadStanding(tx, program, stream);
};

/** Changes whether a stream runs. Nobody is asked: its worker notices when it next writes down where it stands. */
export const setStatus = (
  tx: Tx,
  program: ProgramId,
  stream: string,
  status: StreamStatus,
  because: string | null,
  now: Instant,
): Promise<unknown[]> =>
  tx.run(sql`
    update stream_standing
    set status = ${status}, because = ${because}, failing_since = null, failures = 0, next_at = ${instantText(now)}
    where program_id = ${program} and stream = ${stream}
  `);

/** Goes back, or on, to a position: what comes after it is sent, whether or not it was before. */
export const movePosition = (tx: Tx, program: ProgramId, stream: string, position: number): Promise<unknown[]> =>
  tx.run(sql`
    update stream_standing
    set position = ${position}, worker = null, leased_until = null
    where program_id = ${program} and stream = ${stream}
  `);

/** For the observer: streams that have something to do and nobody at work on it. */
export const streamsToWork = (
  db: Db,
  now: Instant,
  limit: number,
): Promise<{ program_id: ProgramId; stream: string }[]> =>
  db.run(sql`
    select s.program_id, s.stream
    from stream_standing s
    join event_feed f on f.program_id = s.program_id
    where s.status = 'running' and s.next_at <= ${instantText(now)}
      and (s.leased_until is null or s.leased_until < ${instantText(now)})
      and (
        s.position < f.last_position or s.snapshot_shard is not null
        or exists (
          select 1
          from delivery d
          where d.program_id = s.program_id and d.stream = s.stream and d.status = 'failing' and d.next_at <= ${instantText(now)}
        )
      )
    order by s.next_at
    limit ${limit}
  `);

/** Takes a stream to work on it; null: somebody else has it, or it does not run. */
export const leaseStream = async (
  tx: Tx,
  program: ProgramId,
  stream: string,
  worker: string,
  now: Instant,
  until: Instant,
): Promise<StreamStanding | null> => {
  const [row] = await tx.run(sql<Row>`
    update stream_standing
    set worker = ${worker}, leased_until = ${instantText(until)}
    where program_id = ${program} and stream = ${stream} and status = 'running'
      and (worker = ${worker} or leased_until is null or leased_until < ${instantText(now)})
    returning ${columns}
  `);
  return row === undefined ? null : standingOf(row);
};

export const releaseStream = (tx: Tx, program: ProgramId, stream: string, worker: string): Promise<unknown[]> =>
  tx.run(sql`
    update stream_standing
    set worker = null, leased_until = null
    where program_id = ${program} and stream = ${stream} and worker = ${worker}
  `);

/** How far a worker has come. */
export interface Progress {
  readonly position: number;
  readonly snapshot: Place | null;
  readonly failing_since: Instant | null;
  readonly failures: number;
  readonly next_at: Instant;
}

/** Writes down how far a worker has come, and keeps the stream for it. False: it is not its own any more. */
export const saveProgress = async (
  tx: Tx,
  program: ProgramId,
  stream: string,
  worker: string,
  { position, snapshot, failing_since, failures, next_at }: Progress,
  until: Instant,
): Promise<boolean> =>
  (
    await tx.run(sql`
      update stream_standing
      set position = ${position}, snapshot_shard = ${snapshot?.shard ?? null}, snapshot_member = ${snapshot?.member ?? null},
        failing_since = ${instantTextOrNull(failing_since)}, failures = ${failures}, next_at = ${instantText(next_at)},
        leased_until = ${instantText(until)}
      where program_id = ${program} and stream = ${stream} and worker = ${worker} and status = 'running'
      returning 1
    `)
  ).length > 0;

/**
 * Everybody in the segment is told. What was committed by now and is not numbered yet will have a position up to the
 * sum of both: all that may be older than what was told.
 */
export const finishSnapshot = (tx: Tx, program: ProgramId, stream: string, worker: string): Promise<unknown[]> =>
  tx.run(sql`
    update stream_standing
    set snapshot_shard = null, snapshot_member = null, snapshot_to = (
      select last_position
      from event_feed
      where program_id = ${program}
    ) + (
      select coalesce(sum(json_array_length(events)), 0)
      from outbox
      where program_id = ${program}
    )
    where program_id = ${program} and stream = ${stream} and worker = ${worker}
  `);

/** Leaves a leased stream for later, as it stands. */
export const postponeStream = (
  tx: Tx,
  program: ProgramId,
  stream: string,
  worker: string,
  next: Instant,
): Promise<unknown[]> =>
  tx.run(sql`
    update stream_standing
    set next_at = ${instantText(next)}
    where program_id = ${program} and stream = ${stream} and worker = ${worker}
  `);

/** Looks at a stream at once: something it was waiting for is there. */
export const wakeStream = (tx: Tx, program: ProgramId, stream: string, now: Instant): Promise<unknown[]> =>
  tx.run(sql`
    update stream_standing
    set next_at = ${instantText(now)}
    where program_id = ${program} and stream = ${stream}
  `);
