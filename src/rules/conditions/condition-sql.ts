import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Comparison, Condition, FieldReference, NumberOperand, Operand, Operator } from '../../model/condition.ts';
import { dayText, type EpochDay, instantText } from '../../model/instant.ts';
import { anniversariesBetween } from './civil-days.ts';
import { daysOf, durationOf, momentOf } from './compile-comparison.ts';
import { fieldSql, type SqlContext } from './field-sql.ts';
import { fieldOf, tierCodes } from './fields.ts';
import { type Fragment, numberSql } from './numbers-sql.ts';

/*
 * A condition as SQL over `s` (member_state) and `p` (member_profile): null where it is unknown, as the closures have
 * undefined. Everything of the condition is a parameter, also the codes of attributes.
 */

type Predicate = RawBuilder<SqlBool>;

const relations: Readonly<Partial<Record<Operator, string>>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  before: '<',
  after: '>',
};

const relation = (op: Operator): Fragment => {
  const symbol = relations[op];
  if (symbol === undefined) throw new Error(`the operator ${op} does not fit what it compares`);
  return sql.raw(symbol);
};

/** Numbers with a number, a list, or what is read. A number is bigint, so that an index on a column is used. */
const compareNumber = (op: Operator, left: Fragment, value: Operand | undefined, context: SqlContext): Predicate => {
  if (typeof value === 'number') return sql`(${left} ${relation(op)} ${value}::bigint)`;
  if (Array.isArray(value)) {
    const [from, to] = value;
    if (op === 'between') return sql`(${left} between ${from}::bigint and ${to}::bigint)`;
    return op === 'in' ? sql`(${left} = any(${value}::bigint[]))` : sql`(${left} <> all(${value}::bigint[]))`;
  }
  return sql`(${left} ${relation(op)} ${numberSql(value as NumberOperand, (reference) => read(reference, context))})`;
};

const compareText = (op: Operator, left: Fragment, value: Operand | undefined): Predicate => {
  switch (op) {
    case 'in':
      return sql`(${left} = any(${value}::text[]))`;
    case 'not_in':
      return sql`(${left} <> all(${value}::text[]))`;
    case 'starts_with':
      return sql`starts_with(${left}, ${value}::text)`;
    case 'contains':
      return sql`(strpos(${left}, ${value}::text) > 0)`;
    default:
      return sql`(${left} ${relation(op)} ${value}::text)`;
  }
};

/** Of enumerated texts, those a comparison is true for. */
const chosen = ({ op, value }: Comparison, codes: readonly string[]): readonly string[] =>
  codes.filter((code) => {
    switch (op) {
      case 'in':
        return (value as readonly string[]).includes(code);
      case 'not_in':
        return !(value as readonly string[]).includes(code);
      case 'starts_with':
        return code.startsWith(value as string);
      case 'contains':
        return code.includes(value as string);
      default:
        return (code === value) === (op === 'eq');
    }
  });

/**
 * Whether one of some tiers is held: a search of an array that has an index. Where false and unknown make a difference,
 * below a `not`, it is null for who holds none.
 */
const compareTier = (comparison: Comparison, context: SqlContext, exact: boolean): Predicate => {
  const { held } = tierCodes(context.fields, comparison);
  if (comparison.op === 'exists') return sql`(s.tiers && ${held}::text[])`;
  const found = sql<SqlBool>`(s.tiers && ${chosen(comparison, held)}::text[])`;
  return exact ? sql`case when s.tiers && ${held}::text[] then ${found} end` : found;
};

/** The instant is taken from now, not from the column: an index on it is used. */
const compareInstant = (comparison: Comparison, left: Fragment, { now }: SqlContext): Predicate => {
  const at = (instant: number): Fragment => sql`${instantText(instant)}::timestamptz`;
  switch (comparison.op) {
    case 'within_last':
      return sql`(${left} between ${at(now - durationOf(comparison))} and ${at(now)})`;
    case 'older_than':
      return sql`(${left} < ${at(now - durationOf(comparison))})`;
    default:
      return sql`(${left} ${relation(comparison.op)} ${at(momentOf(comparison, 'instant'))})`;
  }
};

const compareDate = (comparison: Comparison, left: Fragment, today: EpochDay): Predicate => {
  if (comparison.op !== 'anniversary_within')
    return sql`(${left} ${relation(comparison.op)} ${dayText(momentOf(comparison, 'date'))}::date)`;
  const days = anniversariesBetween(today, today + daysOf(comparison));
  return sql`((extract(month from ${left}) * 100 + extract(day from ${left}))::integer = any(${days}::integer[]))`;
};

/** Arrays of columns and of attributes; never null. */
const compareSet = ({ field, op, value }: Comparison, left: Fragment): Predicate => {
  const elements = op === 'has' ? [value] : value;
  return field === 'segments'
    ? sql`(${left} && ${elements}::text[])`
    : sql`coalesce(${left} ?| ${elements}::text[], false)`;
};

/** Days enrolled as a comparison of the day of enrolment, while that is a day of a year with four digits. */
const DAYS_MAX = 365_000;
const turned: Readonly<Partial<Record<Operator, Operator>>> = { lt: 'gt', lte: 'gte', gt: 'lt', gte: 'lte' };

const compareDaysEnrolled = ({ op, value }: Comparison, today: EpochDay): Predicate | null => {
  if (typeof value !== 'number' || Math.abs(value) > DAYS_MAX) return null;
  return sql`(s.enrolled_on ${relation(turned[op] ?? op)} ${dayText(today - value)}::date)`;
};

const read = (reference: FieldReference, context: SqlContext): Fragment =>
  fieldSql(fieldOf(context, reference), reference, context);

const compare = (comparison: Comparison, context: SqlContext, exact: boolean): Predicate => {
  const { field: name, op, value } = comparison;
  if (name === 'tier') return compareTier(comparison, context, exact);
  const left = read(comparison, context);
  if (op === 'exists') return sql`(${left} is not null)`;
  const field = fieldOf(context, comparison);
  switch (field.type) {
    case 'integer':
      return (
        (name === 'days_enrolled' ? compareDaysEnrolled(comparison, context.today) : null) ??
        compareNumber(op, left, value, context)
      );
    case 'string':
      return compareText(op, left, value);
    case 'boolean':
      return sql`(${left} ${relation(op)} ${value}::boolean)`;
    case 'instant':
      return compareInstant(comparison, left, context);
    case 'date':
      return compareDate(comparison, left, context.today);
    case 'set':
      return compareSet(comparison, left);
  }
};

/** `exact`: whether false and null make a difference to who asks. */
const write = (condition: Condition, context: SqlContext, exact: boolean): Predicate => {
  const children = (list: readonly Condition[]) => list.map((child) => write(child, context, exact));
  if ('all' in condition) return sql`(${sql.join(children(condition.all), sql` and `)})`;
  if ('any' in condition) return sql`(${sql.join(children(condition.any), sql` or `)})`;
  if ('not' in condition) return sql`(not ${write(condition.not, context, true)})`;
  if ('field' in condition) return compare(condition, context, exact);
  if ('calc' in condition) {
    const left = numberSql(condition, (reference) => read(reference, context));
    return compareNumber(condition.op, left, condition.value, context);
  }
  throw new Error('members cannot be selected by the lines of a purchase');
};

/**
 * The predicate that selects the members a checked condition is true for. Below `not` it is null where the condition is
 * unknown; elsewhere it may be false there, which selects the same.
 */
export const conditionSql = (condition: Condition, context: SqlContext): Predicate => write(condition, context, false);
