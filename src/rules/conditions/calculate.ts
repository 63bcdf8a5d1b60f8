import type { Calculation, NumberOperand } from '../../model/condition.ts';
import type { ConditionContext, Reader } from './field.ts';
import { readerOf } from './fields.ts';
import type { Subject } from './subject.ts';

/** What is beyond what is counted exactly is unknown. */
const bounded = (result: number): number | undefined => (Number.isSafeInteger(result) ? result : undefined);

/** Division truncates. Within 2^53 no quotient is near enough to the next integer to be rounded to it. */
const arithmetic: Record<Calculation, (a: number, b: number) => number | undefined> = {
  '+': (a, b) => bounded(a + b),
  '-': (a, b) => bounded(a - b),
  '*': (a, b) => bounded(a * b),
  '/': (a, b) => (b === 0 ? undefined : Math.trunc(a / b)),
};

/** What numbers alone come to: undefined where they come to nothing that is counted. */
export const calculate = (calc: Calculation, a: number, b: number): number | undefined => arithmetic[calc](a, b);

/** Reads a number, a field or a calculation. */
export const numberReader = (operand: NumberOperand, context: ConditionContext): Reader<Subject, number> => {
  if (typeof operand === 'number') return () => operand;
  if (!('calc' in operand)) return readerOf<number>(context, operand);
  const calculated = arithmetic[operand.calc];
  const [left, right] = [numberReader(operand.of[0], context), numberReader(operand.of[1], context)];
  return (subject, line) => {
    const a = left(subject, line);
    if (a === undefined) return undefined;
    const b = right(subject, line);
    return b === undefined ? undefined : calculated(a, b);
  };
};
