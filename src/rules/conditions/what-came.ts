/* How a fault names what came. */

/** Characters of a text that are repeated. */
const REPEATED_MAX = 64;

/** A text as a fault repeats it: short, and without half a character. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > REPEATED_MAX ? `${text.slice(0, REPEATED_MAX)}…` : text);

export const whatCame = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `the string ${quoted(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `the boolean ${value}`;
  return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
};

/** A text short enough to be compared with what is known. */
export const shortened = (text: string): string => text.slice(0, REPEATED_MAX);
