import type { Operator } from '../../model/condition.ts';
import { oneOf } from '../suggest.ts';
import type { ConditionField, FieldType } from './field.ts';
import { addFault, conditionLimits, type Findings, isObject, property } from './findings.ts';
import { parseAnniversary, parseDate, parseDuration, parseLiteralInstant } from './literals.ts';
import { SEARCHES } from './operators.ts';
import { quoted, shortened, whatCame } from './what-came.ts';

/** What a value is compared with: how it is called, its type, and the values it can have. */
export interface Compared {
  readonly name: string;
  readonly type: FieldType;
  readonly unit: ConditionField['unit'];
  readonly values: readonly string[] | null;
  /** The word for one of the values, and the code of a fault in it. */
  readonly kind: 'tier' | 'segment' | 'value';
}

const article = (word: string): string => (/^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`);

export const mismatch = (
  findings: Findings,
  compared: Compared,
  value: unknown,
  pointer: string,
  expected: string,
): undefined =>
  addFault(
    findings,
    pointer,
    value === undefined ? 'required' : 'type_mismatch',
    `${compared.name} is ${article(compared.type)}, the value is ${whatCame(value)}`,
    expected,
  );

export const checkInteger = (findings: Findings, compared: Compared, value: unknown, pointer: string): undefined => {
  if (typeof value !== 'number') return mismatch(findings, compared, value, pointer, 'an integer');
  if (Number.isSafeInteger(value)) return;
  const unit = compared.unit === 'minor_units' ? `${compared.name} is in minor units: ` : '';
  const isInteger = Number.isInteger(value) || !Number.isFinite(value);
  addFault(
    findings,
    pointer,
    isInteger ? 'out_of_range' : 'not_an_integer',
    isInteger ? `${value} is beyond what is counted exactly` : `${unit}${value} is not an integer`,
    isInteger ? `an integer within ±${Number.MAX_SAFE_INTEGER}` : 'an integer',
  );
};

/** Characters as people count them; of a very long text its length is enough. */
const lengthOf = (text: string): number =>
  text.length > 2 * conditionLimits.textLength ? text.length : [...text].length;

/** `tier == gold` names a field where a text should stand. */
const expectedText = ({ values }: Compared, value: unknown): string => {
  const name = isObject(value) ? property(value, 'field') : undefined;
  return typeof name === 'string' && values?.includes(name) ? `a string; did you mean "${name}"?` : 'a string';
};

const checkText = (
  findings: Findings,
  compared: Compared,
  op: Operator,
  value: unknown,
  pointer: string,
): undefined => {
  if (typeof value !== 'string') return mismatch(findings, compared, value, pointer, expectedText(compared, value));
  const search = SEARCHES.has(op);
  const most = search ? conditionLimits.searchLength : conditionLimits.textLength;
  const length = lengthOf(value);
  if (length === 0) return addFault(findings, pointer, 'too_short', 'an empty text', `1 to ${most} characters`);
  if (length > most) return addFault(findings, pointer, 'too_long', `${length} characters`, `1 to ${most} characters`);
  if (value.includes('\0') || !value.isWellFormed())
    return addFault(
      findings,
      pointer,
      'not_text',
      'NUL or half a character',
      'text without NUL and without lone surrogates',
    );
  if (search || compared.values === null || compared.values.includes(value)) return;
  const expected =
    compared.values.length === 0 ? `a declared ${compared.kind}` : oneOf(shortened(value), compared.values);
  const what = compared.kind === 'value' ? `${compared.name} is never` : `unknown ${compared.kind}`;
  return addFault(findings, pointer, `unknown_${compared.kind}`, `${what} ${quoted(value)}`, expected);
};

const forms = {
  instant: {
    parse: parseLiteralInstant,
    code: 'invalid_instant',
    expected: 'an instant as RFC 3339 writes it, at most milliseconds, of the years 1900 to 9999',
  },
  date: { parse: parseDate, code: 'invalid_date', expected: 'a date that exists, YYYY-MM-DD' },
  duration: {
    parse: parseDuration,
    code: 'invalid_duration',
    expected: 'days or hours such as "90d" or "36h", at most 36500d',
  },
  anniversary: { parse: parseAnniversary, code: 'invalid_duration', expected: 'days from "0d" to "365d"' },
} as const;

/** Texts of a form: instants, dates, durations. */
const checkForm = (
  findings: Findings,
  compared: Compared,
  form: keyof typeof forms,
  value: unknown,
  pointer: string,
): undefined => {
  const { parse, code, expected } = forms[form];
  if (typeof value !== 'string') return mismatch(findings, compared, value, pointer, expected);
  if (parse(value) === undefined) addFault(findings, pointer, code, `${quoted(value)} is none`, expected);
};

/** One value, for the operators that compare with one. */
export const checkLiteral = (
  findings: Findings,
  compared: Compared,
  op: Operator,
  value: unknown,
  pointer: string,
): undefined => {
  if (op === 'within_last' || op === 'older_than') return checkForm(findings, compared, 'duration', value, pointer);
  if (op === 'anniversary_within') return checkForm(findings, compared, 'anniversary', value, pointer);
  switch (compared.type) {
    case 'integer':
      return checkInteger(findings, compared, value, pointer);
    case 'boolean':
      if (typeof value !== 'boolean') mismatch(findings, compared, value, pointer, 'true or false');
      return;
    case 'instant':
    case 'date':
      return checkForm(findings, compared, compared.type, value, pointer);
    case 'string':
    case 'set':
      return checkText(findings, compared, op, value, pointer);
  }
};
