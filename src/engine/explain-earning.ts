import type { RuleFact } from '../model/purchase.ts';
import { type Explanation, explainCondition } from '../rules/conditions/explain.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import { type Because, type Occasion, weigh } from './contributions.ts';
import { type Earnings, earningsOf } from './earnings.ts';

/** Why a rule gives nothing; with a condition, clause by clause. */
export type NotBecause =
  | Exclude<Because, { kind: 'condition' }>
  | { readonly kind: 'condition'; readonly explanation: Explanation }
  /** A multiplier found nothing to work on, or another one counted instead of it. */
  | { readonly kind: 'not_used' }
  /** What it would give comes to less than a point. */
  | { readonly kind: 'too_little' };

/** What one rule gave, or why it did not. */
export type RuleVerdict =
  | {
      readonly rule: string;
      readonly gave: true;
      readonly points: number;
      readonly rewards: number;
      readonly fact: RuleFact | null;
    }
  | { readonly rule: string; readonly gave: false; readonly because: NotBecause };

const whyNot = (occasion: Occasion, { condition }: CompiledEarnRule, because: Because): NotBecause =>
  because.kind !== 'condition'
    ? because
    : condition === null
      ? { kind: 'not_used' }
      : {
          kind: 'condition',
          explanation: explainCondition(condition.condition, occasion.subject, condition.context),
        };

const verdictOf = (occasion: Occasion, found: Earnings, rule: CompiledEarnRule): RuleVerdict => {
  const { code } = rule;
  const weighed = weigh(occasion, rule);
  const because = found.against.get(code) ?? (weighed.kind === 'contribution' ? undefined : weighed);
  if (because !== undefined) return { rule: code, gave: false, because: whyNot(occasion, rule, because) };
  const fact = found.facts.find((item) => item.rule === code) ?? null;
  const points = fact?.points ?? 0;
  const rewards = found.rewards.find((item) => item.rule === rule)?.times ?? 0;
  const works = found.facts.some(({ multiplied }) => multiplied?.includes(code));
  if (points > 0 || rewards > 0 || works) return { rule: code, gave: true, points, rewards, fact };
  const kind = rule.rule.effect.type === 'multiplier' ? 'not_used' : 'too_little';
  return { rule: code, gave: false, because: { kind } };
};

/**
 * Of every rule in force that the occasion could set off: what it gives, or why it gives nothing. Pure, and the same
 * computation as giving: told before a purchase or in place of one, nothing is booked.
 */
export const explainEarning = (occasion: Occasion): RuleVerdict[] => {
  const found = earningsOf(occasion);
  return occasion.candidates.map((rule) => verdictOf(occasion, found, rule));
};
