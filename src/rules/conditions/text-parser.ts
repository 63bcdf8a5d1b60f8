import type { Calculation, Condition } from '../../model/condition.ts';
import { LINE_MEASURES } from '../../model/condition.ts';
import type { Fault } from '../../model/problem.ts';
import { oneOf } from '../suggest.ts';
import { called, FUNCTIONS, isFunction } from './text-calls.ts';
import {
  accept,
  type Cursor,
  cursorAt,
  expectSymbol,
  expectText,
  fail,
  failHere,
  isSymbol,
  listed,
  nested,
  peek,
  take,
} from './text-cursor.ts';
import { FIELD_METHODS, fieldOf } from './text-fields.ts';
import { calculated, compared, conditionIn, isRelation, type Node, operandIn, related } from './text-nodes.ts';

/*
 * The text form of a condition, a strict subset of CEL, read by recursive descent:
 *
 *   or       = and { "||" and }
 *   and      = relation { "&&" relation }
 *   relation = sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" ) sum ]
 *   sum      = product { ( "+" | "-" ) product }
 *   product  = unary { ( "*" | "/" ) unary }
 *   unary    = "!" unary | "-" number | primary { "." method "(" or ")" }
 *   primary  = number | text | "true" | "false" | list | "(" or ")" | function "(" … ")" | lines | field
 *   lines    = "lines" "." ( ( "exists" | "all" ) "(" "line" "," or ")"
 *              | [ "filter" "(" "line" "," or ")" "." ] "sum" "(" text ")" )
 *
 * Parentheses that precedence does not need keep the tree: `(a && b) && c` is not `a && b && c`.
 */

/** Characters of a text at most. */
export const TEXT_CHARACTERS = 4_000;

const any = (cursor: Cursor): Node | null => joined(cursor, '||', all);
const all = (cursor: Cursor): Node | null => joined(cursor, '&&', relation);

const joined = (cursor: Cursor, symbol: '||' | '&&', part: (cursor: Cursor) => Node | null): Node | null => {
  const first = part(cursor);
  if (first === null || !isSymbol(peek(cursor), symbol)) return first;
  const conditions: Condition[] = [];
  for (let node: Node | null = first; node !== null; node = part(cursor)) {
    const condition = conditionIn(cursor, node);
    if (condition === null) return null;
    conditions.push(condition);
    const place = { start: first.start, end: node.end };
    if (!accept(cursor, symbol))
      return { ...place, is: 'condition', condition: symbol === '&&' ? { all: conditions } : { any: conditions } };
  }
  return null;
};

const relation = (cursor: Cursor): Node | null => {
  const left = sum(cursor);
  const token = peek(cursor);
  if (left === null || (token.kind !== 'symbol' && token.kind !== 'name') || !isRelation(token.written)) return left;
  take(cursor);
  const right = sum(cursor);
  return right === null ? null : related(cursor, left, token.written, right);
};

const chain = (cursor: Cursor, symbols: readonly Calculation[], part: (cursor: Cursor) => Node | null): Node | null => {
  let left = part(cursor);
  for (;;) {
    const symbol = symbols.find((known) => isSymbol(peek(cursor), known));
    if (left === null || symbol === undefined) return left;
    take(cursor);
    const right = part(cursor);
    left = right === null ? null : calculated(cursor, left, symbol, right);
  }
};

const sum = (cursor: Cursor): Node | null => chain(cursor, ['+', '-'], product);
const product = (cursor: Cursor): Node | null => chain(cursor, ['*', '/'], unary);

const unary = (cursor: Cursor): Node | null => {
  const token = peek(cursor);
  if (accept(cursor, '!')) {
    const node = nested(cursor, unary);
    const condition = node === null ? null : conditionIn(cursor, node);
    if (node === null || condition === null) return null;
    return { start: token.start, end: node.end, is: 'condition', condition: { not: condition } };
  }
  if (accept(cursor, '-')) {
    const number = peek(cursor);
    if (number.kind !== 'number') return failHere(cursor, 'a whole number');
    take(cursor);
    // Not `-0`: JSON knows it, nobody means it.
    return { start: token.start, end: number.end, is: 'literal', literal: 0 - number.value };
  }
  return methods(cursor, primary(cursor));
};

/** `.startsWith("a")` and `.contains("a")` after what has them. */
const methods = (cursor: Cursor, receiver: Node | null): Node | null => {
  if (receiver === null || !isSymbol(peek(cursor), '.')) return receiver;
  take(cursor);
  const name = peek(cursor);
  const known = Object.keys(FIELD_METHODS) as (keyof typeof FIELD_METHODS)[];
  const method = name.kind === 'name' ? known.find((one) => one === name.written) : undefined;
  if (method === undefined) return failHere(cursor, oneOf(name.kind === 'name' ? name.written : '', known));
  take(cursor);
  if (expectSymbol(cursor, '(') === null) return null;
  const argument = nested(cursor, any);
  const close = argument === null ? null : expectSymbol(cursor, ')');
  if (argument === null || close === null) return null;
  const value = operandIn(cursor, argument);
  const place = { start: receiver.start, end: close.end };
  return value === null ? null : compared(cursor, receiver, FIELD_METHODS[method], value, place);
};

