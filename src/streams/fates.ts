import type { Instant } from '../model/instant.ts';
import type { DeliveryRow } from '../store/deliveries.ts';
import { nextAttempt } from './retry-schedule.ts';
import type { Fate, Item } from './send-items.ts';

/** The row of an item that was not delivered. One that was not even tried has used up no attempt. */
export const rowOf = (
  { key, position, since, attempts, created_at }: Item,
  fate: Exclude<Fate, { kind: 'delivered' }>,
  now: Instant,
  random: number,
): DeliveryRow => {
  const row = { ...key, position, since, created_at };
  switch (fate.kind) {
    case 'held':
      return { ...row, status: 'held', attempts, next_at: null, last_error: null };
    case 'unsent':
      return { ...row, status: 'failing', attempts, next_at: nextAttempt(1, now, random), last_error: null };
    case 'failed': {
      const made = attempts + 1;
      const { error, retryAfterMs, final } = fate.outcome;
      const next = final ? null : nextAttempt(made, now, random, retryAfterMs);
      return { ...row, status: next === null ? 'dead' : 'failing', attempts: made, next_at: next, last_error: error };
    }
    default:
      return fate satisfies never;
  }
};
