import type { Instant } from '../model/instant.ts';
import type { Wallet } from '../model/wallet.ts';
import { addDuration, type Calendar, lastDayOf } from './calendar.ts';

/** When points earned at an instant become available: then, or at the start of the local day that ends the pending period. */
export const availableAt = (calendar: Calendar, wallet: Wallet, earnedAt: Instant): Instant =>
  wallet.pending === null ? earnedAt : calendar.startOf(addDuration(calendar.dayOf(earnedAt), wallet.pending));

/** When points earned at an instant expire: with the end of the local day the policy names. Null: never. */
export const expiresAt = (calendar: Calendar, wallet: Wallet, earnedAt: Instant): Instant | null => {
  if (wallet.expiry === null) return null;
  const day = addDuration(calendar.dayOf(earnedAt), wallet.expiry.after);
  const last = wallet.expiry.round_up_to === null ? day : lastDayOf(wallet.expiry.round_up_to, day);
  return calendar.startOf(last + 1);
};
