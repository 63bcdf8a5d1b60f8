import { explainEarning } from '../engine/explain-earning.ts';
import { allowanceOf } from '../engine/rule-limits.ts';
import type { RuleExplanation } from '../model/member-explanation.ts';
import type { RuleFact } from '../model/purchase.ts';
import { type Explanation, explainCondition } from '../rules/conditions/explain.ts';
import { explanationView } from '../rules/conditions/explanation-view.ts';
import type { ConditionContext } from '../rules/conditions/field.ts';
import { sentence } from '../rules/conditions/sentence.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import { type ExplanationWording, inEachLanguage, type RuleReason } from '../rules/explanation-wording.ts';
import { periodStart } from '../rules/periods.ts';
import type { Rules } from '../rules/rules.ts';
import { readBudget } from '../store/earn-budgets.ts';
import { rulesThatGranted } from '../store/entitlements.ts';
import { countPurchasesBefore, type ReadPurchase } from '../store/purchase-reads.ts';
import { type Explaining, rulesOf, subjectNow } from './explaining.ts';
import { recordedOccasion } from './recorded-occasion.ts';

interface Told {
  readonly purchase: string | null;
  readonly revision: number;
  readonly result: RuleExplanation['result'];
  readonly because: RuleReason | null;
  readonly fact: RuleFact | null;
  /** Whether it granted a reward. */
  readonly granted?: boolean;
  readonly explained: { readonly explanation: Explanation; readonly context: ConditionContext } | null;
}

const words = (rule: string, { result, because, fact, granted, explained }: Told) => {
  const first = (text: ExplanationWording): string => {
    const reason = because === null ? '' : text.reasons[because];
    switch (result) {
      case 'gave':
        if (granted) return text.granted(rule);
        return fact === null ? text.worked(rule) : text.gave(rule, fact.points);
      case 'gave_nothing':
        return text.gaveNothing(rule, reason);
      case 'would_give':
        return text.wouldGive(rule);
      case 'would_give_nothing':
        return text.wouldGiveNothing(rule, reason);
      default:
        return text.depends(rule);
    }
  };
  return inEachLanguage((text, locale) =>
    explained === null || (because !== null && because !== 'condition')
      ? first(text)
      : `${first(text)}${text.joint}${sentence(explained.explanation, locale)}`,
  );
};

const viewOf = (rule: string, told: Told): RuleExplanation => {
  const { purchase, revision, result, because, fact, explained } = told;
  return {
    rule,
    purchase,
    revision,
    result,
    because,
    points: fact?.points ?? null,
    counted: fact?.counted ?? null,
    limited_to: fact?.limited_to ?? null,
    multiplied: [...(fact?.multiplied ?? [])],
    condition: explained === null ? null : explanationView(explained.explanation, explained.context),
    sentence: words(rule, told),
  };
};

const isOfPurchases = ({ rule }: CompiledEarnRule): boolean =>
  rule.trigger === 'purchase' || rule.trigger === 'milestone';

/** A purchase as it was recorded, with what has to be looked up besides. */
interface Recorded {
  readonly purchase: ReadPurchase;
  readonly rules: Rules;
  /** Which of the member's purchases it was. */
  readonly number: number;
  /** Rules that granted a reward for it. */
  readonly granted: ReadonlySet<string>;
}

const recordedOf = async (explaining: Explaining, purchase: ReadPurchase): Promise<Recorded> => {
  const { database, program, found } = explaining;
  const rules = await rulesOf(explaining, purchase.facts.revision);
  const { member_id } = found.state;
  const [before, granted] = await database.transaction(program, async (tx) => [
    await countPurchasesBefore(tx, program, member_id, purchase.ordinal),
    await rulesThatGranted(tx, program, member_id, purchase.purchase_id),
  ]);
  return { purchase, rules, number: before + 1, granted: new Set(granted) };
};

