import type { ProgramId } from '../model/ids.ts';
import { DAY_MS, type Instant } from '../model/instant.ts';
import type { Tx } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { dropAttempts } from '../store/delivery-attempts.ts';
import { sweepErased } from '../store/erased-identities.ts';
import { dropEvents } from '../store/event-feed.ts';
import { sweepKeys } from '../store/idempotency-keys.ts';
import { sweepImports } from '../store/imports.ts';
import { allPrograms } from '../store/programs.ts';
import { sweepQuotes } from '../store/quotes.ts';

/** Rows deleted in one transaction. */
const SWEPT_MAX = 1_000;

type Sweep = (tx: Tx, program: ProgramId, now: Instant, limit: number) => Promise<number>;

/**
 * Deletes what is kept for a time only: answers under an Idempotency-Key, quotes, hashes of ids of erased members, imports
 * that have ended, and events that have been numbered for `eventRetentionDays`. Program by program; returns how many.
 */
export const sweep = async (database: Database, now: Instant, eventRetentionDays: number): Promise<number> => {
  const dropOld: Sweep = (tx, program, at, limit) => dropEvents(tx, program, at - eventRetentionDays * DAY_MS, limit);
  const dropTried: Sweep = (tx, program, at, limit) =>
    dropAttempts(tx, program, at - eventRetentionDays * DAY_MS, limit);
  const programs = await database.observe(allPrograms);
  let swept = 0;
  for (const program of programs) {
    for (const one of [sweepKeys, sweepQuotes, sweepErased, sweepImports, dropOld, dropTried]) {
      for (;;) {
        const count = await database.transaction(program, (tx) => one(tx, program, now, SWEPT_MAX));
        swept += count;
        if (count < SWEPT_MAX) break;
      }
    }
  }
  return swept;
};
