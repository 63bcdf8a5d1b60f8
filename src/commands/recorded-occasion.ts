import type { Occasion } from '../engine/contributions.ts';
import type { MemberProfile } from '../model/member.ts';
import type { MemberState } from '../model/member-state.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import { compiled } from '../rules/conditions/compiled.ts';
import { recordedContext } from '../rules/conditions/recorded.ts';
import type { Trigger } from '../rules/conditions/subject.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import type { Rules } from '../rules/rules.ts';

/** A recorded purchase as conditions saw it. */
const triggerOf = ({ report, spend, total }: PurchaseRow, number: number): Trigger => ({
  kind: 'purchase',
  spend,
  total,
  discount: report.discount ?? 0,
  shipping: report.shipping ?? 0,
  channel: report.channel ?? null,
  store: report.store ?? null,
  number,
  lines: report.lines.map(({ sku, categories, quantity, unit_price, counted }) => ({
    sku,
    categories,
    quantity,
    unit_price,
    spend: counted,
  })),
  context: report.context ?? {},
});

/** The rule with a condition that reads what was recorded with the purchase. */
const asRecorded = (rule: CompiledEarnRule, values: Readonly<Record<string, unknown>>): CompiledEarnRule => {
  if (rule.condition === null) return rule;
  const { condition, context } = rule.condition;
  return { ...rule, condition: compiled(condition, recordedContext(condition, context, values)) };
};

/**
 * The occasion a purchase was for one rule, as far as it was recorded: the report, and what of the member conditions
 * read. What limits and budgets had left is not; what they withheld stands with the purchase.
 */
export const recordedOccasion = (
  rules: Rules,
  rule: CompiledEarnRule,
  purchase: PurchaseRow,
  number: number,
  member: { readonly state: MemberState; readonly person: MemberProfile },
): Occasion => {
  const { calendar } = rules;
  const { report, facts, spend, occurred_at: at, recorded_at: now } = purchase;
  return {
    rules,
    candidates: [asRecorded(rule, facts.fields ?? {})],
    subject: { ...member, now, today: calendar.dayOf(now), trigger: triggerOf(purchase, number) },
    at,
    day: calendar.dayOf(at),
    counts: {},
    budgetLeft: () => Number.POSITIVE_INFINITY,
    purchase: { lines: [...report.lines], shipping_counted: facts.shipping_counted, spend },
    tierMultipliers: [],
    // Whether a milestone was reached is not recorded, but what came of it is.
    reached: () => (facts.rules.some((fact) => fact.rule === rule.code) ? 1 : 0),
  };
};
