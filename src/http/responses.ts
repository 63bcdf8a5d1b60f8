import { type TProperties, type TSchema, Type } from 'typebox';
import { Problem } from '../model/problem.ts';
import { type ProblemCode, problems } from '../model/problem-codes.ts';
import { nullable, ref } from '../model/schema.ts';

/** What any route that takes a key may answer, whatever it does. */
export const keyProblems = [
  'unauthenticated',
  'key_expired',
  'key_revoked',
  'insufficient_scope',
  'rate_limited',
  'internal_error',
  'draining',
  'unavailable',
] as const;

/** What any route for the operator may answer. */
export const operatorProblems = [
  'unauthenticated',
  'operator_disabled',
  'internal_error',
  'draining',
  'unavailable',
] as const;

/** What any route with a body may answer. */
export const bodyProblems = [
  'malformed_request',
  'invalid_request',
  'body_too_large',
  'unsupported_media_type',
] as const;

/** What any route with a parameter in its path may answer. */
export const pathProblems = ['malformed_request', 'invalid_request', 'uri_too_long'] as const;

/** What any list may answer. */
export const listProblems = ['invalid_request', 'invalid_cursor'] as const;

/** What may answer before it is known which operation is meant, or whether one is. */
export const outsideOperations = [
  'malformed_request',
  'not_found',
  'method_not_allowed',
  'request_timeout',
  'uri_too_long',
  'headers_too_large',
  'draining',
] as const satisfies readonly ProblemCode[];

const problemContent = () => ({ 'application/problem+json': { schema: ref(Problem) } });

interface ProblemResponse {
  readonly description: string;
  readonly content: ReturnType<typeof problemContent>;
}

type StatusOf<C extends ProblemCode> = (typeof problems)[C]['status'];

/** Entries of a route's response map for the problems it can answer with: one for each status, naming its codes. */
export const problemResponses = <const C extends readonly ProblemCode[]>(
  ...codes: C
): Record<StatusOf<C[number]>, ProblemResponse> => {
  const byStatus = Map.groupBy(new Set<ProblemCode>(codes), (code) => problems[code].status);
  const responses = [...byStatus].map(([status, group]) => {
    const description = group.map((code) => `\`${code}\`: ${problems[code].title}.`).join(' ');
    return [status, { description, content: problemContent() }] as const;
  });
  return Object.fromEntries(responses) as Record<StatusOf<C[number]>, ProblemResponse>;
};

/** A page of a list: what every list answers, and what this one says besides. */
export const dataPage = <S extends TSchema, M extends TProperties = Record<never, never>>(item: S, more?: M) =>
  Type.Object(
    {
      ...(more as M),
      data: Type.Array(item, { description: 'The items of this page, in the order of the list.' }),
      has_more: Type.Boolean({ description: 'Whether another page follows.' }),
      next_cursor: nullable(Type.String(), {
        description: 'Send it as `cursor` to get the next page. Null on the last page.',
      }),
    },
    { description: 'A page of a list.' },
  );
