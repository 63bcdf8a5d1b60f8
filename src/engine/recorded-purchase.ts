import type { PurchaseRow } from '../model/purchase.ts';
import { compiled } from '../rules/conditions/compiled.ts';
import { recordedContext } from '../rules/conditions/recorded.ts';
import type { Trigger } from '../rules/conditions/subject.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';

/** A recorded purchase as conditions saw it. */
export const recordedTrigger = ({ report, spend, total }: PurchaseRow, number: number): Trigger => ({
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
export const asRecorded = (rule: CompiledEarnRule, values: Readonly<Record<string, unknown>>): CompiledEarnRule => {
  if (rule.condition === null) return rule;
  const { condition, context } = rule.condition;
  return { ...rule, condition: compiled(condition, recordedContext(condition, context, values)) };
};
