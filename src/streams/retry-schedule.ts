import type { Instant } from '../model/instant.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long after each attempt the next is made: the schedule of Standard Webhooks 1.0, ten attempts over three days. */
const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/** Receivers that fail together are not all tried again in the same second: up to a tenth longer. */
const JITTER = 0.1;

/** From the first attempt to the last, without jitter. */
export const SCHEDULE_MS = WAITS.reduce((sum, wait) => sum + wait, 0);

/**
 * When to try again after so many attempts; null: no more. `random` from 0 to 1. What the receiver asks to wait
 * (`Retry-After`) is waited for, even where the schedule is shorter.
 */
export const nextAttempt = (
  attempts: number,
  now: Instant,
  random: number,
  retryAfterMs: number | null = null,
): Instant | null => {
  const wait = WAITS[attempts - 1];
  if (wait === undefined) return null;
  return now + Math.max(Math.round(wait * (1 + JITTER * random)), retryAfterMs ?? 0);
};

/** How long a stream whose receiver fails as a whole is left alone, after so many times in a row. */
export const nextLook = (failures: number, now: Instant, random: number, retryAfterMs: number | null): Instant =>
  nextAttempt(Math.min(failures, WAITS.length), now, random, retryAfterMs) ?? now;
