import { compiled } from '../rules/conditions/compiled.ts';
import { recordedContext } from '../rules/conditions/recorded.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';

/** The rule with a condition that reads what was recorded with the purchase. */
export const asRecorded = (rule: CompiledEarnRule, values: Readonly<Record<string, unknown>>): CompiledEarnRule => {
  if (rule.condition === null) return rule;
  const { condition, context } = rule.condition;
  return { ...rule, condition: compiled(condition, recordedContext(condition, context, values)) };
};
