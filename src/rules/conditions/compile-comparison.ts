import type { Comparison, NumberOperand } from '../../model/condition.ts';
import { numberReader } from './calculate.ts';
import { nextAnniversary } from './civil-days.ts';
import { compareList, compareNumber, compareNumbers, compareSame, compareText, isThere, type Test } from './compare.ts';
import type { ConditionContext, ConditionField, Reader } from './field.ts';
import { fieldOf, readerOf } from './fields.ts';
import { parseAnniversary, parseDate, parseDuration, parseLiteralInstant } from './literals.ts';
import type { Subject } from './subject.ts';

const known = <T>(value: T | undefined, { field, op }: Comparison): T => {
  if (value === undefined) throw new Error(`${field} ${op} has a value that was not checked`);
  return value;
};

/** Milliseconds of the duration a comparison has. */
export const durationOf = (comparison: Comparison): number =>
  known(typeof comparison.value === 'string' ? parseDuration(comparison.value) : undefined, comparison);

export const daysOf = (comparison: Comparison): number =>
  known(typeof comparison.value === 'string' ? parseAnniversary(comparison.value) : undefined, comparison);

/** The instant or the epoch day a comparison has. */
export const momentOf = (comparison: Comparison, type: 'instant' | 'date'): number => {
  const parse = type === 'instant' ? parseLiteralInstant : parseDate;
  return known(typeof comparison.value === 'string' ? parse(comparison.value) : undefined, comparison);
};

const compileNumber = (comparison: Comparison, context: ConditionContext): Test<Subject> => {
  const { op, value } = comparison;
  const read = readerOf<number>(context, comparison);
  if (typeof value === 'number') return compareNumber(op, read, value);
  if (Array.isArray(value)) return compareList(op, read, value as readonly number[]);
  return compareNumbers(op, read, numberReader(known(value, comparison) as NumberOperand, context));
};

const compileMoment = (comparison: Comparison, type: 'instant' | 'date', read: Reader<Subject, number>) => {
  switch (comparison.op) {
    case 'within_last': {
      const length = durationOf(comparison);
      return ((subject, line) => {
        const at = read(subject, line);
        return at === undefined ? undefined : subject.now - length <= at && at <= subject.now;
      }) satisfies Test<Subject>;
    }
    case 'older_than': {
      const length = durationOf(comparison);
      return ((subject, line) => {
        const at = read(subject, line);
        return at === undefined ? undefined : at < subject.now - length;
      }) satisfies Test<Subject>;
    }
    case 'anniversary_within': {
      const days = daysOf(comparison);
      return ((subject, line) => {
        const day = read(subject, line);
        return day === undefined ? undefined : nextAnniversary(day, subject.today) - subject.today <= days;
      }) satisfies Test<Subject>;
    }
    default:
      return compareNumber(comparison.op, read, momentOf(comparison, type));
  }
};

const compileSet = (comparison: Comparison, field: ConditionField): Test<Subject> => {
  const { op, value } = comparison;
  const elements = (op === 'has' ? [value] : value) as readonly string[];
  const [only, ...others] = elements;
  const { has } = field;
  if (has !== undefined) {
    const tests = elements.map(has);
    if (only !== undefined && others.length === 0) return has(only);
    return (subject) => tests.some((test) => test(subject));
  }
  const read = field.read(comparison) as Reader<Subject, readonly string[]>;
  return (subject, line) => {
    const set = read(subject, line);
    return set?.some((element) => elements.includes(element));
  };
};

/** A comparison of a field, three-valued. */
export const compileComparison = (comparison: Comparison, context: ConditionContext): Test<Subject> => {
  const field = fieldOf(context, comparison);
  if (comparison.op === 'exists') return isThere(readerOf(context, comparison));
  const { op, value } = comparison;
  switch (field.type) {
    case 'integer':
      return compileNumber(comparison, context);
    case 'boolean':
      return compareSame(op, readerOf<boolean>(context, comparison), known(value, comparison) as boolean);
    case 'instant':
    case 'date':
      return compileMoment(comparison, field.type, readerOf<number>(context, comparison));
    case 'set':
      return compileSet(comparison, field);
    case 'string':
      return Array.isArray(value)
        ? compareList(op, readerOf<string>(context, comparison), value as readonly string[])
        : compareText(op, readerOf<string>(context, comparison), known(value, comparison) as string);
  }
};
