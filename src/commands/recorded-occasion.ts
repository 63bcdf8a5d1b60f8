import type { Occasion } from '../engine/contributions.ts';
import { earningPart } from '../engine/purchase-sums.ts';
import { purchaseTrigger } from '../engine/purchase-trigger.ts';
import { asRecorded } from '../engine/recorded-purchase.ts';
import { unbounded } from '../engine/rule-limits.ts';
import type { MemberProfile } from '../model/member.ts';
import type { MemberState } from '../model/member-state.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import type { Rules } from '../rules/rules.ts';

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
  const { shipping_counted, shipping_points_share: share } = facts;
  const ofShipping = share === undefined ? {} : { shipping_points_share: share };
  const spread = { lines: [...report.lines], shipping_counted, ...ofShipping, spend };
  return {
    rules,
    candidates: [asRecorded(rule, facts.fields ?? {})],
    subject: { ...member, now, today: calendar.dayOf(now), trigger: purchaseTrigger(report, spread, number) },
    at: facts.priced_at ?? at,
    day: calendar.dayOf(at),
    allowance: () => unbounded,
    purchase: earningPart(spread, report, rules.policies),
    tierMultipliers: [],
    // Whether a milestone was reached is not recorded, but what came of it is.
    reached: () => (facts.rules.some((fact) => fact.rule === rule.code) ? 1 : 0),
  };
};
