import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type Log = Logger;

/*
 * Log lines carry no personal data and no secrets. Ids of members are logged, what is known about them is not; API
 * keys are logged by their id. What is listed here is the second line of defence: nothing personal should reach the
 * logger in the first place, but an object logged whole in a hurry must not give it away either.
 */
const confidential = [
  'authorization',
  'cookie',
  'idempotency-key',
  'operator_key',
  'secret',
  'password',
  'profile',
  'identities',
  'identity',
  'attributes',
  'consents',
  'acquisition',
  'given_name',
  'family_name',
  'birth_date',
  'email',
  'phone',
];

/** Where such a field may stand: on its own, in an object, in an object of an object (as in `request.headers`). */
const paths = confidential.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/** The service's log: JSON lines on standard output, or on `destination`. */
export function createLog(config: Pick<Config, 'logLevel'>, destination?: DestinationStream): Log {
  const options = {
    level: config.logLevel,
    base: null,
    redact: { paths, censor: '[redacted]' },
    serializers: { req: request, res: response, err: failure, error: failure },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** The route's template, not the URL: members are named in URLs, also by identities. */
function request(value: { id?: unknown; method?: unknown; routeOptions?: { url?: string | undefined } }) {
  return { id: value.id, method: value.method, route: value.routeOptions?.url ?? '(none)' };
}

function response(value: { statusCode?: unknown }) {
  return { status: value.statusCode };
}

/**
 * Type, code, message and stack. The rest stays out: errors of Postgres quote whole rows in `detail` and `where`, and
 * the driver's carry the parameters.
 */
function failure(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, constraint, table } = error as { code?: unknown; constraint?: unknown; table?: unknown };
  return {
    type: error.name,
    message: error.message,
    code,
    constraint,
    table,
    stack: error.stack,
    cause: error.cause === undefined ? undefined : failure(error.cause),
  };
}
