import { type Static, Type } from 'typebox';
import { type ProblemCode, problems } from './problem-codes.ts';
import { named } from './schema.ts';

/** One fault among several: where, what was expected, what came. */
export interface Fault {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
  readonly expected?: string;
}

/** A fault as it is shown. */
export const FaultView = Type.Object({
  pointer: Type.String({
    description: 'JSON Pointer into the body; `/query/…`, `/path/…` or `/headers/…` otherwise.',
  }),
  code: Type.String({ description: 'What kind of fault.' }),
  detail: Type.String({ description: 'What came.' }),
  expected: Type.Optional(Type.String({ description: 'What was expected.' })),
});
export type FaultView = Static<typeof FaultView>;

export const Problem = named(
  'Problem',
  Type.Object(
    {
      type: Type.String({ description: 'Where the code is explained.' }),
      title: Type.String({ description: 'Short text, the same for every answer with this code.' }),
      status: Type.Integer({ description: 'The HTTP status.' }),
      detail: Type.String({ description: 'What happened this time.' }),
      code: Type.String({ description: 'Stable code; see docs/errors.md.', examples: ['insufficient_points'] }),
      request_id: Type.String({
        description:
          'Id of the request, as in the X-Request-Id header; of the first request when the answer is given again.',
      }),
      errors: Type.Optional(Type.Array(FaultView, { description: 'Each fault found.' })),
      missing: Type.Optional(Type.Integer({ description: 'With `insufficient_points`: how many points are missing.' })),
      available: Type.Optional(Type.Integer({ description: 'With `insufficient_points`: how many are available.' })),
    },
    { description: 'What every answer other than a success says (RFC 9457).' },
  ),
);
export type Problem = Static<typeof Problem>;

export type ProblemDetails = Partial<Pick<Problem, 'errors' | 'missing' | 'available'>>;

/** Where the codes are explained. */
export const problemType = (code: ProblemCode): string => `/problems/${code}`;

/** The body of an answer other than a success. */
export const problemOf = (
  code: ProblemCode,
  detail: string,
  requestId: string,
  more: ProblemDetails = {},
): Problem => ({
  type: problemType(code),
  title: problems[code].title,
  status: problems[code].status,
  detail,
  code,
  request_id: requestId,
  ...more,
});
