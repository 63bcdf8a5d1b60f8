import type { CommandQueue } from '../commands/queue.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import type { Database } from '../store/database.ts';
import { findDue } from '../store/member-due.ts';
import { submissionOf } from './submission.ts';

/** Members looked up at once. Commands of jobs take at most a quarter of a batch while callers wait. */
const FOUND_MAX = 500;

/**
 * Hands in a command for every member whose instant has come: points released and expired, tiers left because a window
 * moved on. It only makes happen earlier what the member's next command would do anyway. Returns how many were due.
 */
export const settleDue = async (database: Database, queue: CommandQueue, now: number): Promise<number> => {
  const due = await database.observe((db) => findDue(db, now, FOUND_MAX));
  const settling = due.map(({ program_id, member_id }: { program_id: ProgramId; member_id: MemberId }) =>
    queue.submit(submissionOf(program_id, { kind: 'settle_member', member_id }, now)),
  );
  // One member that cannot be settled keeps no other from it.
  const results = await Promise.allSettled(settling);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return due.length;
};
