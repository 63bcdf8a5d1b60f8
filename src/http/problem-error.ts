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

export const memberNotFound = (): ProblemError =>
  new ProblemError('member_not_found', 'the program has no such member');
