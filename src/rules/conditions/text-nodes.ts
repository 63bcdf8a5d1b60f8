import type {
  Calc,
  Calculation,
  Condition,
  FieldReference,
  LineMeasure,
  NumberOperand,
  Operand,
  Operator,
} from '../../model/condition.ts';
import { type Cursor, fail } from './text-cursor.ts';
import type { Place } from './tokens.ts';

/** What lines add up to, before it is compared. */
export interface LinesSum {
  readonly lines: 'sum';
  readonly measure: LineMeasure;
  readonly where?: Condition;
}

/** A part of a text once it is read: whether it may stand where it does depends on what it is. */
export type Node = Place &
  (
    | { readonly is: 'condition'; readonly condition: Condition }
    | { readonly is: 'literal'; readonly literal: string | number | boolean }
    | { readonly is: 'list'; readonly list: readonly (string | number)[] }
    | { readonly is: 'field'; readonly field: FieldReference }
    | { readonly is: 'calc'; readonly calc: Calc }
    | { readonly is: 'sum'; readonly sum: LinesSum }
  );

const over = (first: Place, last: Place): Place => ({ start: first.start, end: last.end });

export const conditionIn = (cursor: Cursor, node: Node): Condition | null =>
  node.is === 'condition' ? node.condition : fail(cursor, node, 'a condition, for instance `spend > 100`');

export const operandIn = (cursor: Cursor, node: Node): Operand | null => {
  switch (node.is) {
    case 'literal':
      return node.literal;
    case 'list':
      return node.list;
    case 'field':
      return node.field;
    case 'calc':
      return node.calc;
    case 'sum':
    case 'condition':
      return fail(cursor, node, 'a value, a field or a calculation');
    default:
      return node satisfies never;
  }
};

const numberIn = (cursor: Cursor, node: Node): NumberOperand | null => {
  if (node.is === 'literal' && typeof node.literal === 'number') return node.literal;
  if (node.is === 'field') return node.field;
  return node.is === 'calc' ? node.calc : fail(cursor, node, 'a whole number, a field or a calculation');
};

/** `left + right`, both of them numbers. */
export const calculated = (cursor: Cursor, left: Node, calc: Calculation, right: Node): Node | null => {
  const first = numberIn(cursor, left);
  const second = numberIn(cursor, right);
  if (first === null || second === null) return null;
  return { ...over(left, right), is: 'calc', calc: { calc, of: [first, second] } };
};

/** What is on the left compared with a value: a field, a calculation, a sum over lines. */
export const compared = (cursor: Cursor, left: Node, op: Operator, value: Operand, place: Place): Node | null => {
  const { start, end } = place;
  switch (left.is) {
    case 'field':
      return { start, end, is: 'condition', condition: { ...left.field, op, value } };
    case 'calc':
      return { start, end, is: 'condition', condition: { ...left.calc, op, value } };
    case 'sum':
      return { start, end, is: 'condition', condition: { ...left.sum, op, value } };
    default:
      return fail(cursor, left, 'a field, a calculation or a sum over lines, and what it is compared with after it');
  }
};

const RELATIONS = { '==': 'eq', '!=': 'ne', '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte', in: 'in' } as const;
export type Relation = keyof typeof RELATIONS;
export const isRelation = (written: string): written is Relation => Object.hasOwn(RELATIONS, written);

/** `left >= right`; `"a" in field` is `has`, `field in ["a"]` is `in`. */
export const related = (cursor: Cursor, left: Node, relation: Relation, right: Node): Node | null => {
  const place = over(left, right);
  if (relation !== 'in' || right.is === 'list') {
    const value = operandIn(cursor, right);
    return value === null ? null : compared(cursor, left, RELATIONS[relation], value, place);
  }
  if (left.is !== 'literal') return fail(cursor, right, 'a list, for instance `["a", "b"]`');
  if (right.is === 'field') return compared(cursor, right, 'has', left.literal, place);
  return fail(cursor, right, 'a list, or a field that is a set');
};
