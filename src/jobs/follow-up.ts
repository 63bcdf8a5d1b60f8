import { followUpSubmission } from '../commands/follow-up.ts';
import type { CommandQueue } from '../commands/queue.ts';
import type { Database } from '../store/database.ts';
import { findFollowUps, type OpenFollowUp } from '../store/follow-ups.ts';

/** Follow-ups looked up at once. Commands of jobs take at most a quarter of a batch while callers wait. */
const FOUND_MAX = 500;

/**
 * Does what follow-ups are left: those of an instance that ended between a commit and what was to follow. One that
 * fails keeps no other from being done; the first failure is thrown at the end. Returns how many there were.
 */
export const doFollowUps = async (database: Database, queue: CommandQueue): Promise<number> => {
  let after: OpenFollowUp | null = null;
  let found = 0;
  let failure: unknown;
  for (;;) {
    const open: OpenFollowUp[] = await database.observe((db) => findFollowUps(db, after, FOUND_MAX));
    const results = await Promise.allSettled(
      open.map(({ program_id, ...followUp }) => queue.submit(followUpSubmission(program_id, followUp))),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) failure ??= failed.reason;
    found += open.length;
    after = open.at(-1) ?? null;
    if (open.length < FOUND_MAX) break;
  }
  if (failure !== undefined) throw failure;
  return found;
};
