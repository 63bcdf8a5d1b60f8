import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember, shardOfText } from '../model/ids.ts';
import { numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

export type OperationKind = 'purchase' | 'redemption' | 'activity' | 'return' | 'cancellation' | 'opening_balance';

/**
 * Which command of which member carries a caller's id. `member_id` is null for a guest's purchase; `ordinal` is an
 * activity's number.
 */
export interface OperationReference {
  readonly kind: OperationKind;
  readonly id: string;
  readonly member_id: MemberId | null;
  readonly ordinal: number;
}

export const operationKey = (operation: { readonly kind: OperationKind; readonly id: string }): string =>
  `${operation.kind}:${operation.id}`;

export const findOperations = (
  db: Db,
  program: ProgramId,
  operations: readonly { readonly kind: OperationKind; readonly id: string }[],
): Promise<OperationReference[]> =>
  db.run(sql<OperationReference>`
    select wanted.kind, wanted.id, found.member_id, found.ordinal
    from unnest(
      ${numbers(operations.map((operation) => shardOfText(operation.id)))}::smallint[],
      ${texts(operations.map((operation) => operation.kind))}::text[],
      ${texts(operations.map((operation) => operation.id))}::text[]
    ) as wanted (shard, kind, id)
    cross join lateral (
      select r.member_id, r.ordinal
      from operation_reference r
      where r.program_id = ${program} and r.shard = wanted.shard and r.kind = wanted.kind and r.id = wanted.id
      limit 1
    ) found
  `);

export const insertOperations = (
  tx: Tx,
  program: ProgramId,
  operations: readonly OperationReference[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into operation_reference (program_id, shard, kind, id, member_id, ordinal)
    select ${program}, new.*
    from unnest(
      ${numbers(operations.map((operation) => shardOfText(operation.id)))}::smallint[],
      ${texts(operations.map((operation) => operation.kind))}::text[],
      ${texts(operations.map((operation) => operation.id))}::text[],
      ${numbers(operations.map((operation) => operation.member_id))}::bigint[],
      ${numbers(operations.map((operation) => operation.ordinal))}::integer[]
    ) as new
  `);

export interface StoredAnswer {
  readonly kind: OperationKind;
  readonly id: string;
  readonly fingerprint: Buffer;
  readonly answer: string;
}

/** The answers given when these operations were first recorded. */
export const loadOperationAnswers = (
  db: Db,
  program: ProgramId,
  operations: readonly OperationReference[],
): Promise<StoredAnswer[]> =>
  db.run(sql<StoredAnswer>`
    select wanted.kind, wanted.id, stored.fingerprint, stored.answer
    from unnest(
      ${texts(operations.map((operation) => operation.kind))}::text[],
      ${texts(operations.map((operation) => operation.id))}::text[],
      ${numbers(operations.map((operation) => (operation.member_id === null ? shardOfText(operation.id) : shardOfMember(operation.member_id))))}::smallint[],
      ${numbers(operations.map((operation) => operation.member_id))}::bigint[],
      ${numbers(operations.map((operation) => operation.ordinal))}::integer[],
      ${numbers(operations.map((operation) => shardOfText(operation.id)))}::smallint[]
    ) as wanted (kind, id, shard, member_id, ordinal, text_shard)
    cross join lateral (
      select p.fingerprint, p.answer from purchase p
      where wanted.kind = 'purchase' and p.program_id = ${program} and p.shard = wanted.shard and p.member_id = wanted.member_id and p.ordinal = wanted.ordinal
      union all
      select r.fingerprint, r.answer from redemption r
      where wanted.kind = 'redemption' and r.program_id = ${program} and r.shard = wanted.shard and r.member_id = wanted.member_id and r.ordinal = wanted.ordinal
      union all
      select a.fingerprint, a.answer from activity a
      where wanted.kind = 'activity' and a.program_id = ${program} and a.shard = wanted.shard and a.member_id = wanted.member_id and a.number = wanted.ordinal
      union all
      select b.fingerprint, b.answer from purchase_return b
      where wanted.kind in ('return', 'cancellation') and b.program_id = ${program} and b.shard = wanted.text_shard and b.kind = wanted.kind and b.id = wanted.id
      union all
      select o.fingerprint, o.answer from opening_balance o
      where wanted.kind = 'opening_balance' and o.program_id = ${program} and o.shard = wanted.shard and o.member_id = wanted.member_id and o.wallet = split_part(wanted.id, ':', 2)
      union all
      select g.fingerprint, g.answer from guest_purchase g
      where wanted.kind = 'purchase' and wanted.member_id is null and g.program_id = ${program} and g.shard = wanted.shard and g.purchase_id = wanted.id
    ) stored
  `);
