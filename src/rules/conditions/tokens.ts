/** Where something stands in a text: UTF-16 units from 0, the end not included. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export type Token = Place &
  (
    | { readonly kind: 'name' | 'symbol'; readonly written: string }
    | { readonly kind: 'text'; readonly value: string }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'unreadable'; readonly expected: string }
    | { readonly kind: 'end' }
  );

/** A number takes the letters after it along, so that `90d` without quotes is one fault and not two tokens. */
const TOKEN =
  /[\t\n\f\r ]*(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<number>[0-9][A-Za-z0-9_.]*)|(?<text>"(?:[^"\\]|\\.)*")|(?<symbol>&&|\|\||[=!<>]=|[-!<>+*/()[\]{},.:])|(?<other>.))/suy;

const quoted = (written: string, place: Place): Token => {
  try {
    return { ...place, kind: 'text', value: JSON.parse(written) as string };
  } catch {
    return { ...place, kind: 'unreadable', expected: 'a text as JSON writes it: \\" \\\\ \\n \\u00e9 are its escapes' };
  }
};

const whole = (written: string, place: Place): Token => {
  const value = Number(written);
  if (!/^\d+$/.test(written))
    return { ...place, kind: 'unreadable', expected: 'a whole number, or a text in double quotes' };
  return Number.isSafeInteger(value)
    ? { ...place, kind: 'number', value }
    : { ...place, kind: 'unreadable', expected: `a whole number up to ${Number.MAX_SAFE_INTEGER}` };
};

/** Characters that are not of the language, and what was probably meant. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['"', 'a closing double quote'],
  ["'", 'double quotes'],
  ['=', '`==`'],
  ['&', '`&&`'],
  ['|', '`||`'],
]);

const strange = (written: string, place: Place): Token => ({
  ...place,
  kind: 'unreadable',
  expected: MEANT.get(written) ?? 'a character of the language',
});

/** The words of a text, ending with `end`. What cannot be read is a token, too: nothing is thrown. */
export const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  const scan = new RegExp(TOKEN);
  for (let found = scan.exec(text); found !== null; found = scan.exec(text)) {
    const { name, number, text: literal, symbol, other = '' } = found.groups ?? {};
    const written = name ?? number ?? literal ?? symbol ?? other;
    const place = { start: scan.lastIndex - written.length, end: scan.lastIndex };
    if (number !== undefined) tokens.push(whole(number, place));
    else if (literal !== undefined) tokens.push(quoted(literal, place));
    else if (name !== undefined) tokens.push({ ...place, kind: 'name', written });
    else if (symbol !== undefined) tokens.push({ ...place, kind: 'symbol', written });
    else tokens.push(strange(other, place));
  }
  tokens.push({ start: text.length, end: text.length, kind: 'end' });
  return tokens;
};
