import type { EpochDay, Instant } from '../model/instant.ts';
import type { RecordPurchase } from '../model/purchase.ts';
import type { Subject, Trigger } from '../rules/conditions/subject.ts';
import type { CompiledEarnRule, FieldRead } from '../rules/earn-rules.ts';
import type { Occasion } from './contributions.ts';
import type { Draft } from './draft.ts';
import type { SpreadPurchase } from './purchase-sums.ts';
import { subjectAt } from './subject.ts';
import { firstDayOf } from './totals.ts';

/** The purchase as conditions see it. The state does not have it yet. */
const purchaseTrigger = (draft: Draft, report: RecordPurchase, spread: SpreadPurchase): Trigger => ({
  kind: 'purchase',
  spend: spread.spend,
  total: report.total,
  discount: report.discount ?? 0,
  shipping: report.shipping ?? 0,
  channel: report.channel ?? null,
  store: report.store ?? null,
  number: draft.state.totals.purchases + 1,
  lines: spread.lines.map((line) => ({
    sku: line.sku,
    categories: line.categories,
    quantity: line.quantity,
    unit_price: line.unit_price,
    spend: line.counted,
  })),
  context: report.context ?? {},
});

/** How many multiples of `every` lie above what there was and not above what there is then. */
const passed = (before: number, more: number, every: number): number =>
  Math.floor((before + more) / every) - Math.floor(before / every);

/** A purchase that lies before the window reaches nothing in it. */
const reachedBy =
  (draft: Draft, day: EpochDay, spend: number) =>
  ({ rule: { milestone } }: CompiledEarnRule): number => {
    if (milestone === null) return 0;
    const { state } = draft;
    const { window } = milestone;
    if (window !== null && day < firstDayOf(state, window, state.day)) return 0;
    const before = window === null ? state.totals : (state.windows[window] ?? state.totals);
    return milestone.every_purchases !== null
      ? passed(before.purchases, 1, milestone.every_purchases)
      : passed(before.spend, spend, milestone.every_spend ?? Number.POSITIVE_INFINITY);
  };

const budgetLeftOf =
  (draft: Draft) =>
  ({ code, rule: { budget } }: CompiledEarnRule): number => {
    const used = draft.budgetsUsed.get(code);
    if (budget === null || used === undefined) return 0;
    return budget.points - used - (draft.budgets.get(code) ?? 0);
  };

const occasion = (
  draft: Draft,
  at: Instant,
  subject: Subject,
  candidates: readonly CompiledEarnRule[],
): Omit<Occasion, 'purchase' | 'tierMultipliers' | 'reached'> => ({
  rules: draft.rules,
  candidates,
  subject,
  at,
  day: draft.rules.calendar.dayOf(at),
  counts: draft.state.limits ?? {},
  budgetLeft: budgetLeftOf(draft),
});

/** A purchase, before it is booked: conditions see the member as they are now, schedules and limits when it occurred. */
export const purchaseOccasion = (
  draft: Draft,
  report: RecordPurchase,
  spread: SpreadPurchase,
  occurredAt: Instant,
): Occasion => {
  const { rules, state } = draft;
  const subject = subjectAt(draft, draft.now, purchaseTrigger(draft, report, spread));
  const common = occasion(draft, occurredAt, subject, rules.setOffByPurchase);
  return {
    ...common,
    purchase: spread,
    tierMultipliers: rules.schemes.flatMap((scheme) => {
      const held = scheme.tiers.find(({ code }) => code === state.tiers[scheme.code]?.tier);
      const percent = held?.tier.benefits?.multiplier_percent ?? 100;
      return held === undefined || percent === 100 ? [] : [{ name: `tier:${held.code}`, percent }];
    }),
    reached: reachedBy(draft, common.day, spread.spend),
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
