import { contentProblems } from './content-problems.ts';
import type { ProblemKind } from './problem-kind.ts';
import { stateProblems } from './state-problems.ts';

/**
 * Every code an answer can carry. `docs/errors.md` is generated from this table, the OpenAPI document names the codes
 * by route, and `GET /problems/{code}` shows them; tests compare the three.
 */
export const problems = {
  malformed_request: {
    status: 400,
    title: 'The request is not HTTP or not JSON',
    help: 'The request could not be read: not HTTP/1.1, a bad %-escape, or a body that is not JSON. Send well-formed JSON with `Content-Type: application/json`.',
  },
  invalid_request: {
    status: 400,
    title: 'The request does not have the shape that is documented',
    help: 'Each fault stands in `errors` with a JSON pointer, what was expected, and nothing of the value. Correct them all and send again.',
  },
  invalid_cursor: {
    status: 400,
    title: 'The cursor is not one of this list with these filters',
    help: 'A cursor belongs to one list and its filters. Take `next_cursor` of the page before and repeat the same filters, or begin without a cursor.',
  },
  cursor_expired: {
    status: 410,
    title: 'The events after the cursor are not kept any more',
    help: 'Events are kept for a time. Synchronise anew from the resources themselves, then go on from `from=now`, or from the oldest that is kept.',
  },
  idempotency_key_required: {
    status: 400,
    title: 'An Idempotency-Key header is required',
    help: 'The body has no id of its own, so a repetition could not be recognised. Make up a key for each intention, and send the same key with every retry.',
  },
  idempotency_key_invalid: {
    status: 400,
    title: 'The Idempotency-Key header is not 1 to 255 visible characters',
    help: 'Send 1 to 255 visible ASCII characters, bare or in double quotes.',
  },
  unauthenticated: {
    status: 401,
    title: 'No valid API key',
    help: 'Send `Authorization: Bearer tsr_…` with a key of the program. A key in use for the wrong deployment looks like this, too.',
  },
  key_expired: {
    status: 401,
    title: 'The API key has expired',
    help: 'The key had an `expires_at`. Make a new one with POST /v1/keys; old and new may overlap.',
  },
  key_revoked: {
    status: 401,
    title: 'The API key was revoked',
    help: 'Somebody revoked the key. Make a new one with POST /v1/keys.',
  },
  insufficient_scope: {
    status: 403,
    title: 'The API key lacks the scope',
    help: 'Each operation says which scope it needs. Use a key that has it. A key cannot grant scopes it lacks.',
  },
  operator_disabled: {
    status: 403,
    title: 'Operator endpoints are switched off',
    help: 'The deployment runs without OPERATOR_KEY, so programs are not managed over HTTP.',
  },
  not_found: {
    status: 404,
    title: 'There is no such thing',
    help: 'No such path, or no such thing in the program of this key. What belongs to another program looks the same.',
  },
  member_not_found: {
    status: 404,
    title: 'There is no such member',
    help: 'The program has no member of this id or identity. Enrol with PUT /v1/members/{id}.',
  },
  redemption_not_found: {
    status: 404,
    title: 'There is no such redemption',
    help: 'The program has no redemption of this id, or it is another member’s.',
  },
  quote_not_found: {
    status: 404,
    title: 'There is no such quote',
    help: 'The member has no quote of this id. POST /v1/quotes gives one.',
  },
  entitlement_not_found: {
    status: 404,
    title: 'There is no such entitlement',
    help: 'The member has no entitlement of this id. GET /v1/members/{id}/entitlements lists them.',
  },
  voucher_not_found: {
    status: 404,
    title: 'There is no such voucher',
    help: 'The program has no voucher of this id or code. Codes are compared letter by letter; one of a pool is no voucher before it is issued.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The path does not take this method',
    help: 'The header `Allow` lists what the path takes.',
  },
  request_timeout: {
    status: 408,
    title: 'The request took too long to arrive',
    help: 'The request did not arrive within 30 seconds. Send it again.',
  },
  ...stateProblems,
  precondition_failed: {
    status: 412,
    title: 'It was changed in the meantime',
    help: 'Somebody changed it since you read it. Read it again, look at the change, and send `If-Match` with the new ETag.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is over the limit',
    help: 'A body may have 1 MiB, or what BODY_LIMIT_BYTES says; a configuration document 8 MiB.',
  },
  uri_too_long: {
    status: 414,
    title: 'The address is over the limit',
    help: 'A parameter in the path is longer than any id can be.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body is not application/json',
    help: 'Send `Content-Type: application/json`.',
  },
  ...contentProblems,
  precondition_required: {
    status: 428,
    title: 'An If-Match header is required',
    help: 'Configuration is changed only by who has seen its present state: send `If-Match` with the ETag that GET gave.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests with this key',
    help: '`RateLimit` headers say how much is left; wait as long as `Retry-After` says. The limit is counted by each instance.',
  },
  headers_too_large: {
    status: 431,
    title: 'The request headers are over the limit',
    help: 'The headers together may have 16 KiB.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side',
    help: 'A fault of ours, in the log under `request_id`. Nothing was changed, or the same id or Idempotency-Key finds out that it was.',
  },
  overloaded: {
    status: 503,
    title: 'More commands wait than can be taken',
    help: 'Commands arrive faster than they can be committed. Wait as long as `Retry-After` says and send the same request again.',
  },
  draining: {
    status: 503,
    title: 'The service is shutting down',
    help: 'This instance is shutting down. Send the same request again; another instance will take it.',
  },
  survey_too_long: {
    status: 503,
    title: 'The members could not be looked through in time',
    help: 'A preview looks at every member, for some seconds at most. Ask again when there is less to do, or for a condition that reads less: windows cost most.',
  },
  too_many_followers: {
    status: 503,
    title: 'Too many follow the feed at this instance',
    help: 'Each instance serves a number of followers. Try again after `Retry-After`, at another instance, or read `GET /v1/events`.',
  },
  unavailable: {
    status: 503,
    title: 'The database does not answer',
    help: 'The database could not be reached. Whether the command was committed is unknown: send the same request again, the stored answer decides.',
  },
} as const satisfies Record<string, ProblemKind>;
export type ProblemCode = keyof typeof problems;
