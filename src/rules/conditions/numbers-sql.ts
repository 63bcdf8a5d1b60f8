import { type RawBuilder, sql } from 'kysely';
import type { Calculation, FieldReference, NumberOperand } from '../../model/condition.ts';

/* Numbers of a condition as SQL. Exact: calculations are numeric, and null beyond what the closures count exactly. */

export type Fragment = RawBuilder<unknown>;

const BEYOND = Number.MAX_SAFE_INTEGER + 1;

/** Null beyond 2^53. Written so that the number itself stands in it once: calculations nest. */
const bounded = (number: Fragment): Fragment =>
  sql`nullif(nullif(least(greatest(${number}, -${BEYOND}::numeric), ${BEYOND}::numeric), ${BEYOND}::numeric), -${BEYOND}::numeric)`;

const calculate = (calc: Calculation, left: Fragment, right: Fragment): Fragment => {
  switch (calc) {
    case '+':
      return sql`(${left} + ${right})`;
    case '-':
      return sql`(${left} - ${right})`;
    case '*':
      return sql`(${left} * ${right})`;
    case '/':
      return sql`div(${left}, nullif(${right}, 0))`;
  }
};

/** A number, a field or a calculation, as numeric. `fieldSql` says where fields stand. */
export const numberSql = (operand: NumberOperand, fieldSql: (reference: FieldReference) => Fragment): Fragment => {
  if (typeof operand === 'number') return sql`${operand}::numeric`;
  if (!('calc' in operand)) return sql`(${fieldSql(operand)})::numeric`;
  const [left, right] = operand.of;
  return bounded(calculate(operand.calc, numberSql(left, fieldSql), numberSql(right, fieldSql)));
};
