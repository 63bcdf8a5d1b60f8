import { parseId } from '../model/ids.ts';
import { parseInstant } from '../model/instant.ts';
import type { CapturedWith, GivenPoints, PurchaseRow, ReturnFacts } from '../model/purchase.ts';
import type { EarnedPoints } from '../model/purchase-view.ts';
import type { Occasion } from './contributions.ts';
import type { Draft } from './draft.ts';
import { budgetLeftOf, milestoneBefore } from './occasions.ts';
import { isBounded } from './rule-limits.ts';

/** What of the member a purchase finds: kept with it, so that a return can evaluate the rest of it again. */
export interface Standing extends Pick<ReturnFacts, 'number' | 'limits' | 'budgets' | 'milestones'> {
  readonly entries: number;
  readonly events: number;
}

/** How the member stands before a purchase is booked. The draft has written nothing for it yet. */
export const standingBefore = (draft: Draft, { candidates, day }: Occasion): Standing => {
  const { state } = draft;
  const limits = state.limits ?? {};
  const bounded = candidates.filter(isBounded);
  return {
    number: state.totals.purchases + 1,
    entries: state.entries,
    events: state.events,
    limits: Object.fromEntries(
      bounded.flatMap(({ code }) => {
        const counts = limits[code];
        return counts === undefined ? [] : [[code, counts]];
      }),
    ),
    budgets: Object.fromEntries(
      bounded.flatMap((rule) => (rule.rule.budget === null ? [] : [[rule.code, budgetLeftOf(draft, rule)]])),
    ),
    milestones: Object.fromEntries(
      candidates.flatMap((rule) =>
        rule.rule.milestone === null ? [] : [[rule.code, milestoneBefore(draft, day, rule)]],
      ),
    ),
  };
};

export const givenOf = (earned: readonly EarnedPoints[]): GivenPoints[] =>
  earned.map(({ entry_id, wallet, points, recovered, available_at, expires_at, sliding }) => ({
    wallet,
    points,
    recovered,
    entry: parseId('ent', entry_id)?.number ?? 0,
    available_at: parseInstant(available_at),
    expires_at: expires_at === null ? null : parseInstant(expires_at),
    ...(sliding === undefined ? {} : { sliding }),
  }));

/** The purchase with everything a return of it will need, once all it brought about is written. */
export const withReturnFacts = (
  { state }: Draft,
  purchase: PurchaseRow,
  { entries, events, ...standing }: Standing,
  earned: readonly EarnedPoints[],
  redemptions: readonly CapturedWith[],
): PurchaseRow => ({
  ...purchase,
  facts: {
    ...purchase.facts,
    on_return: {
      ...standing,
      given: givenOf(earned),
      ...(redemptions.length === 0
        ? {}
        : { redemptions: redemptions.map(({ id, ordinal, points }) => ({ id, ordinal, points })) }),
      entries: [entries + 1, state.entries],
      events: [events + 1, state.events],
    },
  },
});
