import type { Condition } from '../../model/condition.ts';
import { shownValue } from './explanation-view.ts';
import type { ConditionContext, ConditionField, FieldValue } from './field.ts';
import { fieldOf } from './fields.ts';
import { fieldText } from './text-fields.ts';
import { leavesOf, referencesOf } from './walk.ts';

/* What was read when something was decided, and kept with it: by field in text form, as readers gave it. */

export type RecordedValues = Readonly<Record<string, unknown>>;

/** Recorded values as JSON shows them elsewhere. Those of fields that are known no more stay as they were kept. */
export const shownFacts = (
  values: RecordedValues,
  conditions: readonly Condition[],
  context: ConditionContext,
): Record<string, unknown> => {
  const types = new Map(
    conditions
      .flatMap(leavesOf)
      .flatMap(referencesOf)
      .map((reference) => [fieldText(reference), fieldOf(context, reference).type]),
  );
  return Object.fromEntries(
    Object.entries(values).map(([text, value]) => {
      const type = types.get(text);
      return [text, type === undefined ? value : shownValue(type, value as FieldValue | null)];
    }),
  );
};

const recordedField = (field: ConditionField, values: RecordedValues): ConditionField => {
  if (field.subject !== 'member') return field;
  const { has: _has, ofTotals: _ofTotals, ...rest } = field;
  return { ...rest, read: (reference) => () => (values[fieldText(reference)] ?? undefined) as FieldValue | undefined };
};

/** The same fields, those of the member that a condition names reading what was recorded. What was not is absent. */
export const recordedContext = (
  condition: Condition,
  context: ConditionContext,
  values: RecordedValues,
): ConditionContext => {
  const named = leavesOf(condition)
    .flatMap(referencesOf)
    .map((reference) => fieldOf(context, reference))
    .map((field) => [field.name, recordedField(field, values)] as const);
  return { ...context, fields: { ...context.fields, byName: new Map([...context.fields.byName, ...named]) } };
};
