import type { Instant } from '../model/instant.ts';
import { earlier, latest } from '../model/instant.ts';
import { noTotals, type PastTotals, type Totals } from '../model/member-state.ts';
import type { Lifetime } from '../model/opening-balance.ts';
import { UNDATED_DAY } from '../model/opening-balance.ts';
import { isNothing, minus, plus } from '../model/totals.ts';
import type { Draft } from './draft.ts';
import { reassess } from './reassess.ts';
import { addToDay } from './totals.ts';

/*
 * What a member did before the cut-over comes in two forms: past purchases, each on its day, and totals, which have no
 * day. The purchases are part of the totals. So of the two sums the larger one counts, number by number, and what the
 * totals have more stands in a day bucket of its own, which no window reaches. In whichever order they come in, the
 * outcome is the same.
 */

const none: PastTotals = { spend: 0, purchases: 0, earned: {}, first_purchase_at: null, last_purchase_at: null };

const earnedBy = (
  of: (wallet: string) => number,
  ...some: readonly Readonly<Record<string, number>>[]
): Record<string, number> => {
  const wallets = new Set(some.flatMap((earned) => Object.keys(earned)));
  return Object.fromEntries(
    [...wallets].map((wallet) => [wallet, of(wallet)] as const).filter(([, points]) => points > 0),
  );
};

/** Number by number the larger one of a difference and zero. */
const beyond = (a: Totals, b: Totals): Totals => ({
  ...noTotals,
  spend: Math.max(a.spend - b.spend, 0),
  purchases: Math.max(a.purchases - b.purchases, 0),
  earned: earnedBy((wallet) => Math.max((a.earned[wallet] ?? 0) - (b.earned[wallet] ?? 0), 0), a.earned),
});

const undatedOf = (draft: Draft): Totals => draft.buckets.get(UNDATED_DAY) ?? noTotals;

/** Makes what has no day this much. Its bucket is at hand. */
const setUndated = (draft: Draft, undated: Totals): void => {
  const change = minus(undated, undatedOf(draft));
  if (!isNothing(change)) addToDay(draft, UNDATED_DAY, change);
};

const span = (draft: Draft, first: Instant | null, last: Instant | null): void => {
  const { state } = draft;
  state.first_purchase_at = earlier(state.first_purchase_at, first);
  state.last_purchase_at = latest([state.last_purchase_at, last]);
};

/** Counts a past purchase on its day, and no more among what has none. */
export const countPast = (draft: Draft, at: Instant, what: Totals): void => {
  const { state } = draft;
  const past = state.past ?? none;
  const { spend, purchases, earned } = plus({ ...past, activities: {} }, what);
  state.past = { ...past, spend, purchases, earned };
  addToDay(draft, draft.rules.calendar.dayOf(at), what);
  setUndated(draft, beyond(undatedOf(draft), what));
  span(draft, at, at);
};

/** Counts what the old system says was done in all, as far as past purchases do not. */
export const countLifetime = (
  draft: Draft,
  wallet: string,
  lifetime: Lifetime,
  times: [Instant | null, Instant | null],
): void => {
  const { state } = draft;
  const past = state.past ?? none;
  const { spend = 0, purchases = 0, earned = 0 } = lifetime;
  const said: Totals = { ...noTotals, spend, purchases, earned: earned === 0 ? {} : { [wallet]: earned } };
  const more = beyond(said, { ...past, activities: {} });
  const undated = undatedOf(draft);
  setUndated(draft, plus(undated, beyond(more, undated)));
  const [first, last] = times;
  state.past = {
    ...past,
    first_purchase_at: earlier(past.first_purchase_at, first),
    last_purchase_at: latest([past.last_purchase_at, last]),
  };
  span(draft, first, last);
};

/** Looks at tiers and segments again without setting a rule off: what was before the cut-over is told, not rewarded. */
export const reassessQuietly = (draft: Draft): void => {
  draft.backfill = true;
  reassess(draft, draft.now);
  draft.backfill = false;
  draft.entered.length = 0;
};
