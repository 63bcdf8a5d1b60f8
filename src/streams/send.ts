import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { ADDRESS_REFUSED, type AddressGuard } from './address-guard.ts';

/*
 * One HTTP request of a stream. Receivers are not trusted: each has its own few connections, one deadline for the whole
 * exchange, and of what it answers only the status and `Retry-After` are looked at.
 */

/** Why no status came. */
export const SEND_FAILURES = [
  'address_refused',
  'name_not_resolved',
  'connection_failed',
  'tls_failed',
  'timed_out',
  'invalid_answer',
  'content_failed',
  'aborted',
] as const;
export type SendFailure = (typeof SEND_FAILURES)[number];

export interface Answered {
  readonly status: number;
  /** What the receiver asks to wait, in milliseconds; null: nothing that can be read. */
  readonly retryAfterMs: number | null;
  readonly durationMs: number;
}

export interface Failed {
  readonly error: SendFailure;
  readonly durationMs: number;
}

export interface SendOptions {
  readonly method: 'POST' | 'PUT';
  /** For everything: connecting, sending, and what comes back. */
  readonly timeoutMs: number;
  /** Gives up at once. */
  readonly signal?: AbortSignal | undefined;
}

export interface Sender {
  /** Sends once; never throws. A body that is a stream and fails is `content_failed`. */
  send(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string | Uint8Array | Readable,
    options: SendOptions,
  ): Promise<Answered | Failed>;
  close(): Promise<void>;
}

/** Of one destination at a time: it may be slow, and others have their own. */
const CONNECTIONS_PER_ORIGIN = 8;
const CONNECT_MS = 10_000;
/** Of an answer: enough for a connection to be used again, not enough to hurt. */
const ANSWER_BYTES = 65_536;
const HEADER_BYTES = 16_384;
const DAY_MS = 86_400_000;

const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO)/;
const NAME_CODES: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA']);

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  // Several addresses were tried, and each failed in its own way.
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return code;
};

const failureOf = (error: unknown, late: AbortSignal, given: AbortSignal | undefined): SendFailure => {
  const code = codeOf(error);
  if (given?.aborted) return 'aborted';
  if (late.aborted || /TIMEOUT|ETIMEDOUT/.test(code)) return 'timed_out';
  if (code === ADDRESS_REFUSED) return 'address_refused';
  if (NAME_CODES.has(code)) return 'name_not_resolved';
  if (TLS_CODE.test(code)) return 'tls_failed';
  if (/^(HTTPParserError|HPE_|UND_ERR_(HEADERS|RES|RESPONSE))/.test(code)) return 'invalid_answer';
  return code === 'AbortError' ? 'aborted' : 'connection_failed';
};

/** `Retry-After` is seconds or a date. At most a day: a receiver must not stop its stream for good by it. */
export const retryAfterMs = (value: string | string[] | undefined, now: number): number | null => {
  if (typeof value !== 'string') return null;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), DAY_MS) : null;
};

/** Connections through the guard: names are resolved by it, addresses within URLs are checked before. */
export const createSender = (guard: AddressGuard): Sender => {
  const agent = new Agent({
    connect: { lookup: guard.lookup, timeout: CONNECT_MS },
    allowH2: false,
    connections: CONNECTIONS_PER_ORIGIN,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    maxHeaderSize: HEADER_BYTES,
    // The deadline of the exchange is shorter.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  const send: Sender['send'] = async (url, headers, body, { method, timeoutMs, signal: given }) => {
    const began = performance.now();
    const durationMs = () => Math.round(performance.now() - began);
    if (guard.check(url) !== null) return { error: 'address_refused', durationMs: 0 };
    const late = AbortSignal.timeout(timeoutMs);
    const signal = given === undefined ? late : AbortSignal.any([late, given]);
    try {
      const answer = await request(url, { dispatcher: agent, method, headers, body, signal });
      // What the receiver says is not read, and a body without end is cut: the status has come.
      await answer.body.dump({ limit: ANSWER_BYTES, signal }).catch(() => {});
      const wait = retryAfterMs(answer.headers['retry-after'], Date.now());
      return { status: answer.statusCode, retryAfterMs: wait, durationMs: durationMs() };
    } catch (error) {
      const broken = typeof body === 'object' && 'errored' in body && body.errored === error;
      return { error: broken ? 'content_failed' : failureOf(error, late, given), durationMs: durationMs() };
    }
  };

  return { send, close: () => agent.destroy() };
};
