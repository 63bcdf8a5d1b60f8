import type { Fault } from '../../model/problem.ts';
import { type Place, type Token, tokensOf } from './tokens.ts';

/**
 * Brackets inside each other. A tree has ten levels at most, which its own check counts; `!( )` takes two pairs,
 * calculations and lists a few more. The bound keeps the stack of the reader small whatever comes.
 */
const NESTING_MAX = 32;

/** Where the reader of a text stands. The first fault stays: what follows from it is not worth a word. */
export interface Cursor {
  readonly text: string;
  readonly tokens: readonly Token[];
  position: number;
  nesting: number;
  fault: Fault | null;
}

export const cursorAt = (text: string): Cursor => ({
  text,
  tokens: tokensOf(text),
  position: 0,
  nesting: 0,
  fault: null,
});

/** Characters of what was found that a fault repeats. */
const REPEATED = 40;

/** A fault of syntax. Its detail begins with the range: `at 12-14: …`. */
const faultAt = (text: string, { start, end }: Place, expected: string): Fault => {
  const found = start === text.length ? 'the end' : `\`${text.slice(start, end).slice(0, REPEATED).toWellFormed()}\``;
  return { pointer: '', code: 'syntax', detail: `at ${start}-${end}: ${found}`, expected };
};

/** Notes what was expected in place of what was found. Gives null, for the reader to give up with. */
export const fail = (cursor: Cursor, place: Place, expected: string): null => {
  cursor.fault ??= faultAt(cursor.text, place, expected);
  return null;
};

/** The token at hand, or one further on. Past the last there is the last: the end. */
export const peek = ({ tokens, position }: Cursor, ahead = 0): Token =>
  tokens[Math.min(position + ahead, tokens.length - 1)] ?? { kind: 'end', start: 0, end: 0 };

export const take = (cursor: Cursor): Token => {
  const token = peek(cursor);
  cursor.position++;
  return token;
};

export const isSymbol = (token: Token, symbol: string): boolean => token.kind === 'symbol' && token.written === symbol;

/** Gives up at the token at hand. */
export const failHere = (cursor: Cursor, expected: string): null => {
  const token = peek(cursor);
  return fail(cursor, token, token.kind === 'unreadable' ? token.expected : expected);
};

/** Takes the symbol if it is the token at hand. */
export const accept = (cursor: Cursor, symbol: string): boolean => {
  if (!isSymbol(peek(cursor), symbol)) return false;
  cursor.position++;
  return true;
};

/** Takes the symbol, or gives up. */
export const expectSymbol = (cursor: Cursor, symbol: string): Token | null =>
  isSymbol(peek(cursor), symbol) ? take(cursor) : failHere(cursor, `\`${symbol}\``);

/** Takes a text in quotes, or gives up. */
export const expectText = (cursor: Cursor, expected: string): (Token & { readonly kind: 'text' }) | null => {
  const token = peek(cursor);
  if (token.kind !== 'text') return failHere(cursor, expected);
  cursor.position++;
  return token;
};

/** Reads what stands inside brackets, unless they are too deep. */
export const nested = <T>(cursor: Cursor, read: (cursor: Cursor) => T | null): T | null => {
  if (cursor.nesting >= NESTING_MAX) return failHere(cursor, `at most ${NESTING_MAX} brackets inside each other`);
  cursor.nesting++;
  const found = read(cursor);
  cursor.nesting--;
  return found;
};

/** Reads items separated by commas up to the closing symbol, which is taken. */
export const listed = <T>(cursor: Cursor, close: string, read: (cursor: Cursor) => T | null): readonly T[] | null => {
  const items: T[] = [];
  if (accept(cursor, close)) return items;
  for (;;) {
    const item = read(cursor);
    if (item === null) return null;
    items.push(item);
    if (accept(cursor, close)) return items;
    if (!accept(cursor, ',')) return failHere(cursor, `\`,\` or \`${close}\``);
  }
};
