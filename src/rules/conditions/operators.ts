import type { Operator } from '../../model/condition.ts';
import type { FieldType } from './field.ts';

/** Which operators compare values of a type. A set is never absent, so that there is no `exists` of one. */
export const operatorsOf: Readonly<Record<FieldType, readonly Operator[]>> = {
  string: ['eq', 'ne', 'in', 'not_in', 'starts_with', 'contains', 'exists'],
  integer: ['eq', 'ne', 'in', 'not_in', 'lt', 'lte', 'gt', 'gte', 'between', 'exists'],
  boolean: ['eq', 'ne', 'exists'],
  instant: ['before', 'after', 'within_last', 'older_than', 'exists'],
  date: ['before', 'after', 'anniversary_within', 'exists'],
  set: ['has', 'has_any'],
};

/** Those that compare what is calculated. */
export const calculationOperators: readonly Operator[] = operatorsOf.integer.filter((op) => op !== 'exists');

/** Searching in texts costs ten times what other comparisons do. */
export const SEARCHES: ReadonlySet<string> = new Set(['starts_with', 'contains']);
