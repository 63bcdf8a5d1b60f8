import type { Operator } from '../../model/condition.ts';
import type { Reader } from './field.ts';

/* Comparisons of what a reader reads with something fixed. Each is a closure of its own: the operator is not looked at again. */

/** True, false, or undefined where a value is absent. */
export type Test<S> = Reader<S, boolean>;

/** Up to here a scan of the list is quicker than a set. */
const LIST_SCANNED_MAX = 4;

const among = <T>(values: readonly T[]): ((value: T) => boolean) => {
  if (values.length <= LIST_SCANNED_MAX) return (value) => values.includes(value);
  const set = new Set(values);
  return (value) => set.has(value);
};

const unfit = (op: Operator): Error => new Error(`the operator ${op} does not fit what it compares`);

export const isThere =
  <S>(read: Reader<S, unknown>): Test<S> =>
  (of, line) =>
    read(of, line) !== undefined;

export const compareNumber = <S>(op: Operator, read: Reader<S, number>, k: number): Test<S> => {
  switch (op) {
    case 'eq':
      return (of, line) => {
        const x = read(of, line);
        return x === undefined ? undefined : x === k;
      };
    case 'ne':
      return (of, line) => {
        const x = read(of, line);
        return x === undefined ? undefined : x !== k;
      };
    case 'lt':
    case 'before':
      return (of, line) => {
        const x = read(of, line);
        return x === undefined ? undefined : x < k;
      };
    case 'lte':
      return (of, line) => {
        const x = read(of, line);
        return x === undefined ? undefined : x <= k;
      };
    case 'gt':
    case 'after':
      return (of, line) => {
        const x = read(of, line);
        return x === undefined ? undefined : x > k;
      };
    case 'gte':
      return (of, line) => {
        const x = read(of, line);
        return x === undefined ? undefined : x >= k;
      };
    default:
      throw unfit(op);
  }
};

const relations = {
  eq: (a: number, b: number) => a === b,
  ne: (a: number, b: number) => a !== b,
  lt: (a: number, b: number) => a < b,
  lte: (a: number, b: number) => a <= b,
  gt: (a: number, b: number) => a > b,
  gte: (a: number, b: number) => a >= b,
} as const;

const isRelation = (op: Operator): op is keyof typeof relations => op in relations;

/** Compares two numbers that are both read. */
export const compareNumbers = <S>(op: Operator, left: Reader<S, number>, right: Reader<S, number>): Test<S> => {
  if (!isRelation(op)) throw unfit(op);
  const relation = relations[op];
  return (of, line) => {
    const a = left(of, line);
    if (a === undefined) return undefined;
    const b = right(of, line);
    return b === undefined ? undefined : relation(a, b);
  };
};

/** `in`, `not_in`, and `between` with both ends included. */
export const compareList = <S, T extends string | number>(
  op: Operator,
  read: Reader<S, T>,
  values: readonly T[],
): Test<S> => {
  const [from, to] = values;
  if (op === 'between' && from !== undefined && to !== undefined)
    return (of, line) => {
      const x = read(of, line);
      return x === undefined ? undefined : x >= from && x <= to;
    };
  if (op !== 'in' && op !== 'not_in') throw unfit(op);
  const includes = among(values);
  if (op === 'in')
    return (of, line) => {
      const x = read(of, line);
      return x === undefined ? undefined : includes(x);
    };
  return (of, line) => {
    const x = read(of, line);
    return x === undefined ? undefined : !includes(x);
  };
};

/** Texts and flags. */
export const compareText = <S>(op: Operator, read: Reader<S, string>, k: string): Test<S> => {
  switch (op) {
    case 'starts_with':
      return (of, line) => read(of, line)?.startsWith(k);
    case 'contains':
      return (of, line) => read(of, line)?.includes(k);
    default:
      return compareSame(op, read, k);
  }
};

export const compareSame = <S, T extends string | boolean>(op: Operator, read: Reader<S, T>, k: T): Test<S> => {
  if (op !== 'eq' && op !== 'ne') throw unfit(op);
  if (op === 'eq')
    return (of, line) => {
      const x = read(of, line);
      return x === undefined ? undefined : x === k;
    };
  return (of, line) => {
    const x = read(of, line);
    return x === undefined ? undefined : x !== k;
  };
};
