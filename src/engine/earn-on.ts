import type { Instant } from '../model/instant.ts';
import type { Cause } from '../model/ledger-entry.ts';
import { noTotals } from '../model/member-state.ts';
import type { RuleFact } from '../model/purchase.ts';
import type { EarnedPoints } from '../model/purchase-view.ts';
import { pointsByWallet } from '../model/sums.ts';
import type { Trigger } from '../rules/conditions/subject.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import type { Draft } from './draft.ts';
import { earningsOf } from './earnings.ts';
import { hasEnded } from './ended.ts';
import { giveEarnings } from './give-earnings.ts';
import { otherOccasion, valuesRead } from './occasions.ts';
import { addToDay } from './totals.ts';

/** Something other than a purchase that sets earn rules off. */
export type EarnOccasion =
  | { readonly kind: 'activity'; readonly activity: string }
  | { readonly kind: 'tier.entered'; readonly tier: string }
  | { readonly kind: 'segment.entered'; readonly segment: string }
  | { readonly kind: 'enrolment' | 'birthday' | 'anniversary' | 'referral.qualified' };

/** What it gave, and the facts it was decided on. */
export interface Earned {
  readonly earned: readonly EarnedPoints[];
  readonly rules: readonly RuleFact[];
  readonly fields: Readonly<Record<string, unknown>>;
}

const nothing: Earned = { earned: [], rules: [], fields: {} };

const isSetOff = ({ rule }: CompiledEarnRule, occasion: EarnOccasion): boolean => {
  switch (occasion.kind) {
    case 'activity':
      return rule.activity === occasion.activity;
    case 'tier.entered':
      return rule.tier === null || rule.tier === occasion.tier;
    case 'segment.entered':
      return rule.segment === null || rule.segment === occasion.segment;
    default:
      return true;
  }
};

/**
 * Gives what earn rules give for something other than a purchase: once a command for each rule, nothing to a closed
 * member. `at` is when it happened; its day bucket is at hand. `trigger` is what conditions see of it. What is given is
 * booked in the totals; tiers and segments are looked at by whoever calls.
 */
export const earnOn = (
  draft: Draft,
  occasion: EarnOccasion,
  trigger: Trigger | null,
  at: Instant,
  cause: { readonly cause: Cause; readonly cause_id: string | null },
): Earned => {
  const { rules, state } = draft;
  const candidates = rules.earnRulesOf[occasion.kind].filter(
    (rule) => !draft.fired.has(rule.code) && isSetOff(rule, occasion),
  );
  if (candidates.length === 0 || hasEnded(state)) return nothing;
  const found = otherOccasion(draft, at, trigger, candidates);
  const fields = valuesRead(rules.fieldsReadBy[occasion.kind], found.subject);
  const earnings = earningsOf(found);
  for (const { rule } of earnings.counted) draft.fired.add(rule.code);
  const before = draft.cause;
  draft.cause = cause;
  const earned = giveEarnings(draft, earnings, at);
  draft.cause = before;
  if (earned.length > 0)
    addToDay(draft, rules.calendar.dayOf(at), { ...noTotals, earned: Object.fromEntries(pointsByWallet(earned)) });
  return { earned, rules: earnings.facts, fields };
};
