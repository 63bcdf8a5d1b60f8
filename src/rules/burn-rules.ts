import type { BurnRule } from '../model/burn-rule.ts';
import type { Configuration } from '../model/configuration.ts';
import { type Instant, parseInstant } from '../model/instant.ts';
import { type CompiledCondition, compiled } from './conditions/compiled.ts';
import type { ConditionContext } from './conditions/field.ts';
import { type LineMatcher, matchLines } from './line-filter.ts';
import { inForce } from './resources.ts';

export interface CompiledBurnRule {
  readonly code: string;
  readonly rule: BurnRule;
  readonly from: Instant;
  readonly until: Instant;
  /** Null: every line. */
  readonly matches: LineMatcher | null;
  /** Null: always true. */
  readonly condition: CompiledCondition | null;
}

const compileBurnRule = (code: string, rule: BurnRule, context: ConditionContext): CompiledBurnRule => ({
  code,
  rule,
  from: rule.from === null ? Number.NEGATIVE_INFINITY : parseInstant(rule.from),
  until: rule.until === null ? Number.POSITIVE_INFINITY : parseInstant(rule.until),
  matches: rule.lines === null ? null : matchLines(rule.lines),
  condition: rule.condition === null ? null : compiled(rule.condition, context),
});

/** The burn rules of a checked configuration that are in force, those of higher priority first, then by code. */
export const compileBurnRules = (configuration: Configuration, context: ConditionContext): CompiledBurnRule[] =>
  inForce(configuration.burn_rules)
    .map(([code, rule]) => compileBurnRule(code, rule, context))
    .sort((a, b) => b.rule.priority - a.rule.priority);
