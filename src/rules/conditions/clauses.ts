import type { Comparison, Condition } from '../../model/condition.ts';
import { compileCondition, type Matcher } from './compile.ts';
import type { ConditionContext } from './field.ts';
import { fieldOf, readerOf } from './fields.ts';
import type { Subject } from './subject.ts';
import { conditionText } from './text.ts';
import { fieldText } from './text-fields.ts';

/** A part of a condition that can be pointed at when it is not true: what `all` and `any` are made of. */
export interface CompiledClause {
  readonly text: string;
  readonly test: Matcher;
  /** Where the clause is a number to be reached: which, how much is needed, and how much there is. */
  readonly goal: {
    readonly field: string;
    readonly needed: number;
    readonly current: (subject: Subject) => number;
  } | null;
}

const partsOf = (condition: Condition): Condition[] => {
  if ('all' in condition) return condition.all.flatMap(partsOf);
  if ('any' in condition) return condition.any.flatMap(partsOf);
  return [condition];
};

const goalOf = (part: Condition, context: ConditionContext): CompiledClause['goal'] => {
  if (!('field' in part)) return null;
  const comparison: Comparison = part;
  const { op, value } = comparison;
  if ((op !== 'gte' && op !== 'gt') || typeof value !== 'number') return null;
  if (fieldOf(context, comparison).type !== 'integer') return null;
  const read = readerOf<number>(context, comparison);
  return {
    field: fieldText(comparison),
    needed: op === 'gt' ? value + 1 : value,
    current: (subject) => read(subject) ?? 0,
  };
};

/** The clauses of a condition, in its order. */
export const compileClauses = (condition: Condition, context: ConditionContext): CompiledClause[] =>
  partsOf(condition).map((part) => ({
    text: conditionText(part),
    test: compileCondition(part, context),
    goal: goalOf(part, context),
  }));
