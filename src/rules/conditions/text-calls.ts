import type { Condition, Operand, Operator } from '../../model/condition.ts';
import { type Cursor, fail } from './text-cursor.ts';
import { compared, conditionIn, type Node, operandIn } from './text-nodes.ts';
import type { Place } from './tokens.ts';

/** Functions that compare their first argument with their second, and the operators they stand for. */
export const COMPARING = {
  not_in: 'not_in',
  within_last: 'within_last',
  older_than: 'older_than',
  before: 'before',
  after: 'after',
  anniversary_within: 'anniversary_within',
  has_any: 'has_any',
} as const satisfies Partial<Record<Operator, Operator>>;

/** `all(x)` and `any(x)` say lists that `&&` and `||` cannot: those of one condition, or of none. */
export const FUNCTIONS = [...Object.keys(COMPARING), 'between', 'has', 'all', 'any'] as const;
export const isFunction = (name: string): boolean => FUNCTIONS.some((known) => known === name);

const isComparing = (name: string): name is keyof typeof COMPARING => Object.hasOwn(COMPARING, name);

const bound = (node: Node): node is Node & { is: 'literal'; literal: string | number } =>
  node.is === 'literal' && typeof node.literal !== 'boolean';

const between = (cursor: Cursor, given: readonly Node[], place: Place): Node | null => {
  const [left, lower, upper] = given;
  if (left === undefined || lower === undefined || upper === undefined || given.length > 3)
    return fail(cursor, place, 'what is compared, the lower bound and the upper bound');
  if (!bound(lower)) return fail(cursor, lower, 'a number or a text');
  if (!bound(upper)) return fail(cursor, upper, 'a number or a text');
  return compared(cursor, left, 'between', [lower.literal, upper.literal], place);
};

const exists = (cursor: Cursor, given: readonly Node[], place: Place): Node | null => {
  const [field] = given;
  if (field?.is !== 'field' || given.length > 1) return fail(cursor, field ?? place, 'one field');
  return { ...place, is: 'condition', condition: { ...field.field, op: 'exists' } };
};

const group = (cursor: Cursor, key: 'all' | 'any', given: readonly Node[], place: Place): Node | null => {
  const conditions: Condition[] = [];
  for (const node of given) {
    const condition = conditionIn(cursor, node);
    if (condition === null) return null;
    conditions.push(condition);
  }
  return { ...place, is: 'condition', condition: key === 'all' ? { all: conditions } : { any: conditions } };
};

/** What a function of these arguments is. `place` is the whole call. */
export const called = (cursor: Cursor, name: string, given: readonly Node[], place: Place): Node | null => {
  if (name === 'all' || name === 'any') return group(cursor, name, given, place);
  if (name === 'between') return between(cursor, given, place);
  if (name === 'has') return exists(cursor, given, place);
  const [left, right] = given;
  if (!isComparing(name) || left === undefined || right === undefined || given.length > 2)
    return fail(cursor, place, 'what is compared, and what it is compared with');
  const value: Operand | null = operandIn(cursor, right);
  return value === null ? null : compared(cursor, left, COMPARING[name], value, place);
};
