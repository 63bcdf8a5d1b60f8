import { setTimeout as pause } from 'node:timers/promises';
import { type Instance, openInstance, type RawAnswer, type Request } from './exchange.ts';

/*
 * A request is sent until it is answered. It is sent again, to the next instance and with the same bytes, when the
 * connection broke (it may have been recorded: the same id makes that no second purchase) and when the answer says that
 * nothing was decided. That is bounded: after two minutes the service counts as gone.
 */

export interface Answer {
  readonly status: number;
  readonly headers: RawAnswer['headers'];
  /** The JSON of the answer; its shape is the documented one of the request and the status. */
  readonly body: unknown;
  /** From the first attempt to the answer, pauses included: what the caller of the service has waited. */
  readonly milliseconds: number;
}

export interface Client {
  send(request: Request): Promise<Answer>;
  /** How often a request was sent again, by reason: a status or the code of an error. */
  readonly retries: ReadonlyMap<string, number>;
  close(): void;
}

export interface ClientOptions {
  readonly urls: readonly string[];
  readonly key: string;
  /** Requests at the same time. */
  readonly clients: number;
  /** Ends the pauses before another attempt; what is under way is still awaited. */
  readonly stop: AbortSignal;
  readonly patienceMs?: number;
}

export class ServiceGone extends Error {
  override readonly name = 'ServiceGone';
}

/** The request took too long to arrive, too many of them, a gateway without a service, a service that cannot now. */
const undecided: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** What `Retry-After` may make us wait, and what we wait when there is none. */
const longestRetryAfterMs = 10_000;
const defaultRetryAfterMs = 1_000;

export function openClient({ urls, key, clients, stop, patienceMs = 120_000 }: ClientOptions): Client {
  const instances = urls.map((url) => openInstance(url, key, clients));
  let turn = 0;
  const retries = new Map<string, number>();

  async function send(request: Request): Promise<Answer> {
    const started = performance.now();
    const first = turn++;
    for (let attempt = 0; ; attempt++) {
      const instance = instanceOf(instances, first + attempt);
      const outcome = await instance.exchange(request).catch(asError);
      if (!(outcome instanceof Error) && !undecided.has(outcome.status)) {
        return answerOf(request, outcome, performance.now() - started);
      }
      const pauseMs = pauseBefore(attempt, instances.length, outcome);
      if (performance.now() - started + pauseMs > patienceMs) throw gone(instance, outcome, patienceMs);
      await pause(pauseMs, undefined, { signal: stop });
      const reason = reasonIn(outcome);
      retries.set(reason, (retries.get(reason) ?? 0) + 1);
    }
  }

  return {
    send,
    retries,
    close: () => {
      for (const instance of instances) instance.close();
    },
  };
}

function reasonIn(outcome: Error | RawAnswer): string {
  if (!(outcome instanceof Error)) return String(outcome.status);
  return 'code' in outcome ? String(outcome.code) : outcome.message;
}

function instanceOf(instances: readonly Instance[], turn: number): Instance {
  const instance = instances[turn % instances.length];
  if (instance === undefined) throw new TypeError('a client needs at least one URL');
  return instance;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function answerOf({ method, path }: Request, { status, headers, text }: RawAnswer, milliseconds: number): Answer {
  try {
    return { status, headers, body: text === '' ? null : (JSON.parse(text) as unknown), milliseconds };
  } catch {
    throw new Error(`${method} ${path} was answered ${status} with something else than JSON: is this the service?`);
  }
}

/**
 * Where a connection broke, another instance is tried at once, and all of them again after a pause that doubles. Up to
 * a quarter more than said, so that clients who were turned away together do not come back together.
 */
function pauseBefore(attempt: number, instances: number, outcome: Error | RawAnswer): number {
  const spread = 1 + Math.random() / 4;
  if (outcome instanceof Error) {
    const rounds = Math.floor((attempt + 1) / instances);
    return (attempt + 1) % instances === 0 ? Math.min(firstPauseMs * 2 ** (rounds - 1), longestPauseMs) * spread : 0;
  }
  const seconds = outcome.headers['retry-after'];
  const asked = seconds !== undefined && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : defaultRetryAfterMs;
  return Math.min(asked, longestRetryAfterMs) * spread;
}

function gone({ url }: Instance, outcome: Error | RawAnswer, patienceMs: number): ServiceGone {
  const last = outcome instanceof Error ? outcome.message : `it answers ${outcome.status}`;
  return new ServiceGone(`${url} has not taken a request for ${Math.round(patienceMs / 1000)} s: ${last}`);
}
