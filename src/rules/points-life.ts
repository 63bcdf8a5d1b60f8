import type { WalletExpiry } from '../model/duration.ts';
import type { Life } from '../model/earn-limits.ts';
import type { Instant } from '../model/instant.ts';
import { addDuration, type Calendar, endOf } from './calendar.ts';

/** When points earned at an instant become available: then, or at the start of the local day that ends the pending period. */
export const availableAt = (calendar: Calendar, life: Life, earnedAt: Instant): Instant =>
  life.pending === null ? earnedAt : calendar.startOf(addDuration(calendar.dayOf(earnedAt), life.pending));

/** When points earned at an instant expire: with the end of the local day the policy names. Null: never. */
export const expiresAt = (calendar: Calendar, life: Life, earnedAt: Instant): Instant | null =>
  life.expiry === null ? null : endOf(calendar, life.expiry, earnedAt);

/** Whether points expire with the others of their wallet. What a rule says of the life of its points never does. */
export const isSliding = (life: { readonly expiry: WalletExpiry | null }): boolean =>
  (life.expiry?.sliding ?? null) !== null;

/** Names when points earned at an instant become available and expire: those that do together are one lot. */
export const lifeKey = (calendar: Calendar, life: Life, earnedAt: Instant): string => {
  const available = availableAt(calendar, life, earnedAt);
  const expires = expiresAt(calendar, life, earnedAt);
  return lifeName(available, expires === null ? null : Math.max(expires, available), isSliding(life));
};

/** The same of points that were given. A sliding instant moves on, so it is not part of the name. */
export const lifeName = (available: Instant, expires: Instant | null, slides: boolean): string =>
  `${available} ${slides ? 'sliding' : expires}`;
