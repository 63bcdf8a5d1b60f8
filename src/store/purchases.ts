import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember, shardOfText } from '../model/ids.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import { bytes, documents, instants, jsonTexts, numbers, texts } from './arrays.ts';
import type { Tx } from './connection.ts';

/** A row that carries its answer, so that a repetition gets the same bytes. */
export interface Answered {
  readonly fingerprint: Uint8Array;
  readonly answer: string;
}

export interface MemberPurchase extends Answered {
  readonly member: MemberId;
  readonly row: PurchaseRow;
}

export interface GuestPurchase extends Answered {
  readonly row: PurchaseRow;
  readonly identity_hash: Uint8Array | null;
}

const columns = (purchases: readonly (Answered & { readonly row: PurchaseRow })[]) => sql`
  ${texts(purchases.map(({ row }) => row.purchase_id))}::text[],
  ${instants(purchases.map(({ row }) => row.occurred_at))}::timestamptz[],
  ${instants(purchases.map(({ row }) => row.recorded_at))}::timestamptz[],
  ${numbers(purchases.map(({ row }) => row.total))}::bigint[],
  ${numbers(purchases.map(({ row }) => row.spend))}::bigint[],
  ${documents(purchases.map(({ row }) => row.report))}::json[],
  ${documents(purchases.map(({ row }) => row.facts))}::json[],
  ${bytes(purchases.map(({ fingerprint }) => fingerprint))}::bytea[],
  ${jsonTexts(purchases.map(({ answer }) => answer))}::text[]
`;

export const insertPurchases = (tx: Tx, program: ProgramId, purchases: readonly MemberPurchase[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into purchase (program_id, shard, member_id, ordinal, purchase_id, occurred_at, recorded_at, total, spend, report, facts, fingerprint, answer)
    select ${program}, new.*
    from unnest(
      ${numbers(purchases.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(purchases.map(({ member }) => member))}::bigint[],
      ${numbers(purchases.map(({ row }) => row.ordinal))}::integer[],
      ${columns(purchases)}
    ) as new
  `);

export const insertGuestPurchases = (
  tx: Tx,
  program: ProgramId,
  purchases: readonly GuestPurchase[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into guest_purchase (program_id, shard, identity_hash, purchase_id, occurred_at, recorded_at, total, spend, report, facts, fingerprint, answer)
    select ${program}, new.*
    from unnest(
      ${numbers(purchases.map(({ row }) => shardOfText(row.purchase_id)))}::smallint[],
      ${bytes(purchases.map(({ identity_hash }) => identity_hash))}::bytea[],
      ${columns(purchases)}
    ) as new
  `);
