import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import type { Fault } from '../model/problem.ts';
import { isTimeZone } from '../rules/calendar.ts';
import { closest, oneOf } from '../rules/suggest.ts';
import { components } from './components.ts';

const LEAP_SECONDS_NEVER =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

const isDate = (value: string): boolean =>
  DATE.test(value) && new Date(`${value}T00:00:00Z`).toISOString().startsWith(value);

/** Years that every part of the way to the database and back writes with four digits, whatever the offset. */
const isFourDigitYear = (instant: number): boolean =>
  instant >= Date.UTC(1900, 0, 1) && instant < Date.UTC(10_000, 0, 1);

const isInstant = (value: string): boolean =>
  LEAP_SECONDS_NEVER.test(value) && isDate(value.slice(0, 10)) && isFourDigitYear(Date.parse(value));

const formats = {
  /** RFC 3339 with at most milliseconds; a day that exists, in the years 1900 to 9999. */
  'date-time': isInstant,
  date: isDate,
  /** What Postgres can store and JSON can carry: no NUL, no lone surrogate. */
  text: (value: string) => !value.includes('\0') && value.isWellFormed(),
  'time-zone': isTimeZone,
};

/** Only the outermost shape of what other code checks: a validator that follows it down overflows on a deep one. */
const looseOf = (schema: AnySchema): AnySchema => {
  if (typeof schema !== 'object' || !('x-checked-elsewhere' in schema)) return schema;
  const { $id } = schema;
  return { type: 'object', ...($id === undefined ? {} : { $id }) };
};

/** JSON is taken as it is: `null` is not 0 and `"12"` is not 12. Only text (path, query, headers) becomes numbers. */
const createAjv = (allErrors: boolean, coerceTypes: boolean, named: readonly AnySchema[]): Ajv => {
  const ajv = new Ajv({
    allErrors,
    coerceTypes,
    useDefaults: true,
    removeAdditional: false,
    discriminator: true,
    // What a fault expected instead is told from the schema it broke.
    verbose: true,
    strict: false,
    // 1e400 is no integer. Coerced, it would be one to which no maximum applies; without, the maximum finds it.
    strictNumbers: !coerceTypes,
    formats,
  });
  for (const schema of named) ajv.addSchema(looseOf(schema));
  return ajv;
};

/** A purchase of 2,000 lines has some 16,000 values. */
const VALUES_EXAMINED_MAX = 50_000;

/** Whether the values inside a value, itself included, are at most `left`. */
const isSmall = (root: unknown, left: number): boolean => {
  const open = [root];
  for (let count = 0; open.length > 0; count++) {
    if (count + open.length > left) return false;
    const value = open.pop();
    if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) open.push(item);
  }
  return true;
};

/**
 * A body is taken after one pass that ends at the first fault, and only one at fault is gone through for all of them: a
 * megabyte of small faults would otherwise become 200 megabytes of errors. Of a body too large for that, the first.
 */
const bodyValidator = (first: ValidateFunction, compileEvery: () => ValidateFunction) => {
  let every: ValidateFunction | undefined;
  const validate = (body: unknown): boolean => {
    if (first(body)) return true;
    validate.errors = first.errors ?? null;
    if (!isSmall(body, VALUES_EXAMINED_MAX)) return false;
    every ??= compileEvery();
    if (!every(body)) validate.errors = every.errors ?? null;
    return false;
  };
  validate.errors = null as ErrorObject[] | null;
  return validate;
};

export const validatorCompiler = (named: readonly AnySchema[]): FastifySchemaCompiler<AnySchema> => {
  const first = createAjv(false, false, named);
  const every = createAjv(true, false, named);
  const text = createAjv(true, true, named);
  return ({ schema, httpPart }) =>
    httpPart === 'body' ? bodyValidator(first.compile(schema), () => every.compile(schema)) : text.compile(schema);
};

/** Faults named at most; a body can hold thousands. */
const FAULTS_MAX = 50;

const PLACES: Record<string, string> = { body: '', params: '/path', querystring: '/query', headers: '/headers' };

const pointerOf = (error: ErrorObject, place: string): string => {
  const { missingProperty, additionalProperty, tag } = error.params as {
    missingProperty?: string;
    additionalProperty?: string;
    tag?: string;
  };
  const property = missingProperty ?? additionalProperty ?? tag;
  return `${place}${error.instancePath}${property === undefined ? '' : `/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`}`;
};

const expectedFormats: Record<string, string> = {
  'date-time': 'an instant as RFC 3339 writes it, at most milliseconds, of the years 1900 to 9999',
  date: 'a date, YYYY-MM-DD',
  text: 'text without NUL and without lone surrogates',
  'time-zone': 'an IANA time zone',
};

/** A name that is not known is told with the one that was probably meant, or with the form that names have. */
const expectedName = ({ params, parentSchema }: ErrorObject): string => {
  const { properties = {}, patternProperties = {} } = (parentSchema ?? {}) as Record<string, object | undefined>;
  const [pattern] = Object.keys(patternProperties);
  if (pattern !== undefined) return `a name that matches ${pattern}`;
  const meant = closest(String(params['additionalProperty']).slice(0, WRITTEN_MAX), Object.keys(properties));
  return meant === null ? 'no such property' : `no such property; did you mean ${meant}?`;
};

/** Characters of what was written that are compared with what is known. */
const WRITTEN_MAX = 64;

const writtenOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, WRITTEN_MAX) : '');

/** What the property that says which variant it is may be. */
const expectedTag = ({ params, parentSchema }: ErrorObject): string => {
  const { tag, tagValue } = params as { tag: string; tagValue: unknown };
  const variants = (parentSchema?.['oneOf'] ?? []) as readonly { $ref?: string }[];
  const tags = variants.flatMap(({ $ref }): string[] => {
    const variant = components.find(({ $id }) => `${$id}#` === $ref) as
      | { properties?: Record<string, { enum?: string[] }> }
      | undefined;
    return variant?.properties?.[tag]?.enum ?? [];
  });
  return oneOf(writtenOf(tagValue), tags);
};

const expectedOf = (error: ErrorObject): string => {
  switch (error.keyword) {
    case 'required':
      return 'this property is required';
    case 'additionalProperties':
      return expectedName(error);
    case 'enum':
      return oneOf(writtenOf(error.data), (error.params as { allowedValues: unknown[] }).allowedValues.map(String));
    case 'discriminator':
      return expectedTag(error);
    case 'format':
      return expectedFormats[(error.params as { format: string }).format] ?? error.message ?? error.keyword;
    default:
      return error.message ?? error.keyword;
  }
};

/** What is wrong with a request, by JSON pointer. Values are not repeated: they may be personal. */
export const faultsOf = (errors: readonly ErrorObject[], context: string): Fault[] =>
  errors.slice(0, FAULTS_MAX).map((error) => ({
    pointer: pointerOf(error, PLACES[context] ?? ''),
    code: error.keyword,
    detail: error.message ?? 'not valid',
    expected: expectedOf(error),
  }));
