import type { CommandQueue } from '../commands/queue.ts';
import type { MemberId } from '../model/ids.ts';
import type { Database } from '../store/database.ts';
import { findDue } from '../store/member-due.ts';
import { submissionOf } from './submission.ts';

/** Members looked up at once. Commands of jobs take at most a quarter of a batch while callers wait. */
const FOUND_MAX = 500;

/** Members that could not be settled, after which a run ends: something is wrong with more than them. */
const FAILED_MAX = 2_000;

/**
 * Hands in a command for every member whose instant has come: points released and expired, tiers left because a window
 * moved on. It only makes happen earlier what the member's next command would do anyway. Members that cannot be settled
 * keep no others from it: they are passed over for the rest of the run, and the first failure is thrown at its end.
 * Returns how many were due.
 */
export const settleDue = async (database: Database, queue: CommandQueue, now: number): Promise<number> => {
  const failed: MemberId[] = [];
  let failure: unknown;
  let found = 0;
  for (;;) {
    const due = await database.observe((db) => findDue(db, now, FOUND_MAX, failed));
    const results = await Promise.allSettled(
      due.map(({ program_id, member_id }) =>
        queue.submit(submissionOf(program_id, { kind: 'settle_member', member_id }, now)),
      ),
    );
    found += due.length;
    const before = failed.length;
    for (const [index, result] of results.entries()) {
      const member = due[index]?.member_id;
      if (result.status === 'fulfilled' || member === undefined) continue;
      failed.push(member);
      failure ??= result.reason;
    }
    if (failed.length === before || failed.length >= FAILED_MAX) break;
  }
  if (failure !== undefined) throw failure;
  return found;
};
