import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { Tx } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { sweepKeys } from '../store/idempotency-keys.ts';
import { allPrograms } from '../store/programs.ts';
import { sweepQuotes } from '../store/quotes.ts';

/** Rows deleted in one transaction. */
const SWEPT_MAX = 1_000;

type Sweep = (tx: Tx, program: ProgramId, now: Instant, limit: number) => Promise<number>;
const sweeps: readonly Sweep[] = [sweepKeys, sweepQuotes];

/** Deletes what is kept for a time only: answers under an Idempotency-Key, and quotes. Program by program; returns how many. */
export const sweep = async (database: Database, now: Instant): Promise<number> => {
  const programs = await database.observe(allPrograms);
  let swept = 0;
  for (const program of programs) {
    for (const one of sweeps) {
      for (;;) {
        const count = await database.transaction(program, (tx) => one(tx, program, now, SWEPT_MAX));
        swept += count;
        if (count < SWEPT_MAX) break;
      }
    }
  }
  return swept;
};
