import type { Difference } from '../model/configuration-document.ts';

/** A part of a JSON Pointer (RFC 6901). */
export const pointerPart = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ofObjects = (pointer: string, before: Json, after: Json): Difference[] => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const at = `${pointer}/${pointerPart(name)}`;
    if (!Object.hasOwn(before, name)) return [{ pointer: at, after: after[name] }];
    if (!Object.hasOwn(after, name)) return [{ pointer: at, before: before[name] }];
    return differences(at, before[name], after[name]);
  });
};

/**
 * How a JSON value differs from another, value by value. In lists of the same length item by item; of another length,
 * the list as a whole: what moved within it cannot be known. None: they are equal.
 */
export const differences = (pointer: string, before: unknown, after: unknown): Difference[] => {
  if (before === after) return [];
  if (isObject(before) && isObject(after)) return ofObjects(pointer, before, after);
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((item, index) => differences(`${pointer}/${index}`, item, after[index]));
  return [{ pointer, before, after }];
};
