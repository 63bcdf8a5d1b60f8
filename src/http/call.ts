import type { Command } from '../model/command.ts';
import type { ApiKeyRow } from '../store/api-keys.ts';
import type { Services } from './services.ts';

/**
 * What a write reads of the request that asks for it. A request is one; each command of a batch is one too, and looks to
 * the operation as if it had come by itself: so it has the fingerprint that the single call has.
 */
export interface Call<P = unknown, B = unknown> {
  /** The id of the request. */
  readonly id: string;
  readonly method: string;
  readonly routeOptions: { readonly url?: string | undefined };
  readonly params: P;
  readonly body: B;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly apiKey: ApiKeyRow | null;
}

/** Parameters of a path with one id in it. */
export interface Named {
  readonly id: string;
}

/** A command ready to be handed in. */
export interface Prepared {
  readonly command: Command;
  /** The Idempotency-Key, where it counts. */
  readonly key: string | null;
  /** Answered with the member of this name, as it is now, not with the command's own answer. */
  readonly show?: string;
}

/** What a call wants of the engine: what is needed for that is looked up, and nothing is changed. Throws a `ProblemError`. */
export type Prepare<P = unknown, B = unknown> = (services: Services, call: Call<P, B>) => Promise<Prepared>;
