import type { Comparison, Condition, FieldReference, NumberOperand, Operator } from '../../model/condition.ts';
import { numberReader } from './calculate.ts';
import { compileCondition } from './compile.ts';
import type { ConditionContext, FieldValue } from './field.ts';
import { readerOf } from './fields.ts';
import { labelOf } from './label.ts';
import { sumOfLines } from './lines.ts';
import type { Subject } from './subject.ts';
import { childrenOf, referencesOf } from './walk.ts';

export type ExplainedResult = boolean | 'unknown';

/** How far a number is from what is needed. */
export interface Shortfall {
  readonly current: number;
  readonly needed: number;
  /** 0 where it is reached. */
  readonly missing: number;
}

/** Why a condition is true, false or unknown, clause by clause. */
export interface Explanation {
  readonly condition: Condition;
  readonly result: ExplainedResult;
  /** Whether it decided the result of the clause it is in. */
  readonly decisive: boolean;
  /** What a comparison read, by label. Instants are milliseconds and dates epoch days; null is absent. */
  readonly values: Readonly<Record<string, FieldValue | null>>;
  /** Labels of what was absent. */
  readonly missing: readonly string[];
  /** With `gte` and `gt` of numbers that are known. */
  readonly shortfall: Shortfall | null;
  readonly children: readonly Explanation[];
}

const explained = (answer: boolean | undefined): ExplainedResult => answer ?? 'unknown';

/** The same children whose result is the clause's made it what it is; of `not` there is but one. */
const decides = (parent: Condition, result: ExplainedResult, child: ExplainedResult): boolean =>
  'all' in parent || 'any' in parent ? child === result : true;

const shortfallOf = (op: Operator, current: number | undefined, bound: number | undefined): Shortfall | null => {
  if ((op !== 'gte' && op !== 'gt') || current === undefined || bound === undefined) return null;
  const needed = op === 'gt' ? bound + 1 : bound;
  return { current, needed, missing: Math.max(0, needed - current) };
};

const isNumber = (value: unknown): value is NumberOperand =>
  typeof value === 'number' || (typeof value === 'object' && value !== null && !Array.isArray(value));

/** The number on the left of a comparison, where it is one. */
const leftOf = (leaf: Condition, subject: Subject, context: ConditionContext): number | undefined => {
  if ('calc' in leaf) return numberReader(leaf, context)(subject);
  if ('field' in leaf) {
    const value = readerOf(context, leaf)(subject);
    return typeof value === 'number' ? value : undefined;
  }
  if (!('lines' in leaf) || leaf.lines !== 'sum') return undefined;
  return sumOfLines(leaf.measure, leaf.where === undefined ? null : compileCondition(leaf.where, context))(subject);
};

const valuesOf = (references: readonly FieldReference[], subject: Subject, context: ConditionContext) =>
  references.map((reference) => [labelOf(reference), readerOf(context, reference)(subject) ?? null] as const);

const explainLeaf = (leaf: Condition, subject: Subject, context: ConditionContext) => {
  const values = valuesOf(referencesOf(leaf), subject, context);
  const missing = values.filter(([, value]) => value === null).map(([label]) => label);
  const { op, value } = leaf as Comparison;
  const compares = (op === 'gte' || op === 'gt') && isNumber(value);
  const shortfall = compares
    ? shortfallOf(op, leftOf(leaf, subject, context), numberReader(value, context)(subject))
    : null;
  return { values: Object.fromEntries(values), missing: [...new Set(missing)], shortfall };
};

const nothingRead = { values: {}, missing: [], shortfall: null } as const;

/** Of conditions on lines, only the whole is explained: a purchase may have thousands. */
const explain = (condition: Condition, subject: Subject, context: ConditionContext, decisive: boolean): Explanation => {
  const result = explained(compileCondition(condition, context)(subject));
  const inner = 'lines' in condition ? [] : childrenOf(condition);
  const children = inner.map((child) => {
    const answer = explain(child, subject, context, false);
    return { ...answer, decisive: decides(condition, result, answer.result) };
  });
  const read = 'op' in condition ? explainLeaf(condition, subject, context) : nothingRead;
  return { condition, result, decisive, ...read, children };
};

/** Why a checked condition is true, false or unknown of a member. Some microseconds: for people, not for every write. */
export const explainCondition = (condition: Condition, subject: Subject, context: ConditionContext): Explanation =>
  explain(condition, subject, context, true);
