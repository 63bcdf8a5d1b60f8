import type { Life } from '../model/earn-limits.ts';
import type { Instant } from '../model/instant.ts';
import { addDuration, type Calendar, endOf } from './calendar.ts';

/** When points earned at an instant become available: then, or at the start of the local day that ends the pending period. */
export const availableAt = (calendar: Calendar, life: Life, earnedAt: Instant): Instant =>
  life.pending === null ? earnedAt : calendar.startOf(addDuration(calendar.dayOf(earnedAt), life.pending));

/** When points earned at an instant expire: with the end of the local day the policy names. Null: never. */
export const expiresAt = (calendar: Calendar, life: Life, earnedAt: Instant): Instant | null =>
  life.expiry === null ? null : endOf(calendar, life.expiry, earnedAt);
