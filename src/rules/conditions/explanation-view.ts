import type { FieldReference } from '../../model/condition.ts';
import type { ExplainedClause, Sentence } from '../../model/explanation.ts';
import { dayText, instantText } from '../../model/instant.ts';
import type { Explanation } from './explain.ts';
import type { ConditionContext, FieldType, FieldValue } from './field.ts';
import { fieldOf } from './fields.ts';
import { labelOf } from './label.ts';
import { sentence } from './sentence.ts';
import { conditionText } from './text.ts';
import { fieldText } from './text-fields.ts';
import { referencesOf } from './walk.ts';

/** A value as JSON has it elsewhere: instants and dates as text. */
export const shownValue = (type: FieldType, value: FieldValue | null): unknown => {
  if (typeof value !== 'number') return value;
  if (type === 'instant') return instantText(value);
  return type === 'date' ? dayText(value) : value;
};

/** An explanation as the API shows it. */
export const explanationView = (explanation: Explanation, context: ConditionContext): ExplainedClause => {
  const { condition, result, decisive, values, missing, shortfall, children } = explanation;
  const read = referencesOf(condition).map((reference) => [labelOf(reference), reference] as const);
  const shown = ([label, reference]: readonly [string, FieldReference]) =>
    [fieldText(reference), shownValue(fieldOf(context, reference).type, values[label] ?? null)] as const;
  return {
    clause: conditionText(condition),
    result: `${result}`,
    decisive,
    values: Object.fromEntries(read.map(shown)),
    absent: [
      ...new Set(read.filter(([label]) => missing.includes(label)).map(([, reference]) => fieldText(reference))),
    ],
    shortfall,
    clauses: children.map((child) => explanationView(child, context)),
  };
};

/** The clauses that decided, in words, in each language. */
export const sentencesOf = (explanation: Explanation): Sentence => ({
  en: sentence(explanation, 'en'),
  fr: sentence(explanation, 'fr'),
});
