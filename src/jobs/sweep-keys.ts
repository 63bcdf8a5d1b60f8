import type { Database } from '../store/database.ts';
import { sweepKeys } from '../store/idempotency-keys.ts';
import { allPrograms } from '../store/programs.ts';

/** Rows deleted in one transaction. */
const SWEPT_MAX = 1_000;

/** Deletes answers whose Idempotency-Key has expired, program by program. Returns how many. */
export const sweepExpiredKeys = async (database: Database, now: number): Promise<number> => {
  const programs = await database.observe(allPrograms);
  let swept = 0;
  for (const program of programs) {
    for (;;) {
      const count = await database.transaction(program, (tx) => sweepKeys(tx, program, now, SWEPT_MAX));
      swept += count;
      if (count < SWEPT_MAX) break;
    }
  }
  return swept;
};
