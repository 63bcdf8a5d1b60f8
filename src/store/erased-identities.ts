import { sql } from 'kysely';
import { type MemberId, type ProgramId, SHARDS } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { bytes, instants, numbers } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/** A salted hash of an identity that an erased member had. */
export interface ErasedIdentity {
  readonly hash: Uint8Array;
  readonly member: MemberId;
  /** Null: for good. */
  readonly kept_until: Instant | null;
}

const shardOfHash = (hash: Uint8Array): number => (hash[0] ?? 0) % SHARDS;

/** With what the program hashes identities that outlive their member. */
export const loadSalt = async (db: Db, program: ProgramId): Promise<Uint8Array> => {
  const [row] = await db.run(
    sql<{ identity_salt: Buffer }>`select identity_salt from program where program_id = ${program}`,
  );
  if (row === undefined) throw new Error(`program ${program} does not exist`);
  return row.identity_salt;
};

/** Whose these were, of those that are known: by their digits in hexadecimal. */
export const findErased = async (
  db: Db,
  program: ProgramId,
  hashes: readonly Uint8Array[],
): Promise<Map<string, ErasedIdentity>> => {
  const rows = await db.run(sql<{ hash: Buffer; member_id: MemberId; kept_until: Instant | null }>`
    select found.hash, found.member_id, found.kept_until
    from unnest(${numbers(hashes.map(shardOfHash))}::smallint[], ${bytes(hashes)}::bytea[]) as wanted (shard, hash)
    cross join lateral (
      select e.hash, e.member_id, e.kept_until
      from erased_identity e
      where e.program_id = ${program} and e.shard = wanted.shard and e.hash = wanted.hash
      limit 1
    ) found
  `);
  return new Map(
    rows.map(({ hash, member_id: member, kept_until }) => [hash.toString('hex'), { hash, member, kept_until }]),
  );
};

/** Keeps hashes. One that was another's before is the last one's. */
export const saveErased = (tx: Tx, program: ProgramId, rows: readonly ErasedIdentity[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into erased_identity (program_id, shard, hash, member_id, kept_until)
    select ${program}, new.*
    from unnest(
      ${numbers(rows.map(({ hash }) => shardOfHash(hash)))}::smallint[],
      ${bytes(rows.map(({ hash }) => hash))}::bytea[],
      ${numbers(rows.map(({ member }) => member))}::bigint[],
      ${instants(rows.map(({ kept_until }) => kept_until))}::timestamptz[]
    ) as new
    on conflict (program_id, shard, hash) do update
    set member_id = excluded.member_id, kept_until = excluded.kept_until
  `);

/** Sweeps hashes that were kept for a while, of one program, some at a time. Returns how many. */
export const sweepErased = async (tx: Tx, program: ProgramId, now: Instant, limit: number): Promise<number> => {
  const rows = await tx.run(sql`
    delete from erased_identity e
    using (
      select shard, hash from erased_identity
      where program_id = ${program} and kept_until <= ${instantText(now)}::timestamptz
      limit ${limit}
    ) old
    where e.program_id = ${program} and e.shard = old.shard and e.hash = old.hash
    returning 1
  `);
  return rows.length;
};
