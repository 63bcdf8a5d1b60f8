import type { FastifyReply } from 'fastify';
import { ProblemError } from './problem-error.ts';

const WINDOW_MS = 1_000;

interface Window {
  started: number;
  used: number;
}

/** Requests per key and second, counted by this instance alone. Headers as draft-ietf-httpapi-ratelimit-headers has them. */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #clock: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(perSecond: number, clock: () => number) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Counts a request. Refuses it when the key has used up its second. 0 a second: no limit. */
  count(keyId: string, reply: FastifyReply): void {
    if (this.#perSecond === 0) return;
    const now = this.#clock();
    let window = this.#windows.get(keyId);
    if (window === undefined || now - window.started >= WINDOW_MS) {
      window = { started: now, used: 0 };
      this.#windows.set(keyId, window);
    }
    window.used += 1;
    reply.header('ratelimit-policy', `"default";q=${this.#perSecond};w=1`);
    reply.header('ratelimit', `"default";r=${Math.max(0, this.#perSecond - window.used)};t=1`);
    if (window.used > this.#perSecond)
      throw new ProblemError(
        'rate_limited',
        `at most ${this.#perSecond} requests a second with one key`,
        {},
        { 'retry-after': '1' },
      );
  }
}
