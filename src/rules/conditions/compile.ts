import type { Condition, Operand, Operator } from '../../model/condition.ts';
import { numberReader } from './calculate.ts';
import { compareList, compareNumber, compareNumbers, type Test } from './compare.ts';
import { compileComparison } from './compile-comparison.ts';
import type { ConditionContext, Reader } from './field.ts';
import { everyLine, someLine, sumOfLines } from './lines.ts';
import type { Subject } from './subject.ts';

/** True, false, or unknown (undefined). Only true matches. */
export type Matcher = Test<Subject>;

/** One that is `stop` decides; otherwise what is unknown leaves it unknown. */
const junction = (tests: readonly Matcher[], stop: boolean): Matcher => {
  const [first, second, ...others] = tests;
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined && second !== undefined && others.length === 0)
    return (subject, line) => {
      const a = first(subject, line);
      if (a === stop) return stop;
      const b = second(subject, line);
      return b === stop ? stop : a === undefined ? undefined : b;
    };
  const count = tests.length;
  return (subject, line) => {
    let unknown = false;
    for (let index = 0; index < count; index++) {
      const answer = (tests[index] as Matcher)(subject, line);
      if (answer === stop) return stop;
      if (answer === undefined) unknown = true;
    }
    return unknown ? undefined : !stop;
  };
};

const negation =
  (test: Matcher): Matcher =>
  (subject, line) => {
    const answer = test(subject, line);
    return answer === undefined ? undefined : !answer;
  };

/** A number that is calculated, compared with a number, a list, a field or another calculation. */
const compileCalculated = (
  op: Operator,
  read: Reader<Subject, number>,
  value: Operand,
  context: ConditionContext,
): Matcher => {
  if (typeof value === 'number') return compareNumber(op, read, value);
  if (Array.isArray(value)) return compareList(op, read, value as readonly number[]);
  if (typeof value !== 'object') throw new Error(`a number is compared with a ${typeof value}`);
  return compareNumbers(op, read, numberReader(value as Exclude<typeof value, readonly unknown[]>, context));
};

/** A checked condition as a function of the member. Throws where it was not checked against these fields. */
export const compileCondition = (condition: Condition, context: ConditionContext): Matcher => {
  const compile = (child: Condition): Matcher => compileCondition(child, context);
  if ('all' in condition) return junction(condition.all.map(compile), false);
  if ('any' in condition) return junction(condition.any.map(compile), true);
  if ('not' in condition) return negation(compile(condition.not));
  if ('field' in condition) return compileComparison(condition, context);
  if ('calc' in condition)
    return compileCalculated(condition.op, numberReader(condition, context), condition.value, context);
  const where = condition.where === undefined ? null : compile(condition.where);
  if (condition.lines === 'sum')
    return compileCalculated(condition.op, sumOfLines(condition.measure, where), condition.value, context);
  if (where === null) throw new Error('a condition on lines says nothing about them');
  return condition.lines === 'some' ? someLine(where) : everyLine(where);
};
