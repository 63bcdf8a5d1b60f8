import { type FieldReference, WINDOWS, type Window } from '../../model/condition.ts';
import { oneOf } from '../suggest.ts';
import {
  accept,
  type Cursor,
  expectSymbol,
  expectText,
  fail,
  failHere,
  isSymbol,
  listed,
  peek,
  take,
} from './text-cursor.ts';
import type { Place } from './tokens.ts';

/*
 * Fields in text. What picks one of a field's numbers stands in parentheses, told apart by the field and by form:
 *
 *   tier("vip"), tier_since("vip")            the scheme
 *   activities("review"[, "30d"])             the activity type, the window
 *   …_points("gifts"), …_points("365d"),      the wallet, the window, or both; a single text that names a window is
 *   …_points("gifts", "365d")                 the window
 *   every other: spend("90d")                 the window
 *
 * What cannot be told so, a wallet called `calendar_year` say, is written out: `earned_points({"wallet": "calendar_year"})`.
 * That form can always be used.
 */

const PARAMETERS = ['wallet', 'scheme', 'activity', 'window'] as const;
type Parameter = (typeof PARAMETERS)[number];
type Parameters = { readonly [P in Parameter]?: string };

/** Methods that fields have. A code of the same name is put in brackets. */
export const FIELD_METHODS = { startsWith: 'starts_with', contains: 'contains' } as const;

const RESERVED: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in', ...Object.keys(FIELD_METHODS)]);
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

const isWindow = (text: string): text is Window => WINDOWS.some((window) => window === text);

/** What the first of several parameters of a field is. */
const leadOf = (field: string): Exclude<Parameter, 'window'> | null => {
  if (field === 'tier' || field === 'tier_since') return 'scheme';
  if (field === 'activities') return 'activity';
  return field.endsWith('_points') ? 'wallet' : null;
};

const pathText = (field: string): string => {
  const [root = '', ...rest] = field.split('.');
  if (rest.every((part) => IDENTIFIER.test(part) && !RESERVED.has(part))) return field;
  return `${root}[${JSON.stringify(rest.join('.'))}]`;
};

/** The parameters without their names, or null where they could be taken for others. */
const inOrder = (field: string, given: Parameters): readonly (string | undefined)[] | null => {
  const lead = leadOf(field);
  const first = lead === null ? undefined : given[lead];
  const others = PARAMETERS.some((name) => name !== lead && name !== 'window' && given[name] !== undefined);
  if (others) return null;
  if (first === undefined) return lead === null || lead === 'wallet' ? [given.window] : null;
  if (lead === 'wallet' && given.window === undefined && isWindow(first)) return null;
  return given.window === undefined ? [first] : [first, given.window];
};

/** A field as a text says it. */
export const fieldText = ({ field, ...given }: FieldReference): string => {
  const named = PARAMETERS.filter((name) => given[name] !== undefined);
  if (named.length === 0) return pathText(field);
  const positional = inOrder(field, given)
    ?.map((value) => JSON.stringify(value))
    .join(', ');
  const written = named.map((name) => `"${name}": ${JSON.stringify(given[name])}`).join(', ');
  return `${pathText(field)}(${positional ?? `{${written}}`})`;
};

interface Named extends Place {
  readonly value: string;
}

/** The rule above. */
const told = (cursor: Cursor, field: string, given: readonly Named[], whole: Place): Parameters | null => {
  const lead = leadOf(field);
  const [first, second] = given;
  const most = lead === null ? 1 : 2;
  if (first === undefined || given.length > most)
    return fail(cursor, whole, lead === null ? 'one window' : `one ${lead}, and at most one window after it`);
  if (second !== undefined && lead !== null) return { [lead]: first.value, window: second.value };
  const isLead = lead !== null && (lead !== 'wallet' || !isWindow(first.value));
  return isLead ? { [lead]: first.value } : { window: first.value };
};

const named = (cursor: Cursor): Parameters | null => {
  const parameters: { [P in Parameter]?: string } = {};
  const pairs = listed(cursor, '}', () => {
    const key = expectText(cursor, 'the name of a parameter in double quotes');
    if (key === null) return null;
    const name = PARAMETERS.find((parameter) => parameter === key.value);
    if (name === undefined) return fail(cursor, key, oneOf(key.value, PARAMETERS));
    if (parameters[name] !== undefined) return fail(cursor, key, `one ${name}`);
    const value = expectSymbol(cursor, ':') && expectText(cursor, 'a text in double quotes');
    if (value === null) return null;
    parameters[name] = value.value;
    return name;
  });
  if (pairs?.length === 0) return failHere(cursor, 'at least one parameter');
  return pairs === null ? null : parameters;
};

/** What stands in the parentheses after a field. `strange` says what was expected where they hold no texts. */
const parametersOf = (cursor: Cursor, field: string, path: Place, strange: string | null): Parameters | null => {
  if (accept(cursor, '{')) {
    const parameters = named(cursor);
    return parameters !== null && expectSymbol(cursor, ')') !== null ? parameters : null;
  }
  const start = peek(cursor).start;
  const given = listed(cursor, ')', () => {
    const token = peek(cursor);
    if (token.kind !== 'text' && token.kind !== 'unreadable' && strange !== null) return fail(cursor, path, strange);
    return expectText(cursor, 'a text in double quotes');
  });
  if (given === null) return null;
  return told(cursor, field, given, { start, end: given.at(-1)?.end ?? start + 1 });
};

/** Whether a method is called on what was read so far: `.contains(`. */
const atMethod = (cursor: Cursor): boolean => {
  const name = peek(cursor, 1);
  return name.kind === 'name' && Object.hasOwn(FIELD_METHODS, name.written) && isSymbol(peek(cursor, 2), '(');
};

/** The next part of a path, null where it ends, undefined where it cannot be read. */
const nextPart = (cursor: Cursor): string | null | undefined => {
  if (isSymbol(peek(cursor), '.') && !atMethod(cursor)) {
    take(cursor);
    const name = peek(cursor);
    if (name.kind !== 'name') return failHere(cursor, 'a name') ?? undefined;
    take(cursor);
    return name.written;
  }
  if (!accept(cursor, '[')) return null;
  const key = expectText(cursor, 'a code in double quotes');
  return key === null || expectSymbol(cursor, ']') === null ? undefined : key.value;
};

/** What stands before the closing parenthesis. */
const lastRead = (cursor: Cursor): Place => {
  const before = peek(cursor, -2);
  return isSymbol(before, '}') ? peek(cursor, -3) : before;
};

/** Reads a field from its second part on. `functions` are the names it may have been meant for. */
export const fieldOf = (
  cursor: Cursor,
  root: string,
  place: Place,
  functions: readonly string[],
): FieldReference | null => {
  let field = root;
  let part = nextPart(cursor);
  for (; typeof part === 'string'; part = nextPart(cursor)) field += `.${part}`;
  if (part === undefined) return null;
  if (!accept(cursor, '(')) return { field };
  const parameters = parametersOf(cursor, field, place, field === root ? oneOf(root, functions) : null);
  if (parameters === null) return null;
  const { window, ...others } = parameters;
  if (window === undefined) return { field, ...others };
  // The last text read is the window in every form but the one with names, where its place matters less.
  return isWindow(window) ? { field, ...others, window } : fail(cursor, lastRead(cursor), oneOf(window, WINDOWS));
};
