import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { hashSecret } from '../commands/api-keys.ts';
import type { ProgramId } from '../model/ids.ts';
import type { Scope } from '../model/program.ts';
import { type ApiKeyRow, findKey, touchKey } from '../store/api-keys.ts';
import type { Database } from '../store/database.ts';
import { ProblemError } from './problem-error.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope a key needs for the route; `operator` for the deployment's own key, `none` for everybody. */
    scope?: Scope | 'operator' | 'none';
    /** Whether the body is a file that may take its time. */
    isUpload?: boolean;
  }
  interface FastifyRequest {
    /** The key the request came with; null where none is needed. */
    apiKey: ApiKeyRow | null;
  }
}

/** How long a key is believed: a revocation reaches every instance within this time. */
const BELIEVED_MS = 4_000;
/** `last_used_at` is written at most so often. */
const TOUCHED_EVERY_MS = 60_000;
const KEYS_CACHED = 10_000;

interface Known {
  readonly key: Promise<ApiKeyRow | null>;
  readonly until: number;
}

const unauthenticated = (detail: string): ProblemError =>
  new ProblemError('unauthenticated', detail, {}, { 'www-authenticate': 'Bearer' });

/** Finds the key of a request and checks what it may do. */
export class Authenticator {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #operatorHash: Buffer | null;
  readonly #known = new Map<string, Known>();
  readonly #touched = new Map<string, number>();

  constructor(database: Database, clock: () => number, operatorKey: string | undefined) {
    this.#database = database;
    this.#clock = clock;
    this.#operatorHash = operatorKey === undefined ? null : hashSecret(operatorKey);
  }

  async authenticate(request: FastifyRequest): Promise<ApiKeyRow | null> {
    const scope = request.routeOptions.config.scope;
    if (scope === 'none' || scope === undefined) return null;
    const [kind, token] = (request.headers.authorization ?? '').split(' ', 2);
    if (kind?.toLowerCase() !== 'bearer' || token === undefined || token.length > 256)
      throw unauthenticated('send `Authorization: Bearer` with an API key');
    if (scope === 'operator') {
      this.#checkOperator(token);
      return null;
    }
    const key = await this.#find(token);
    if (key === null) throw unauthenticated('no such API key');
    this.#check(key, scope);
    this.#touch(key);
    return key;
  }

  #checkOperator(token: string): void {
    if (this.#operatorHash === null)
      throw new ProblemError('operator_disabled', 'start the service with OPERATOR_KEY to use operator endpoints');
    if (!timingSafeEqual(hashSecret(token), this.#operatorHash)) throw unauthenticated('not the operator key');
  }

  #check(key: ApiKeyRow, scope: Scope): void {
    const now = this.#clock();
    const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' };
    if (key.revoked_at !== null && key.revoked_at <= now)
      throw new ProblemError('key_revoked', `key ${key.key_id} was revoked`, {}, challenge);
    if (key.expires_at !== null && key.expires_at <= now)
      throw new ProblemError('key_expired', `key ${key.key_id} has expired`, {}, challenge);
    if (!key.scopes.includes(scope))
      throw new ProblemError('insufficient_scope', `key ${key.key_id} lacks the scope ${scope}`);
  }

  #find(token: string): Promise<ApiKeyRow | null> {
    const now = this.#clock();
    const known = this.#known.get(token);
    if (known !== undefined && known.until > now) return known.key;
    const key = this.#database.observe((db) => findKey(db, hashSecret(token)));
    key.catch(() => this.#known.delete(token));
    if (this.#known.size >= KEYS_CACHED) this.#known.clear();
    this.#known.set(token, { key, until: now + BELIEVED_MS });
    return key;
  }

  /** Notes the use without making the request wait. */
  #touch(key: ApiKeyRow): void {
    const now = this.#clock();
    if (now - (this.#touched.get(key.key_id) ?? 0) < TOUCHED_EVERY_MS) return;
    this.#touched.set(key.key_id, now);
    void this.#database
      .transaction(key.program_id, (tx) => touchKey(tx, key.program_id, key.key_id, now))
      .catch(() => this.#touched.delete(key.key_id));
  }
}

/** The program of the key the request came with. */
export const programOf = ({ apiKey }: { readonly apiKey: ApiKeyRow | null }): ProgramId => {
  if (apiKey === null) throw new Error('the route takes no key');
  return apiKey.program_id;
};
