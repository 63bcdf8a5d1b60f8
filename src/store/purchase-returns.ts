import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfText } from '../model/ids.ts';
import type { ReturnRow } from '../model/purchase-return.ts';
import { booleans, bytes, documents, instants, jsonTexts, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';
import type { Answered } from './purchases.ts';

/** `member` is null for a guest's purchase. */
export interface OwnedReturn extends Answered {
  readonly member: MemberId | null;
  readonly row: ReturnRow;
}

export const insertReturns = (tx: Tx, program: ProgramId, returns: readonly OwnedReturn[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into purchase_return (
      program_id, shard, kind, id, purchase_id, number, member_id, ordinal, occurred_at, recorded_at, amount, spend, whole, returned, taken,
      fingerprint, answer
    )
    select ${program}, new.*
    from unnest(
      ${numbers(returns.map(({ row }) => shardOfText(row.id)))}::smallint[],
      ${texts(returns.map(({ row }) => row.kind))}::text[],
      ${texts(returns.map(({ row }) => row.id))}::text[],
      ${texts(returns.map(({ row }) => row.purchase_id))}::text[],
      ${numbers(returns.map(({ row }) => row.number))}::integer[],
      ${numbers(returns.map(({ member }) => member))}::bigint[],
      ${numbers(returns.map(({ row }) => row.ordinal))}::integer[],
      ${instants(returns.map(({ row }) => row.occurred_at))}::timestamptz[],
      ${instants(returns.map(({ row }) => row.recorded_at))}::timestamptz[],
      ${numbers(returns.map(({ row }) => row.amount))}::bigint[],
      ${numbers(returns.map(({ row }) => row.spend))}::bigint[],
      ${booleans(returns.map(({ row }) => row.whole))}::boolean[],
      ${documents(returns.map(({ row }) => row.returned))}::json[],
      ${documents(returns.map(({ row }) => row.taken))}::json[],
      ${bytes(returns.map(({ fingerprint }) => fingerprint))}::bytea[],
      ${jsonTexts(returns.map(({ answer }) => answer))}::text[]
    ) as new
  `);

/** The returns of purchases, each purchase's in order. */
export const loadReturns = (db: Db, program: ProgramId, purchases: readonly string[]): Promise<ReturnRow[]> =>
  db.run(sql<ReturnRow>`
    select r.kind, r.id, r.purchase_id, r.number, r.ordinal, r.occurred_at, r.recorded_at, r.amount, r.spend, r.whole, r.returned, r.taken
    from unnest(${texts(purchases)}::text[]) as wanted (purchase_id)
    cross join lateral (
      select *
      from purchase_return
      where program_id = ${program} and purchase_id = wanted.purchase_id
      offset 0
    ) r
    order by r.purchase_id, r.number
  `);

/** A purchase's returns, the last first, those before a number. */
export const listReturns = (
  db: Db,
  program: ProgramId,
  purchase: string,
  before: number | null,
  limit: number,
): Promise<ReturnRow[]> =>
  db.run(sql<ReturnRow>`
    select kind, id, purchase_id, number, ordinal, occurred_at, recorded_at, amount, spend, whole, returned, taken
    from purchase_return
    where program_id = ${program} and purchase_id = ${purchase} and number < ${before ?? 2 ** 31 - 1}
    order by number desc
    limit ${limit}
  `);
