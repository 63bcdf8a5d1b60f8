import type { Condition, FieldReference, Window } from '../model/condition.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Life } from '../model/earn-limits.ts';
import { EARN_TRIGGERS, type EarnRule, type EarnTrigger, earnRuleDefaults } from '../model/earn-rule.ts';
import { type Instant, parseInstant } from '../model/instant.ts';
import type { Calendar } from './calendar.ts';
import { type CompiledCondition, compiled } from './conditions/compiled.ts';
import type { ConditionContext, FieldValue, Reader, TriggerScope } from './conditions/field.ts';
import { fieldOf, readerOf } from './conditions/fields.ts';
import type { Subject } from './conditions/subject.ts';
import { fieldText } from './conditions/text-fields.ts';
import { leavesOf, referencesOf } from './conditions/walk.ts';
import { type LineMatcher, matchLines } from './line-filter.ts';
import { inForce } from './resources.ts';
import { compileSchedule } from './schedule.ts';

export interface CompiledEarnRule {
  readonly code: string;
  readonly rule: EarnRule;
  readonly from: Instant;
  readonly until: Instant;
  /** Null: every line. */
  readonly matches: LineMatcher | null;
  /** Null: always true. */
  readonly condition: CompiledCondition | null;
  /** Null: always. */
  readonly scheduled: ((at: Instant) => boolean) | null;
  /** Null: as the wallet says. */
  readonly life: Life | null;
}

/** A value of the member that rules read, by its label. */
export interface FieldRead {
  readonly label: string;
  readonly read: Reader<Subject, FieldValue>;
}

/** The earn rules in force, those of higher priority first, then by code. */
export interface EarnRules {
  readonly earnRules: readonly CompiledEarnRule[];
  readonly earnRulesOf: Readonly<Record<EarnTrigger, readonly CompiledEarnRule[]>>;
  /** Those that a purchase sets off: milestones are looked at then. */
  readonly setOffByPurchase: readonly CompiledEarnRule[];
  /** What of the member the rules of each trigger read, each once. What they read of the trigger is kept with it. */
  readonly fieldsReadBy: Readonly<Record<EarnTrigger, readonly FieldRead[]>>;
  /** Rules with a budget, by code. */
  readonly budgeted: readonly CompiledEarnRule[];
  readonly earnConditions: readonly CompiledCondition[];
  readonly milestoneWindows: readonly Window[];
}

/** A stored rule with everything it does not say: revisions keep rules as they were written. */
export const wholeEarnRule = (stored: EarnRule): EarnRule => ({
  ...earnRuleDefaults,
  ...stored,
  limits: stored.limits ?? [],
});

/** What a rule's condition can read besides the member. */
export const scopeOf = ({ trigger, activity }: EarnRule): TriggerScope =>
  trigger === 'purchase' || trigger === 'milestone'
    ? 'purchase'
    : trigger === 'activity' && activity !== null
      ? { activity }
      : trigger === 'referral.qualified'
        ? { activity: 'referral' }
        : 'none';

type Context = Omit<ConditionContext, 'trigger'>;

const compileEarnRule = (code: string, rule: EarnRule, zone: string, context: Context): CompiledEarnRule => ({
  code,
  rule,
  from: rule.from === null ? Number.NEGATIVE_INFINITY : parseInstant(rule.from),
  until: rule.until === null ? Number.POSITIVE_INFINITY : parseInstant(rule.until),
  matches: rule.lines === null ? null : matchLines(rule.lines),
  condition: rule.condition === null ? null : compiled(rule.condition, { ...context, trigger: scopeOf(rule) }),
  scheduled: rule.schedule === null ? null : compileSchedule(rule.schedule, context.calendar, zone),
  life: rule.life,
});

const fieldsReadBy = (rules: readonly CompiledEarnRule[], context: Context): FieldRead[] => {
  const read = new Map<string, FieldRead>();
  const add = (reference: FieldReference, trigger: TriggerScope): void => {
    const place = { ...context, trigger };
    const label = fieldText(reference);
    if (!read.has(label) && fieldOf(place, reference).subject === 'member')
      read.set(label, { label, read: readerOf(place, reference) });
  };
  for (const { rule } of rules)
    for (const leaf of rule.condition === null ? [] : leavesOf(rule.condition as Condition))
      for (const reference of referencesOf(leaf)) add(reference, scopeOf(rule));
  return [...read.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
};

const byTrigger = <T>(value: (trigger: EarnTrigger) => T): Record<EarnTrigger, T> =>
  Object.fromEntries(EARN_TRIGGERS.map((trigger) => [trigger, value(trigger)])) as Record<EarnTrigger, T>;

/** Compiles the earn rules of a checked configuration. */
export const compileEarnRules = (
  configuration: Configuration,
  zone: string,
  context: { readonly fields: ConditionContext['fields']; readonly calendar: Calendar },
): EarnRules => {
  const earnRules = inForce(configuration.earn_rules)
    .map(([code, stored]) => compileEarnRule(code, wholeEarnRule(stored), zone, context))
    .sort((a, b) => b.rule.priority - a.rule.priority);
  const earnRulesOf = byTrigger((trigger) => earnRules.filter(({ rule }) => rule.trigger === trigger));
  const setOffByPurchase = earnRules.filter(({ rule }) => rule.trigger === 'purchase' || rule.trigger === 'milestone');
  const together = { ...earnRulesOf, purchase: setOffByPurchase };
  return {
    earnRules,
    earnRulesOf,
    setOffByPurchase,
    fieldsReadBy: byTrigger((trigger) => fieldsReadBy(together[trigger], context)),
    budgeted: earnRules.filter(({ rule }) => rule.budget !== null).sort((a, b) => (a.code < b.code ? -1 : 1)),
    earnConditions: earnRules.flatMap(({ condition }) => condition ?? []),
    milestoneWindows: earnRulesOf.milestone.flatMap(({ rule }) => rule.milestone?.window ?? []),
  };
};
