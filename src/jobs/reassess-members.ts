import type { CommandQueue } from '../commands/queue.ts';
import type { ProgramId } from '../model/ids.ts';
import type { Database } from '../store/database.ts';
import {
  countBehind,
  findBehind,
  leaseReassessment,
  programsToReassess,
  type ReassessmentRow,
  saveProgress,
} from '../store/reassessments.ts';
import { submissionOf } from './submission.ts';

/** Members handed in at once. Commands of jobs take at most a quarter of a batch while callers wait. */
const PAGE = 500;
/** How long an instance may be silent before another takes its pass over. */
const LEASE_MS = 60_000;

/** One page of a pass: every member on it is settled under the rules as they stand. Returns whether there is more. */
const reassessPage = async (
  database: Database,
  queue: CommandQueue,
  program: ProgramId,
  pass: ReassessmentRow,
  now: number,
): Promise<boolean> => {
  const after = { shard: pass.after_shard, member: pass.after_member };
  const [members, places] = await database.read(program, (db) =>
    Promise.all([
      pass.members ?? countBehind(db, program, pass.revision),
      findBehind(db, program, pass.revision, after, PAGE),
    ]),
  );
  const results = await Promise.allSettled(
    places.map(({ member }) => queue.submit(submissionOf(program, { kind: 'settle_member', member_id: member }, now))),
  );
  const last = places.at(-1) ?? after;
  const more = places.length === PAGE;
  const progress = {
    ...pass,
    members,
    done: pass.done + places.length,
    after_shard: last.shard,
    after_member: last.member,
  };
  await database.transaction(program, (tx) => saveProgress(tx, program, progress, more ? null : now));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return more;
};

/**
 * Brings members under tiers and segments that were edited, a page of each program that has such a pass. A member whose
 * own command comes first is evaluated by that. Returns whether there is more to do.
 */
export const reassessMembers = async (database: Database, queue: CommandQueue, now: number): Promise<boolean> => {
  const programs = await database.observe((db) => programsToReassess(db, now));
  let more = false;
  for (const program of programs) {
    const pass = await database.transaction(program, (tx) => leaseReassessment(tx, program, now, now + LEASE_MS));
    if (pass !== null && (await reassessPage(database, queue, program, pass, now))) more = true;
  }
  return more;
};