const primary = (cursor: Cursor): Node | null => {
  const token = peek(cursor);
  switch (token.kind) {
    case 'number':
    case 'text':
      take(cursor);
      return { start: token.start, end: token.end, is: 'literal', literal: token.value };
    case 'name':
      return word(cursor, token.written);
    case 'symbol':
      if (token.written === '(') return parenthesised(cursor);
      if (token.written === '[') return list(cursor);
      break;
    default:
  }
  return failHere(cursor, 'a field, a value or a condition');
};

const parenthesised = (cursor: Cursor): Node | null => {
  const { start } = take(cursor);
  const inside = nested(cursor, any);
  const close = inside === null ? null : expectSymbol(cursor, ')');
  return inside === null || close === null ? null : { ...inside, start, end: close.end };
};

const element = (cursor: Cursor): string | number | null => {
  const node = unary(cursor);
  if (node === null) return null;
  const literal = node.is === 'literal' ? node.literal : true;
  return typeof literal === 'boolean' ? fail(cursor, node, 'a text or a whole number') : literal;
};

const list = (cursor: Cursor): Node | null => {
  const { start } = take(cursor);
  const items = nested(cursor, () => listed(cursor, ']', element));
  return items === null ? null : { start, end: peek(cursor, -1).end, is: 'list', list: items };
};

const word = (cursor: Cursor, name: string): Node | null => {
  const { start, end } = peek(cursor);
  if (name === 'in') return failHere(cursor, 'a field or a value');
  if (name === 'null') return failHere(cursor, '`has(…)` of a field, or `!(has(…))` where it shall be absent');
  take(cursor);
  if (name === 'true' || name === 'false') return { start, end, is: 'literal', literal: name === 'true' };
  if (isFunction(name) && accept(cursor, '(')) {
    const given = nested(cursor, () => listed(cursor, ')', any));
    return given === null ? null : called(cursor, name, given, { start, end: peek(cursor, -1).end });
  }
  if (name === 'lines' && isSymbol(peek(cursor), '.')) return lines(cursor, start);
  const field = fieldOf(cursor, name, { start, end }, FUNCTIONS);
  return field === null ? null : { start, end: peek(cursor, -1).end, is: 'field', field };
};

/** `line, condition)`: the name of the variable is always the same. */
const where = (cursor: Cursor): Condition | null => {
  const variable = peek(cursor);
  if (variable.kind !== 'name' || variable.written !== 'line') return failHere(cursor, '`line`');
  take(cursor);
  if (expectSymbol(cursor, ',') === null) return null;
  const node = any(cursor);
  const condition = node === null ? null : conditionIn(cursor, node);
  return condition === null || expectSymbol(cursor, ')') === null ? null : condition;
};

/** `.name(`: the next method of lines. */
const linesMethod = (cursor: Cursor, known: readonly string[]): string | null => {
  if (expectSymbol(cursor, '.') === null) return null;
  const name = peek(cursor);
  const method = name.kind === 'name' ? known.find((one) => one === name.written) : undefined;
  if (method === undefined) return failHere(cursor, oneOf(name.kind === 'name' ? name.written : '', known));
  take(cursor);
  return expectSymbol(cursor, '(') === null ? null : method;
};

const linesSum = (cursor: Cursor, start: number, filter: { where?: Condition }): Node | null => {
  const text = expectText(cursor, `one of ${LINE_MEASURES.map((one) => `"${one}"`).join(', ')}`);
  if (text === null) return null;
  const measure = LINE_MEASURES.find((one) => one === text.value);
  if (measure === undefined) return fail(cursor, text, oneOf(text.value, LINE_MEASURES));
  const close = expectSymbol(cursor, ')');
  return close === null ? null : { start, end: close.end, is: 'sum', sum: { lines: 'sum', measure, ...filter } };
};

const lines = (cursor: Cursor, start: number): Node | null => {
  const method = linesMethod(cursor, ['exists', 'all', 'filter', 'sum']);
  if (method === null) return null;
  if (method === 'sum') return linesSum(cursor, start, {});
  const condition = nested(cursor, where);
  if (condition === null) return null;
  if (method === 'filter')
    return linesMethod(cursor, ['sum']) === null ? null : linesSum(cursor, start, { where: condition });
  const quantifier = method === 'exists' ? 'some' : 'every';
  const { end } = peek(cursor, -1);
  return { start, end, is: 'condition', condition: { lines: quantifier, where: condition } };
};

const whole = (cursor: Cursor): Condition | null => {
  const node = any(cursor);
  if (node === null) return null;
  if (peek(cursor).kind !== 'end') return failHere(cursor, '`&&`, `||` or the end');
  return conditionIn(cursor, node);
};

/**
 * The tree of a text, or what is wrong with it. Only its form is looked at: whether there is such a field is for the
 * check of the tree. Never throws, whatever the text.
 */
export const parseConditionText = (
  text: string,
): { readonly condition: Condition } | { readonly faults: readonly Fault[] } => {
  if (text.length > TEXT_CHARACTERS) {
    const detail = `${text.length} characters`;
    return { faults: [{ pointer: '', code: 'too_long', detail, expected: `at most ${TEXT_CHARACTERS} characters` }] };
  }
  const cursor = cursorAt(text);
  const condition = whole(cursor);
  if (condition !== null) return { condition };
  return { faults: cursor.fault === null ? [] : [cursor.fault] };
};
