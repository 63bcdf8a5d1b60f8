import { contentProblems } from './content-problems.ts';
import type { ProblemKind } from './problem-kind.ts';
import { rewardProblems } from './reward-problems.ts';

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
  insufficient_points: {
    status: 409,
    title: 'Too few points are available',
    help: '`available` says how many points there are and `missing` how many lack. Pending points do not count.',
  },
  redemption_held: {
    status: 409,
    title: 'The points are held, not captured',
    help: 'Only what was captured can be refunded. Capture the hold first, or void it.',
  },
  redemption_captured: {
    status: 409,
    title: 'The redemption was captured',
    help: 'What was captured cannot be captured again or voided; POST /v1/redemptions/{id}/refund gives it back.',
  },
  redemption_voided: {
    status: 409,
    title: 'The redemption was voided',
    help: 'Its points were released and it stays voided. Redeem again under another id.',
  },
  redemption_lapsed: {
    status: 409,
    title: 'The hold has lapsed',
    help: 'The hold was not captured before its `expires_at`, and its points were released. Redeem again under another id.',
  },
  redemption_refunded: {
    status: 409,
    title: 'The redemption was refunded in whole',
    help: 'There is nothing left of it to capture, to void or to refund.',
  },
  capture_exceeds_hold: {
    status: 409,
    title: 'More was to be captured than is held',
    help: '`available` says how many points the redemption holds.',
  },
  refund_exceeds_captured: {
    status: 409,
    title: 'More was to be refunded than was captured and is not yet refunded',
    help: '`available` says how many points can still be refunded.',
  },
  too_many_holds: {
    status: 409,
    title: 'The member has as many open holds as there may be',
    help: 'A member has at most 50 open holds. Capture or void some, or wait for them to lapse.',
  },
  ...rewardProblems,
  member_suspended: {
    status: 409,
    title: 'The member is suspended',
    help: 'A suspended member earns, but cannot redeem. Reactivate first.',
  },
  member_closed: {
    status: 409,
    title: 'The membership is closed',
    help: 'A closed membership stays closed: it neither earns nor redeems nor changes.',
  },
  purchase_conflict: {
    status: 409,
    title: 'A purchase of this id was recorded with other content',
    help: 'A purchase id is used once in a program. If this is a retry, send the very content of the first; otherwise use another id.',
  },
  return_conflict: {
    status: 409,
    title: 'A return of this id was recorded with other content',
    help: 'A return id is used once in a program. If this is a retry, send the very content of the first; otherwise use another id.',
  },
  return_exceeds_purchase: {
    status: 409,
    title: 'More would come back than is left of the purchase',
    help: '`expected` says how much is left of the line, or of the whole. GET /v1/purchases/{id}/returns lists what came back before.',
  },
  activity_conflict: {
    status: 409,
    title: 'An activity of this id was recorded with other content',
    help: 'An activity id is used once in a program. If this is a retry, send the very content of the first; otherwise use another id.',
  },
  redemption_conflict: {
    status: 409,
    title: 'A redemption of this id was recorded with other content',
    help: 'A redemption id is used once in a program. If this is a retry, send the very content of the first; otherwise use another id.',
  },
  identity_taken: {
    status: 409,
    title: 'The identity belongs to another member',
    help: 'An identity belongs to one member. Take it away from the other first, or look the other up.',
  },
  not_a_sandbox: {
    status: 409,
    title: 'The program is not a sandbox',
    help: 'Only a sandbox program has a clock that can be set: create one with `sandbox: true`.',
  },
  clock_moving: {
    status: 409,
    title: 'The clock is being moved',
    help: 'One move at a time: GET /v1/sandbox/clock shows how far it has come.',
  },
  members_behind: {
    status: 409,
    title: 'Members are yet to be brought under an edit',
    help: 'Tiers or segments were edited, and members are looked at again before the clock moves on. GET /v1/reassessments shows how far that is; then send the same request again.',
  },
  already_enrolled: {
    status: 409,
    title: 'The member is enrolled already',
    help: 'A referral code is taken with the enrolment only: a member who is there was not won by it.',
  },
  code_taken: {
    status: 409,
    title: 'The code is in use',
    help: 'Choose another code.',
  },
  in_use: {
    status: 409,
    title: 'Something else in the configuration refers to it',
    help: 'The detail names what refers to it. Change that first.',
  },
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
  unavailable: {
    status: 503,
    title: 'The database does not answer',
    help: 'The database could not be reached. Whether the command was committed is unknown: send the same request again, the stored answer decides.',
  },
} as const satisfies Record<string, ProblemKind>;
export type ProblemCode = keyof typeof problems;
