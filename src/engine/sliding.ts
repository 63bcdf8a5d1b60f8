import { earlier, type Instant } from '../model/instant.ts';
import type { Allocation, Bucket } from '../model/ledger-entry.ts';
import type { Lot } from '../model/lot.ts';
import type { Account, SlidingPoints } from '../model/member-state.ts';
import { endOf } from '../rules/calendar.ts';
import { announcedAt, announcedUntil, noticeOf } from '../rules/notices.ts';
import type { Rules } from '../rules/rules.ts';
import { accountOf, type Draft, lotOf, setAccount } from './draft.ts';

/*
 * When lots expire. A lot has an instant of its own, or none, or it slides: then its account has the one instant for all
 * of them, which acts of the member move on without a look at the lots. When that comes, what is available expires in one
 * entry; what is still pending keeps the instant of its release as its own; and the account remembers up to which entry
 * lots are gone, so that what comes back into one of them later (out of a hold, or refunded) comes too late as well.
 */

const noSliding: SlidingPoints = { at: null, pending: 0, available: 0, gone: null };

export const slidingOf = (account: Account | undefined): SlidingPoints => account?.sliding ?? noSliding;

/** When an account's sliding points expire; null: it has none. */
export const slidesAt = (account: Account): Instant | null => {
  const { at, pending, available } = slidingOf(account);
  return pending + available > 0 ? at : null;
};

const daysOfNotice = ({ notices, policies }: Rules, wallet: string): number => noticeOf(notices, policies, wallet);

/** When an expiry of the wallet is announced; null: never. */
export const announcementOf = (rules: Rules, wallet: string, expiry: Instant): Instant | null =>
  announcedAt(rules.calendar, daysOfNotice(rules, wallet), expiry);

/** The last expiry of a wallet that is announced by an instant. */
export const noticeEnds = (rules: Rules, wallet: string, at: Instant): Instant =>
  announcedUntil(rules.calendar, daysOfNotice(rules, wallet), at);

/**
 * When an expiry is still to be announced; null: it was, or it is nearer than the notice already. Whoever was just given
 * such points was told in the answer, and with a look ahead only, one number an account is enough to announce all once.
 */
export const stillAnnounced = (draft: Draft, wallet: string, expiry: Instant): Instant | null => {
  const { announced_to } = accountOf(draft.state, wallet);
  if (announced_to !== undefined && expiry <= announced_to) return null;
  const at = announcementOf(draft.rules, wallet, expiry);
  return at === null || at <= draft.now ? null : at;
};

/** The account knows that points of it expire at an instant. */
export const noteExpiry = (draft: Draft, wallet: string, expiry: Instant): void => {
  const account = accountOf(draft.state, wallet);
  setAccount(draft, wallet, {
    ...account,
    expires_from: earlier(account.expires_from, expiry),
    announces_from: earlier(account.announces_from ?? null, stillAnnounced(draft, wallet, expiry)),
  });
};

const isGone = ({ lot }: Lot, { gone }: SlidingPoints): boolean => gone !== null && lot <= gone.entry;

/** When a lot expires as things stand, or did; null: never. Of one long gone that held nothing then: when its like last did. */
export const expiryOfLot = (state: Draft['state'], lot: Lot): Instant | null => {
  if (lot.slides !== true) return lot.expires_at;
  const sliding = slidingOf(accountOf(state, lot.wallet));
  return isGone(lot, sliding) ? (sliding.gone?.at ?? null) : sliding.at;
};

export const hasExpired = ({ state }: Draft, lot: Lot, at: Instant): boolean => {
  if (lot.slides === true) return isGone(lot, slidingOf(accountOf(state, lot.wallet)));
  return lot.expires_at !== null && lot.expires_at <= at;
};

/** Moves the instant at which the sliding points of a wallet expire on; never backwards. */
export const slideTo = (draft: Draft, wallet: string, to: Instant): void => {
  const account = accountOf(draft.state, wallet);
  const sliding = slidingOf(account);
  if (sliding.at !== null && sliding.at >= to) return;
  setAccount(draft, wallet, {
    ...account,
    sliding: { ...sliding, at: to },
    announces_from: earlier(account.announces_from ?? null, stillAnnounced(draft, wallet, to)),
  });
};

/**
 * An act of the member renews the wallets whose expiry slides with it: from when it occurred, never backwards. It is
 * remembered where there are no points yet. Nothing undoes it: to take a return as never having bought would let points
 * expire that the member was told are renewed.
 */
export const renewSliding = (draft: Draft, act: string, at: Instant): void => {
  const { wallets, calendar } = draft.rules;
  for (const [code, { expiry }] of wallets)
    if (expiry?.sliding?.renewed_by.includes(act) === true) slideTo(draft, code, endOf(calendar, expiry, at));
};

/** Points are given: where nothing runs any more, their giving starts it. */
export const startSliding = (draft: Draft, wallet: string, given: Instant, ends: Instant): void => {
  const { at } = slidingOf(accountOf(draft.state, wallet));
  if (at === null || at <= given) slideTo(draft, wallet, ends);
};

/** Counts what moved into and out of the account's sliding lots. */
export const countSliding = (
  draft: Draft,
  wallet: string,
  allocations: readonly Allocation[],
  from: Bucket,
  to: Bucket,
): void => {
  let points = 0;
  for (const { lot, points: part } of allocations) if (lotOf(draft, lot).slides === true) points += part;
  if (points === 0) return;
  const account = accountOf(draft.state, wallet);
  const { pending, available, at, gone } = slidingOf(account);
  const change = (bucket: Bucket): number => (to === bucket ? points : 0) - (from === bucket ? points : 0);
  setAccount(draft, wallet, {
    ...account,
    sliding: { at, pending: pending + change('pending'), available: available + change('available'), gone },
    announces_from: earlier(account.announces_from ?? null, at === null ? null : stillAnnounced(draft, wallet, at)),
  });
};
