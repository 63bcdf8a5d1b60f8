import { createHash, randomBytes } from 'node:crypto';
import { type Refusal, refuse } from '../model/decision.ts';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull, parseInstant } from '../model/instant.ts';
import type { ApiKey, CreateKey, NewApiKey, Scope } from '../model/program.ts';
import { type ApiKeyRow, insertKey, revokeKey } from '../store/api-keys.ts';
import { insertAudit } from '../store/audit-log.ts';
import type { Tx } from '../store/connection.ts';

/** A secret has 256 random bits: one round of SHA-256 is enough, and cheap on every request. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export const keyView = (row: ApiKeyRow): ApiKey => ({
  id: row.key_id,
  name: row.name,
  scopes: [...row.scopes],
  created_at: instantText(row.created_at),
  expires_at: instantTextOrNull(row.expires_at),
  revoked_at: instantTextOrNull(row.revoked_at),
  last_used_at: instantTextOrNull(row.last_used_at),
});

/** Who makes or revokes a key, by which request. */
export interface KeyAuthor {
  readonly author: string;
  readonly requestId: string;
}

const tellKey = (
  tx: Tx,
  action: 'key.created' | 'key.revoked',
  { key_id, program_id, scopes }: ApiKeyRow,
  { author, requestId: request_id }: KeyAuthor,
  at: Instant,
): Promise<unknown[]> =>
  insertAudit(tx, program_id, [
    { at, action, author, member: null, subject: key_id, details: { scopes }, request_id, actor: null },
  ]);

/** Revokes a key of the program; one revoked before keeps its time. Null when there is no such key. */
export const revokeApiKey = async (
  tx: Tx,
  program: ProgramId,
  keyId: string,
  author: KeyAuthor,
  now: Instant,
): Promise<ApiKeyRow | null> => {
  const row = await revokeKey(tx, program, keyId, now);
  if (row !== null) await tellKey(tx, 'key.revoked', row, author, now);
  return row;
};

/** Makes a key of the program. Its secret is in the answer and nowhere else. */
export const createKey = async (
  tx: Tx,
  program: ProgramId,
  request: CreateKey,
  author: KeyAuthor,
  now: Instant,
): Promise<NewApiKey> => {
  const secret = `tsr_${randomBytes(32).toString('base64url')}`;
  const row: ApiKeyRow = {
    key_id: `key_${randomBytes(8).toString('hex')}`,
    program_id: program,
    name: request.name,
    scopes: request.scopes,
    created_at: now,
    expires_at: request.expires_at === undefined ? null : parseInstant(request.expires_at),
    revoked_at: null,
    last_used_at: null,
  };
  await insertKey(tx, row, hashSecret(secret));
  await tellKey(tx, 'key.created', row, author, now);
  return { ...keyView(row), key: secret };
};

/** Whoever makes a key can give it only what they have themselves: `insufficient_scope` otherwise. */
export const refuseScopes = (wanted: readonly Scope[], held: readonly Scope[]): Refusal | null => {
  const lacking = wanted.filter((scope) => !held.includes(scope));
  if (lacking.length === 0) return null;
  return refuse('insufficient_scope', `a key without ${lacking.join(', ')} cannot grant it`, {
    errors: [{ pointer: '/scopes', code: 'insufficient_scope', detail: lacking.join(', '), expected: held.join(', ') }],
  });
};
