import type { Comparison, Condition, FieldReference, Operand, Operator } from '../../model/condition.ts';
import { dayText, instantText } from '../../model/instant.ts';
import type { Explanation } from './explain.ts';
import type { FieldValue } from './field.ts';
import { labelOf } from './label.ts';
import { type Locale, type Wording, wordings } from './wording.ts';

const opposites: Readonly<Partial<Record<Operator, Operator>>> = {
  eq: 'ne',
  ne: 'eq',
  in: 'not_in',
  not_in: 'in',
  lt: 'gte',
  gte: 'lt',
  gt: 'lte',
  lte: 'gt',
};

const INSTANT_OPERATORS: ReadonlySet<Operator> = new Set(['within_last', 'older_than']);
const DATE = /^\d{4}-\d\d-\d\d$/;

const subjectOf = (reference: FieldReference, words: Wording): string => {
  const { field, window, wallet, scheme, activity } = reference;
  const parameters = [activity, wallet, scheme].filter((parameter) => parameter !== undefined);
  const name = `${words.fields[field] ?? field}${parameters.length === 0 ? '' : ` (${parameters.join(', ')})`}`;
  return window === undefined ? name : `${name} ${words.over(window)}`;
};

/** What is expected tells how a number is to be written: instants are compared with instants. */
const valueText = (value: FieldValue, { op, value: expected }: Comparison, words: Wording): string => {
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (op === 'exists') return words.yes;
  if (Array.isArray(value)) return value.length === 0 ? words.nothing : value.join(', ');
  if (typeof value !== 'number') return `${value}`;
  if (op === 'anniversary_within') return dayText(value);
  if (INSTANT_OPERATORS.has(op)) return instantText(value);
  if (op === 'before' || op === 'after')
    return typeof expected === 'string' && DATE.test(expected) ? dayText(value) : instantText(value);
  return `${value}`;
};

const operandText = (value: Operand | undefined, op: Operator, words: Wording): string => {
  if (value === undefined) return '';
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (Array.isArray(value)) return value.join(op === 'between' ? ` ${words.and} ` : ', ');
  if (typeof value !== 'object') return `${value}`;
  return 'field' in value ? subjectOf(value, words) : words.calculated;
};

const neededText = (comparison: Comparison, positive: boolean, words: Wording): string => {
  const { op, value } = comparison;
  const text = operandText(value, op, words);
  if (positive) return words.needed(op, text);
  const opposite = opposites[op];
  return opposite === undefined ? words.opposite(words.needed(op, text)) : words.needed(opposite, text);
};

const subjectOfLeaf = (condition: Condition, words: Wording): string => {
  if ('field' in condition) return subjectOf(condition, words);
  return 'calc' in condition ? words.calculated : words.sum;
};

const factOf = ({ condition, values, shortfall, result }: Explanation, words: Wording): string => {
  const subject = subjectOfLeaf(condition, words);
  if ('field' in condition) {
    const value = values[labelOf(condition)] ?? null;
    return value === null ? words.absent(subject) : words.is(subject, valueText(value, condition, words));
  }
  if (shortfall !== null) return words.is(subject, `${shortfall.current}`);
  return result === 'unknown' ? words.unknown(subject) : words.is(subject, `${result ? words.yes : words.no}`);
};

/** One comparison: what is, and what is needed. Below `not` the opposite is needed. */
const leafText = (explanation: Explanation, positive: boolean, words: Wording): string => {
  const { condition, shortfall, result } = explanation;
  if (!('op' in condition)) return words.lines(result);
  const text = `${factOf(explanation, words)}, ${neededText(condition as Comparison, positive, words)}`;
  const short = positive && shortfall !== null && shortfall.missing > 0;
  return short ? `${text}${words.missing(`${shortfall.missing}`)}` : text;
};

const leavesText = (explanation: Explanation, positive: boolean, words: Wording): string[] => {
  const { condition, children } = explanation;
  if (children.length === 0) return [leafText(explanation, positive, words)];
  const below = 'not' in condition ? !positive : positive;
  return children.filter(({ decisive }) => decisive).flatMap((child) => leavesText(child, below, words));
};

/** The clauses that decided, in words: `spend over 365 days is 41200, 50000 needed: 8800 missing`. */
export const sentence = (explanation: Explanation, locale: Locale): string =>
  leavesText(explanation, true, wordings[locale]).join(wordings[locale].joint);
