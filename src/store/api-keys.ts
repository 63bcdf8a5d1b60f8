import { sql } from 'kysely';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Scope } from '../model/program.ts';
import type { Db, Tx } from './connection.ts';

export interface ApiKeyRow {
  readonly key_id: string;
  readonly program_id: ProgramId;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly created_at: Instant;
  readonly expires_at: Instant | null;
  readonly revoked_at: Instant | null;
  readonly last_used_at: Instant | null;
}

const selected = sql`key_id, program_id, name, scopes, created_at, expires_at, revoked_at, last_used_at`;

/** For the observer: the key whose secret has this hash, of whatever program. */
export const findKey = async (db: Db, secretHash: Uint8Array): Promise<ApiKeyRow | null> => {
  const [row] = await db.run(
    sql<ApiKeyRow>`select ${selected} from api_key where secret_hash = ${Buffer.from(secretHash)}`,
  );
  return row ?? null;
};

/** The program's keys, oldest first, from after one of them. */
export const listKeys = (db: Db, program: ProgramId, after: string | null, limit: number): Promise<ApiKeyRow[]> =>
  db.run(sql<ApiKeyRow>`
    select ${selected}
    from api_key
    where program_id = ${program}
      and (${after}::text is null
        or (created_at, key_id) > (select a.created_at, a.key_id from api_key a where a.program_id = ${program} and a.key_id = ${after}))
    order by created_at, key_id
    limit ${limit}
  `);

export const insertKey = (tx: Tx, key: ApiKeyRow, secretHash: Uint8Array): Promise<unknown[]> =>
  tx.run(sql`
    insert into api_key (key_id, program_id, secret_hash, name, scopes, created_at, expires_at)
    values (${key.key_id}, ${key.program_id}, ${Buffer.from(secretHash)}, ${key.name}, ${key.scopes as string[]}, ${instantText(key.created_at)},
      ${key.expires_at === null ? null : instantText(key.expires_at)})
  `);

/** Revokes a key of the program; a key revoked before keeps its time. Null when there is no such key. */
export const revokeKey = async (tx: Tx, program: ProgramId, keyId: string, now: Instant): Promise<ApiKeyRow | null> => {
  const [row] = await tx.run(sql<ApiKeyRow>`
    update api_key
    set revoked_at = coalesce(revoked_at, ${instantText(now)})
    where program_id = ${program} and key_id = ${keyId}
    returning ${selected}
  `);
  return row ?? null;
};

export const touchKey = (tx: Tx, program: ProgramId, keyId: string, now: Instant): Promise<unknown[]> =>
  tx.run(sql`
    update api_key
    set last_used_at = ${instantText(now)}
    where program_id = ${program} and key_id = ${keyId}
  `);