const explainRecorded = ({ found }: Explaining, recorded: Recorded, rule: CompiledEarnRule): RuleExplanation => {
  const { purchase, rules, number } = recorded;
  const { facts } = purchase;
  const { code } = rule;
  const base = { purchase: purchase.purchase_id, revision: facts.revision, result: 'gave_nothing' } as const;
  const member = { state: found.state, person: found.row };
  const occasion = recordedOccasion(rules, rule, purchase, number, member);
  const condition = occasion.candidates[0]?.condition ?? null;
  const explained =
    condition === null
      ? null
      : {
          explanation: explainCondition(condition.condition, occasion.subject, condition.context),
          context: condition.context,
        };
  const granted = recorded.granted.has(code);
  const fact = facts.rules.find((one) => one.rule === code) ?? null;
  const worked = facts.rules.some(({ multiplied }) => multiplied?.includes(code));
  if (fact?.withheld !== undefined) return viewOf(code, { ...base, because: fact.withheld, fact, explained });
  if (granted || worked || (fact !== null && fact.points > 0))
    return viewOf(code, { ...base, result: 'gave', because: null, fact, granted, explained });
  if (facts.past === true) return viewOf(code, { ...base, because: 'past_purchase', fact, explained: null });
  const [verdict] = explainEarning(occasion);
  const otherwise: RuleReason = rule.rule.effect.type === 'multiplier' ? 'not_used' : 'too_little';
  const because = verdict === undefined || verdict.gave ? otherwise : verdict.because.kind;
  return viewOf(code, { ...base, because, fact, explained });
};

/** Why a rule gave, or did not, for a purchase: by the revision and the facts recorded with it. */
export const explainRuleOf = async (
  explaining: Explaining,
  code: string,
  purchase: ReadPurchase,
): Promise<RuleExplanation> => {
  const recorded = await recordedOf(explaining, purchase);
  const { revision } = purchase.facts;
  const base = { purchase: purchase.purchase_id, revision, result: 'gave_nothing' } as const;
  const rule = recorded.rules.earnRules.find((one) => one.code === code);
  if (rule === undefined) return viewOf(code, { ...base, because: 'not_in_force', fact: null, explained: null });
  if (!isOfPurchases(rule)) return viewOf(code, { ...base, because: 'other_trigger', fact: null, explained: null });
  return explainRecorded(explaining, recorded, rule);
};

/** The same of every rule that the purchase could set off, in the order of their codes. */
export const explainRulesOf = async (explaining: Explaining, purchase: ReadPurchase): Promise<RuleExplanation[]> => {
  const recorded = await recordedOf(explaining, purchase);
  return recorded.rules.earnRules
    .filter(isOfPurchases)
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map((rule) => explainRecorded(explaining, recorded, rule));
};

const budgetLeft = async ({ database, program, found }: Explaining, rule: CompiledEarnRule): Promise<number> => {
  const { budget } = rule.rule;
  if (budget === null) return Number.POSITIVE_INFINITY;
  const from = periodStart(budget.period, found.rules.calendar.dayOf(found.now));
  const wanted = { rule: rule.code, period: budget.period, from };
  return budget.points - (await database.transaction(program, (tx) => readBudget(tx, program, wanted)));
};

/** Whether a rule would give to the member now, as far as that does not depend on what sets it off. */
export const explainRuleNow = async (explaining: Explaining, code: string): Promise<RuleExplanation> => {
  const { found } = explaining;
  const { rules, now } = found;
  const base = { purchase: null, revision: rules.revision, fact: null } as const;
  const rule = rules.earnRules.find((one) => one.code === code);
  if (rule === undefined)
    return viewOf(code, { ...base, result: 'would_give_nothing', because: 'not_in_force', explained: null });
  const subject = subjectNow(found);
  const { condition } = rule;
  const explanation = condition === null ? null : explainCondition(condition.condition, subject, condition.context);
  const explained = condition === null || explanation === null ? null : { explanation, context: condition.context };
  const not = (because: RuleReason) => viewOf(code, { ...base, result: 'would_give_nothing', because, explained });
  if (now < rule.from || now >= rule.until) return not('dates');
  if (rule.scheduled !== null && !rule.scheduled(now)) return not('schedule');
  if (explanation?.result === false) return not('condition');
  const counts = found.state.limits?.[code];
  const left = allowanceOf(rule, counts, rules.calendar.dayOf(now), await budgetLeft(explaining, rule));
  if (left.kind !== 'allowance') return not(left.kind);
  // Only what is absent for want of a trigger may still come: what the member lacks does not.
  const isOpen = explanation?.result === 'unknown' && condition?.context.trigger !== 'none';
  if (explanation?.result === 'unknown' && !isOpen) return not('condition');
  const result = isOpen || rule.rule.lines !== null || rule.rule.trigger === 'milestone' ? 'depends' : 'would_give';
  return viewOf(code, { ...base, result, because: null, explained });
};
