import type { Condition } from '../model/condition.ts';
import type { ConditionCheck } from '../model/condition-check.ts';
import type { Fault } from '../model/problem.ts';
import { type ConditionPlace, examineCondition } from './conditions/check.ts';
import { dependenciesOf } from './conditions/dependencies.ts';
import type { ConditionContext } from './conditions/field.ts';
import { lowerCondition } from './conditions/lower-text.ts';
import { conditionText } from './conditions/text.ts';
import { warningsOf } from './conditions/warnings.ts';
import { isDeeper, JSON_LEVELS } from './incoming-body.ts';

/** A condition that came by itself, outside of a configuration. */
export type DraftCondition =
  | { readonly condition: Condition; readonly faults: readonly []; readonly weight: number }
  | { readonly condition: null; readonly faults: readonly Fault[]; readonly weight: number };

/** Takes any JSON: text is lowered to its tree, and everything that is wrong is told. Never throws. */
export const draftCondition = (
  input: unknown,
  { fields, trigger }: ConditionContext,
  pointer: string,
): DraftCondition => {
  if (isDeeper(input, JSON_LEVELS)) {
    const detail = `over ${JSON_LEVELS} levels`;
    return { condition: null, faults: [{ pointer, code: 'too_deep', detail, expected: 'fewer levels' }], weight: 0 };
  }
  const lowered = lowerCondition(input, pointer);
  if (lowered.faults.length > 0) return { condition: null, faults: lowered.faults, weight: 0 };
  const place: ConditionPlace = { pointer, trigger };
  const { faults, weight } = examineCondition(lowered.value, fields, place);
  return faults.length > 0
    ? { condition: null, faults, weight }
    : { condition: lowered.value as Condition, faults: [], weight };
};

const invalid = (problems: readonly Fault[], weight: number): ConditionCheck => ({
  valid: false,
  problems: problems.map((fault) => ({ ...fault })),
  warnings: [],
  condition: null,
  text: null,
  dependencies: null,
  weight,
});

/** What is to be said of a condition: everything that is wrong with it, or what follows from it. */
export const checkDraftCondition = (input: unknown, context: ConditionContext, pointer: string): ConditionCheck => {
  const { condition, faults, weight } = draftCondition(input, context, pointer);
  if (condition === null) return invalid(faults, weight);
  const { fields, windows, wallets, schemes, segments, activities, person, time } = dependenciesOf(condition, context);
  return {
    valid: true,
    problems: [],
    warnings: warningsOf(condition, context, pointer).map((fault) => ({ ...fault })),
    condition,
    text: conditionText(condition),
    dependencies: {
      fields: [...fields],
      windows: [...windows],
      wallets: [...wallets],
      schemes: [...schemes],
      segments: [...segments],
      activities: [...activities],
      person,
      time,
    },
    weight,
  };
};
