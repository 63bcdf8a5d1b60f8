import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { DAY_MS, type Instant, instantText } from '../model/instant.ts';
import { bytes, instants, jsonTexts, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/** How long an answer given under an Idempotency-Key is kept. */
export const KEPT_MS = 7 * DAY_MS;

export interface KeyScope {
  readonly member: MemberId;
  readonly key: string;
}

export const keyOf = (scope: KeyScope): string => `${scope.member}:${scope.key}`;

export interface StoredKey {
  readonly member_id: MemberId;
  readonly key: string;
  readonly fingerprint: Buffer;
  readonly status: number;
  readonly answer: string;
}

export const loadKeys = (db: Db, program: ProgramId, scopes: readonly KeyScope[], now: Instant): Promise<StoredKey[]> =>
  db.run(sql<StoredKey>`
    select wanted.member_id, wanted.key, found.fingerprint, found.status, found.answer
    from unnest(
      ${numbers(scopes.map((scope) => shardOfMember(scope.member)))}::smallint[],
      ${numbers(scopes.map((scope) => scope.member))}::bigint[],
      ${texts(scopes.map((scope) => scope.key))}::text[]
    ) as wanted (shard, member_id, key)
    cross join lateral (
      select k.fingerprint, k.status, k.answer
      from idempotency_key k
      where k.program_id = ${program} and k.shard = wanted.shard and k.member_id = wanted.member_id and k.key = wanted.key
        and k.expires_at > ${instantText(now)}::timestamptz
      limit 1
    ) found
  `);

export interface KeyRow extends KeyScope {
  readonly fingerprint: Uint8Array;
  readonly status: number;
  readonly answer: string;
}

/** Stores answers. A key whose answer has expired but was not yet swept is taken over. */
export const saveKeys = (tx: Tx, program: ProgramId, rows: readonly KeyRow[], now: Instant): Promise<unknown[]> =>
  tx.run(sql`
    insert into idempotency_key (program_id, shard, member_id, key, fingerprint, status, answer, expires_at)
    select ${program}, new.*
    from unnest(
      ${numbers(rows.map((row) => shardOfMember(row.member)))}::smallint[],
      ${numbers(rows.map((row) => row.member))}::bigint[],
      ${texts(rows.map((row) => row.key))}::text[],
      ${bytes(rows.map((row) => row.fingerprint))}::bytea[],
      ${numbers(rows.map((row) => row.status))}::smallint[],
      ${jsonTexts(rows.map((row) => row.answer))}::text[],
      ${instants(rows.map(() => now + KEPT_MS))}::timestamptz[]
    ) as new
    on conflict (program_id, shard, member_id, key) do update
    set fingerprint = excluded.fingerprint, status = excluded.status, answer = excluded.answer, expires_at = excluded.expires_at
  `);

/** Sweeps answers that have expired, of one program, some at a time. Returns how many. */
export const sweepKeys = async (tx: Tx, program: ProgramId, now: Instant, limit: number): Promise<number> => {
  const rows = await tx.run(sql`
    delete from idempotency_key k
    using (
      select shard, member_id, key from idempotency_key
      where program_id = ${program} and expires_at <= ${instantText(now)}::timestamptz
      order by expires_at
      limit ${limit}
    ) old
    where k.program_id = ${program} and k.shard = old.shard and k.member_id = old.member_id and k.key = old.key
    returning 1
  `);
  return rows.length;
};
