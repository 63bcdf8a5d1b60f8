import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfText } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { ReturnRow } from '../model/purchase-return.ts';
import { bytes, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';
import type { OperationReference } from './operation-references.ts';

/* Guests' purchases on their way to members. */

export interface HashedPurchase {
  /** The identity's hash, as hexadecimal digits. */
  readonly hash: string;
  readonly purchase_id: string;
  readonly occurred_at: Instant;
}

/** Guests' purchases of identities since an instant of which something is left, the oldest first, so many for each. */
export const loadClaimable = (
  db: Db,
  program: ProgramId,
  hashes: readonly Uint8Array[],
  since: Instant,
  limit: number,
): Promise<HashedPurchase[]> =>
  db.run(sql<HashedPurchase>`
    select encode(wanted.hash, 'hex') as hash, found.purchase_id, found.occurred_at
    from unnest(${bytes(hashes)}::bytea[]) as wanted (hash)
    cross join lateral (
      select g.purchase_id, g.occurred_at
      from guest_purchase g
      where g.program_id = ${program} and g.identity_hash = wanted.hash and g.occurred_at >= ${instantText(since)}::timestamptz
        and not exists (
          select from purchase_return r where r.program_id = ${program} and r.purchase_id = g.purchase_id and r.whole
        )
      order by g.occurred_at, g.purchase_id
      limit ${limit}
    ) found
  `);

/** Locks guests' purchases in the order given, which is that of their ids; those that are a member's by now are not there. */
export const lockGuestPurchases = (tx: Tx, program: ProgramId, ids: readonly string[]): Promise<unknown[]> =>
  tx.run(sql`
    select locked.purchase_id
    from unnest(${numbers(ids.map(shardOfText))}::smallint[], ${texts(ids)}::text[]) as wanted (shard, id)
    cross join lateral (
      select g.purchase_id
      from guest_purchase g
      where g.program_id = ${program} and g.shard = wanted.shard and g.purchase_id = wanted.id
      limit 1
      for update
    ) locked
  `);

/*
 * What moves to a member moves by a statement each: it happens rarely, and each row is found by its whole key, whatever
 * the planner believes.
 */

/** Takes guests' purchases away that are members' from now on. */
export const deleteGuestPurchases = (tx: Tx, program: ProgramId, ids: readonly string[]): Promise<unknown[][]> =>
  Promise.all(
    ids.map((id) =>
      tx.run(sql`
        delete from guest_purchase where program_id = ${program} and shard = ${shardOfText(id)} and purchase_id = ${id}
      `),
    ),
  );

/** Callers' ids that were a guest's lead to a member from now on. */
export const moveOperations = (
  tx: Tx,
  program: ProgramId,
  operations: readonly OperationReference[],
): Promise<unknown[][]> =>
  Promise.all(
    operations.map(({ kind, id, member_id, ordinal }) =>
      tx.run(sql`
        update operation_reference
        set member_id = ${member_id}, ordinal = ${ordinal}
        where program_id = ${program} and shard = ${shardOfText(id)} and kind = ${kind} and id = ${id}
      `),
    ),
  );

/** Returns that were a guest's are a member's from now on, and say what they took. Their answers stay what they were. */
export const moveReturns = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (readonly [MemberId, ReturnRow])[],
): Promise<unknown[][]> =>
  Promise.all(
    rows.map(([member, { kind, id, ordinal, taken }]) =>
      tx.run(sql`
        update purchase_return
        set member_id = ${member}, ordinal = ${ordinal}, taken = ${JSON.stringify(taken)}
        where program_id = ${program} and shard = ${shardOfText(id)} and kind = ${kind} and id = ${id}
      `),
    ),
  );
