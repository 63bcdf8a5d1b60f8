import type { ProblemDetails } from '../model/problem.ts';
import type { ProblemCode } from '../model/problem-codes.ts';

/** An answer other than a success, thrown by a route or hook. The error handler writes it. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    details: ProblemDetails = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.code = code;
    this.details = details;
    this.headers = headers;
  }
}

/** `pointer` says where the request names the member. */
export const memberNotFound = (pointer = '/path/id'): ProblemError =>
  new ProblemError('member_not_found', 'the program has no such member', {
    errors: [{ pointer, code: 'member_not_found', detail: 'names no member', expected: 'a member of the program' }],
  });

/** The name leads to a member of whom nothing is known any more. */
export const memberErased = (): ProblemError =>
  new ProblemError('member_erased', 'nothing is known of the person any more');
