import { sql } from 'kysely';
import type { MemberId, ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Db, Tx } from './connection.ts';

/** A background pass that brings every member under the tiers and segments of a revision. */
export interface ReassessmentRow {
  readonly revision: number;
  /** Members there were to be looked at; null: not counted yet. */
  readonly members: number | null;
  readonly done: number;
  readonly after_shard: number;
  readonly after_member: MemberId;
  readonly created_at: Instant;
  readonly finished_at: Instant | null;
}

const columns = sql`revision, members, done, after_shard, after_member, created_at, finished_at`;

/** First half of the advisory locks under which members are enrolled; the other half is the program. */
const ENROLMENT_LOCK = 1_852;

/**
 * A pass sees no member whose enrolment is not committed. So whoever enrols takes this lock, shared, before asking for
 * the revision, and whoever makes a pass waits: who is enrolled under the rules before it is there to be found.
 * Not a lock of the program's row: those who share one can keep whoever wants it alone waiting for ever.
 */
export const holdOffPasses = (tx: Tx, program: ProgramId): Promise<unknown[]> =>
  tx.run(sql`select pg_advisory_xact_lock_shared(${ENROLMENT_LOCK}::integer, ${program}::integer)`);

const awaitEnrolments = (tx: Tx, program: ProgramId): Promise<unknown[]> =>
  tx.run(sql`select pg_advisory_xact_lock(${ENROLMENT_LOCK}::integer, ${program}::integer)`);

export const insertReassessment = async (tx: Tx, program: ProgramId, revision: number, now: Instant): Promise<void> => {
  await awaitEnrolments(tx, program);
  await tx.run(sql`
    insert into reassessment (program_id, revision, created_at)
    values (${program}, ${revision}, ${instantText(now)})
  `);
};

/** For the observer: programs with an unfinished pass that nobody is at work on. */
export const programsToReassess = async (db: Db, now: Instant): Promise<ProgramId[]> => {
  const rows = await db.run(sql<{ program_id: ProgramId }>`
    select distinct program_id
    from reassessment
    where finished_at is null and (leased_until is null or leased_until < ${instantText(now)}::timestamptz)
    order by program_id
  `);
  return rows.map((row) => row.program_id);
};

/**
 * Takes the program's last pass on for a while; those before it are over, since members are always brought under the
 * rules as they stand. Null: somebody else has it, or there is none.
 */
export const leaseReassessment = async (
  tx: Tx,
  program: ProgramId,
  now: Instant,
  until: Instant,
): Promise<ReassessmentRow | null> => {
  await tx.run(sql`
    update reassessment
    set finished_at = ${instantText(now)}
    where program_id = ${program} and finished_at is null
      and revision < (select max(revision) from reassessment where program_id = ${program})
  `);
  const [row] = await tx.run(sql<ReassessmentRow>`
    update reassessment
    set leased_until = ${instantText(until)}
    where program_id = ${program} and finished_at is null
      and (leased_until is null or leased_until < ${instantText(now)}::timestamptz)
    returning ${columns}
  `);
  return row ?? null;
};

/** The revision of the program's last pass that is not finished, or null. */
export const openReassessment = async (db: Db, program: ProgramId): Promise<number | null> => {
  const [row] = await db.run(sql<{ revision: number | null }>`
    select max(revision) as revision
    from reassessment
    where program_id = ${program} and finished_at is null
  `);
  return row?.revision ?? null;
};

/** Members last evaluated under earlier tiers and segments. */
export const countBehind = async (db: Db, program: ProgramId, revision: number): Promise<number> => {
  const [row] = await db.run(sql<{ count: number }>`
    select count(*) as count
    from member_state
    where program_id = ${program} and status_revision < ${revision}
  `);
  return row?.count ?? 0;
};

export interface Place {
  readonly shard: number;
  readonly member: MemberId;
}

/** The next of those members after a place, in the order of shards and numbers. */
export const findBehind = (
  db: Db,
  program: ProgramId,
  revision: number,
  after: Place,
  limit: number,
): Promise<Place[]> =>
  db.run(sql<Place>`
    select shard, member_id as member
    from member_state
    where program_id = ${program} and (shard, member_id) > (${after.shard}, ${after.member}) and status_revision < ${revision}
    order by shard, member_id
    limit ${limit}
  `);

/** Says how far a pass is, and gives the lease back. */
export const saveProgress = (
  tx: Tx,
  program: ProgramId,
  row: ReassessmentRow,
  finishedAt: Instant | null,
): Promise<unknown[]> =>
  tx.run(sql`
    update reassessment
    set members = ${row.members}, done = ${row.done}, after_shard = ${row.after_shard}, after_member = ${row.after_member},
      finished_at = ${finishedAt === null ? null : instantText(finishedAt)}, leased_until = null
    where program_id = ${program} and revision = ${row.revision}
  `);

/** Passes, the last first, from before a revision. */
export const listReassessments = (
  db: Db,
  program: ProgramId,
  before: number | null,
  limit: number,
): Promise<ReassessmentRow[]> =>
  db.run(sql<ReassessmentRow>`
    select ${columns}
    from reassessment
    where program_id = ${program} and (${before}::integer is null or revision < ${before})
    order by revision desc
    limit ${limit}
  `);
