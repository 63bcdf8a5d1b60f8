import type { Fault } from '../../model/problem.ts';
import { parseConditionText } from './text-parser.ts';

/** Levels that are looked into. A tree has ten at most; what is deeper stays as it is, for the check to refuse. */
const LEVELS = 32;

/** A value with its texts replaced, and what is wrong with those that could not be. */
export interface Lowered<V> {
  readonly value: V;
  readonly faults: readonly Fault[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const lowerText = (condition: Readonly<Record<string, unknown>>, pointer: string): Lowered<unknown> => {
  const { text, ...others } = condition;
  const at = `${pointer}/text`;
  const besides = Object.keys(others);
  if (besides.length > 0) {
    const detail = `text with ${besides.slice(0, 5).join(', ')}`;
    return {
      value: condition,
      faults: [{ pointer: at, code: 'not_alone', detail, expected: 'text and nothing else' }],
    };
  }
  if (typeof text !== 'string')
    return { value: condition, faults: [{ pointer: at, code: 'type', detail: 'not a text', expected: 'a text' }] };
  const parsed = parseConditionText(text);
  if ('condition' in parsed) return { value: parsed.condition, faults: [] };
  return { value: condition, faults: parsed.faults.map((fault) => ({ ...fault, pointer: at })) };
};

/** Lowers some properties of an object that hold conditions, or lists of them. Unchanged, it is the same object. */
const lowerProperties = <O extends object>(
  object: O,
  names: readonly string[],
  pointer: string,
  levels: number,
): Lowered<O> => {
  const faults: Fault[] = [];
  const changes: Record<string, unknown> = {};
  for (const [name, before] of Object.entries(object)) {
    if (!names.includes(name)) continue;
    const at = `${pointer}/${name}`;
    const lowered = Array.isArray(before) ? lowerList(before, at, levels - 1) : lowerAt(before, at, levels - 1);
    faults.push(...lowered.faults);
    if (lowered.value !== before) changes[name] = lowered.value;
  }
  return { value: Object.keys(changes).length === 0 ? object : { ...object, ...changes }, faults };
};

const lowerList = (conditions: readonly unknown[], pointer: string, levels: number): Lowered<unknown> => {
  const lowered = conditions.map((condition, index) => lowerAt(condition, `${pointer}/${index}`, levels));
  const same = lowered.every(({ value }, index) => value === conditions[index]);
  return {
    value: same ? conditions : lowered.map(({ value }) => value),
    faults: lowered.flatMap(({ faults }) => faults),
  };
};

const NESTING = ['all', 'any', 'not', 'where'] as const;

const lowerAt = (condition: unknown, pointer: string, levels: number): Lowered<unknown> => {
  if (!isObject(condition) || levels <= 0) return { value: condition, faults: [] };
  return Object.hasOwn(condition, 'text')
    ? lowerText(condition, pointer)
    : lowerProperties(condition, NESTING, pointer, levels);
};

/**
 * A condition as it came, with every `{ "text": … }` in it replaced by its tree; faults point to the text. What is no
 * condition stays as it is: the check of the tree says so.
 */
export const lowerCondition = (condition: unknown, pointer: string): Lowered<unknown> =>
  lowerAt(condition, pointer, LEVELS);

/** The same for those properties of a body that hold a condition. Faults point into the body. */
export const lowerConditions = <B extends object>(body: B, properties: readonly string[], pointer = ''): Lowered<B> =>
  lowerProperties(body, properties, pointer, LEVELS);
