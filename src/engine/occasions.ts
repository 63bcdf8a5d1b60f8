import type { EpochDay, Instant } from '../model/instant.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import type { Subject, Trigger } from '../rules/conditions/subject.ts';
import type { CompiledEarnRule, FieldRead } from '../rules/earn-rules.ts';
import type { Rules } from '../rules/rules.ts';
import type { Occasion } from './contributions.ts';
import type { Draft } from './draft.ts';
import { type Pricing, pricedSubject } from './pricing.ts';
import { earningPart, type SpreadPurchase } from './purchase-sums.ts';
import { purchaseTrigger } from './purchase-trigger.ts';
import { allowanceOf } from './rule-limits.ts';
import { subjectAt } from './subject.ts';
import { firstDayOf } from './totals.ts';

/** How many multiples of `every` lie above what there was and not above what there is then. */
const passed = (before: number, more: number, every: number): number =>
  Math.floor((before + more) / every) - Math.floor(before / every);

/** What a milestone counts, before the purchase. Null: the purchase lies before its window, and reaches nothing in it. */
export const milestoneBefore = (
  { state }: Draft,
  day: EpochDay,
  { rule: { milestone } }: CompiledEarnRule,
): number | null => {
  if (milestone === null) return null;
  const { window } = milestone;
  if (window !== null && day < firstDayOf(state, window, state.day)) return null;
  const before = window === null ? state.totals : (state.windows[window] ?? state.totals);
  return milestone.every_purchases === null ? before.spend : before.purchases;
};

/** How often a purchase of so much spend reaches a milestone, given what that counted before. */
export const timesReached = (
  { rule: { milestone } }: CompiledEarnRule,
  before: number | null,
  spend: number,
): number => {
  if (milestone === null || before === null) return 0;
  return milestone.every_purchases !== null
    ? passed(before, 1, milestone.every_purchases)
    : passed(before, spend, milestone.every_spend ?? Number.POSITIVE_INFINITY);
};

/** What is left of a rule's budget; nothing where it was not loaded. */
export const budgetLeftOf = (draft: Draft, { code, rule: { budget } }: CompiledEarnRule): number => {
  const used = draft.budgetsUsed.get(code);
  if (budget === null || used === undefined) return 0;
  return budget.points - used - (draft.budgets.get(code) ?? 0);
};

const occasion = (
  draft: Draft,
  at: Instant,
  subject: Subject,
  candidates: readonly CompiledEarnRule[],
): Omit<Occasion, 'purchase' | 'tierMultipliers' | 'reached'> => {
  const day = draft.rules.calendar.dayOf(at);
  const { limits = {} } = draft.state;
  return {
    rules: draft.rules,
    candidates,
    subject,
    at,
    day,
    allowance: (rule) => allowanceOf(rule, limits[rule.code], day, budgetLeftOf(draft, rule)),
  };
};

/** The multipliers of the tiers held, given which tier of each scheme that is. */
export const tierMultipliers = (rules: Rules, heldIn: (scheme: string) => string | null): Occasion['tierMultipliers'] =>
  rules.schemes.flatMap((scheme) => {
    const held = scheme.tiers.find(({ code }) => code === heldIn(scheme.code));
    const percent = held?.tier.benefits?.multiplier_percent ?? 100;
    return held === undefined || percent === 100 ? [] : [{ name: `tier:${held.code}`, percent }];
  });

/**
 * A purchase, before it is booked: conditions see the member as it is now, limits when it occurred, dates and schedules
 * as the pricing says.
 */
export const purchaseOccasion = (
  draft: Draft,
  report: Omit<PurchaseRow['report'], 'lines'>,
  spread: SpreadPurchase,
  occurredAt: Instant,
  pricing: Pricing,
): Occasion => {
  const { rules, tiers, at } = pricing;
  const trigger = purchaseTrigger(report, spread, draft.state.totals.purchases + 1);
  const subject = pricedSubject(draft, pricing, trigger);
  const common = occasion(draft, occurredAt, subject, rules.setOffByPurchase);
  return {
    ...common,
    rules,
    at,
    purchase: earningPart(spread, report, rules.policies),
    tierMultipliers: tierMultipliers(rules, (scheme) => tiers[scheme]?.tier ?? null),
    reached: (rule) => timesReached(rule, milestoneBefore(draft, common.day, rule), spread.spend),
  };
};

/** Anything but a purchase. */
export const otherOccasion = (
  draft: Draft,
  at: Instant,
  trigger: Trigger | null,
  candidates: readonly CompiledEarnRule[],
): Occasion => ({
  ...occasion(draft, at, subjectAt(draft, at, trigger), candidates),
  purchase: null,
  tierMultipliers: [],
  reached: () => 0,
});

/** What of the member the conditions read, by label: kept with the decision, so that it can be explained later. */
export const valuesRead = (fields: readonly FieldRead[], subject: Subject): Record<string, unknown> => {
  const values: Record<string, unknown> = {};
  for (const { label, read } of fields) values[label] = read(subject) ?? null;
  return values;
};
