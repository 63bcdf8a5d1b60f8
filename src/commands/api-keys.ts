import { createHash, randomBytes } from 'node:crypto';
import { type Refusal, refuse } from '../model/decision.ts';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull, parseInstant } from '../model/instant.ts';
import type { ApiKey, CreateKey, NewApiKey, Scope } from '../model/program.ts';
import { type ApiKeyRow, insertKey } from '../store/api-keys.ts';
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

/** Makes a key of the program. Its secret is in the answer and nowhere else. */
export const createKey = async (tx: Tx, program: ProgramId, request: CreateKey, now: Instant): Promise<NewApiKey> => {
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
