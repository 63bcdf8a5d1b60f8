import { Ajv, type AnySchema, type ErrorObject } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import type { Fault } from '../model/problem.ts';
import { isTimeZone } from '../rules/calendar.ts';

const LEAP_SECONDS_NEVER =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

const isDate = (value: string): boolean =>
  DATE.test(value) && new Date(`${value}T00:00:00Z`).toISOString().startsWith(value);

const formats = {
  /** RFC 3339 with at most milliseconds; a day that exists. */
  'date-time': (value: string) => LEAP_SECONDS_NEVER.test(value) && isDate(value.slice(0, 10)),
  date: isDate,
  /** What Postgres can store and JSON can carry: no NUL, no lone surrogate. */
  text: (value: string) => !value.includes('\0') && value.isWellFormed(),
  'time-zone': isTimeZone,
};

/** JSON is taken as it is: `null` is not 0 and `"12"` is not 12. Only text (path, query, headers) becomes numbers. */
const createAjv = (coerceTypes: boolean, named: readonly AnySchema[]): Ajv => {
  const ajv = new Ajv({
    allErrors: true,
    coerceTypes,
    useDefaults: true,
    removeAdditional: false,
    discriminator: true,
    strict: false,
    formats,
  });
  for (const schema of named) ajv.addSchema(schema);
  return ajv;
};

export const validatorCompiler = (named: readonly AnySchema[]): FastifySchemaCompiler<AnySchema> => {
  const json = createAjv(false, named);
  const text = createAjv(true, named);
  return ({ schema, httpPart }) => (httpPart === 'body' ? json : text).compile(schema);
};

/** Faults named at most; a body can hold thousands. */
const FAULTS_MAX = 50;

const PLACES: Record<string, string> = { body: '', params: '/path', querystring: '/query', headers: '/headers' };

const pointerOf = (error: ErrorObject, place: string): string => {
  const { missingProperty, additionalProperty } = error.params as {
    missingProperty?: string;
    additionalProperty?: string;
  };
  const property = missingProperty ?? additionalProperty;
  return `${place}${error.instancePath}${property === undefined ? '' : `/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`}`;
};

const expectedOf = (error: ErrorObject): string => {
  switch (error.keyword) {
    case 'required':
      return 'this property is required';
    case 'additionalProperties':
      return 'no such property';
    case 'enum':
      return `one of ${(error.params as { allowedValues: unknown[] }).allowedValues.join(', ')}`;
    case 'format':
      return `format ${(error.params as { format: string }).format}`;
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
