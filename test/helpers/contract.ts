import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { outsideOperations } from '../../src/http/responses.ts';
import { problems } from '../../src/model/problem-codes.ts';

/*
 * Holds answers against the OpenAPI document: is the status documented for the operation, is the content of the
 * documented type, does the body have the documented shape and nothing beside it, is the code of a problem named there,
 * are the documented headers set. What answers before an operation is known may only be one of a few problems.
 */

// biome-ignore lint/suspicious/noExplicitAny: a JSON document, walked by path
type Json = any;

export interface Operation {
  method: string;
  path: string;
  /** As the document has it. */
  definition: Json;
}

export interface ReceivedAnswer {
  status: number;
  headers: Readonly<Record<string, string | undefined>>;
  text: string;
}

export interface Contract {
  document: Json;
  operations: readonly Operation[];
  /** What a `$ref` within the document leads to. */
  resolve(value: Json): Json;
  operationOf(method: string, path: string): Operation | undefined;
  /** What is not as documented about an answer. */
  faults(method: string, path: string, answer: ReceivedAnswer): string[];
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/;
const formats = {
  'date-time': INSTANT,
  date: /^\d{4}-\d\d-\d\d$/,
  text: (value: string) => value.isWellFormed() && !value.includes('\0'),
  'time-zone': true as const,
};

/** A copy in which objects have no properties but those documented: an answer that says more than it documents is found. */
const closed = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, closed(item)]));
  return copy['type'] === 'object' && 'properties' in copy ? { additionalProperties: false, ...copy } : copy;
};

export function contractOf(document: Json): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true, formats });
  ajv.addSchema({ $id: 'api', components: closed(document.components), paths: closed(document.paths) });
  const validators = new Map<string, ValidateFunction>();
  const operations: Operation[] = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({ method, path, definition: item[method] })),
  );
  const patterns = new Map(
    Object.keys(document.paths).map((path) => [path, new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]*')}$`)]),
  );
  const resolve = (value: Json): Json =>
    typeof value?.$ref === 'string'
      ? value.$ref
          .slice(2)
          .split('/')
          .reduce((at: Json, name: string) => at[name], document)
      : value;

  const operationOf = (method: string, path: string): Operation | undefined => {
    const [pathname = ''] = path.split('?', 1);
    const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
    const found = operations.filter((one) => one.method === wanted && patterns.get(one.path)?.test(pathname));
    // A path without parameters goes before one with.
    return found.sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')))[0];
  };

  const validatorOf = (pointer: string): ValidateFunction => {
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    validators.set(pointer, known);
    return known;
  };

  const bodyFaults = (pointer: string, text: string): string[] => {
    const validate = validatorOf(pointer);
    return validate(JSON.parse(text)) ? [] : (validate.errors ?? []).map((e) => `body${e.instancePath} ${e.message}`);
  };

  const problemFaults = ({ status, headers, text }: ReceivedAnswer, described: string | null): string[] => {
    const problem = JSON.parse(text);
    const kind = problems[problem.code as keyof typeof problems];
    if (kind === undefined) return [`the code ${problem.code} is not one of the table`];
    return [
      kind.status === status && problem.status === status ? '' : `${problem.code} came with the status ${status}`,
      problem.type === `/problems/${problem.code}` ? '' : `type is ${problem.type}`,
      problem.request_id === headers['x-request-id'] || headers['idempotent-replayed'] === 'true'
        ? ''
        : `request_id is ${problem.request_id}`,
      described === null || described.includes(`\`${problem.code}\``)
        ? ''
        : `${problem.code} is not named for ${status}`,
    ];
  };

  const outsideFaults = (answer: ReceivedAnswer): string[] => {
    if (answer.headers['content-type']?.split(';')[0] !== 'application/problem+json')
      return ['not a problem, of no operation'];
    const { code } = JSON.parse(answer.text);
    const known: readonly string[] = outsideOperations;
    return [
      known.includes(code) ? '' : `${code} is not among what answers outside operations`,
      ...bodyFaults('/components/schemas/Problem', answer.text),
      ...problemFaults(answer, null),
    ];
  };

  const documentedFaults = ({ method, path, definition }: Operation, answer: ReceivedAnswer): string[] => {
    const { status, headers, text } = answer;
    const response = resolve(definition.responses[status]);
    if (response === undefined) return [`the status ${status} is not documented: ${text.slice(0, 300)}`];
    const missing = Object.keys(response.headers ?? {})
      .filter((name) => resolve(response.headers[name]).required === true && headers[name.toLowerCase()] === undefined)
      .map((name) => `the header ${name} is missing`);
    const types = Object.keys(response.content ?? {});
    const came = headers['content-type']?.split(';')[0];
    const type = types.find((known) => known === came) ?? types[0];
    if (type === undefined) return [...missing, text === '' ? '' : 'there is a body'];
    if (came !== type) return [...missing, `it is ${headers['content-type']}`];
    if (!type.endsWith('json') || type.endsWith('x-ndjson')) return missing;
    const place = `/paths/${path.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}`;
    const schema = `${place}/${method}/responses/${status}/content/${type.replaceAll('/', '~1')}/schema`;
    return [
      ...missing,
      ...bodyFaults(schema, text),
      ...(status < 400 ? [] : problemFaults(answer, response.description)),
    ];
  };

  const faults = (method: string, path: string, answer: ReceivedAnswer): string[] => {
    const operation = operationOf(method, path);
    if (method === 'HEAD' && answer.text === '') return [];
    const found = operation === undefined ? outsideFaults(answer) : documentedFaults(operation, answer);
    return [answer.headers['x-request-id'] === undefined ? 'the header X-Request-Id is missing' : '', ...found].filter(
      (fault) => fault !== '',
    );
  };
  return { document, operations, resolve, operationOf, faults };
}
