import { sql } from 'kysely';
import type { Entitlement } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember, shardOfText } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import { numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/* What of the past a return of a purchase needs. */

export interface StoredPurchase extends PurchaseRow {
  /** Null: a guest's. */
  readonly member_id: MemberId | null;
  readonly fingerprint: Buffer;
  readonly answer: string;
}

const columns = (table: 'p' | 'g') =>
  sql`${sql.ref(table)}.purchase_id, ${sql.ref(table)}.occurred_at, ${sql.ref(table)}.recorded_at, ${sql.ref(table)}.total, ${sql.ref(table)}.spend, ${sql.ref(table)}.report, ${sql.ref(table)}.facts, ${sql.ref(table)}.fingerprint, ${sql.ref(table)}.answer`;

const wantedPurchases = (ids: readonly string[]) => sql`
  unnest(${numbers(ids.map(shardOfText))}::smallint[], ${texts(ids)}::text[]) as wanted (shard, id)
`;

/** Purchases by the shops' own ids, guests' included. */
export const loadPurchases = (db: Db, program: ProgramId, ids: readonly string[]): Promise<StoredPurchase[]> =>
  db.run(sql<StoredPurchase>`
    select p.member_id, p.ordinal, ${columns('p')}
    from ${wantedPurchases(ids)}
    join operation_reference r
      on r.program_id = ${program} and r.shard = wanted.shard and r.kind = 'purchase' and r.id = wanted.id
    join purchase p
      on p.program_id = r.program_id and p.shard = (r.member_id % 16)::smallint and p.member_id = r.member_id and p.ordinal = r.ordinal
    union all
    select null, 0, ${columns('g')}
    from ${wantedPurchases(ids)}
    join guest_purchase g on g.program_id = ${program} and g.shard = wanted.shard and g.purchase_id = wanted.id
  `);

/** A range of a member's numbers, both ends included. */
export interface NumberRange {
  readonly member: MemberId;
  readonly from: number;
  readonly to: number;
}

const wantedRanges = (ranges: readonly NumberRange[]) => sql`
  unnest(
    ${numbers(ranges.map(({ member }) => shardOfMember(member)))}::smallint[],
    ${numbers(ranges.map(({ member }) => member))}::bigint[],
    ${numbers(ranges.map(({ from }) => from))}::integer[],
    ${numbers(ranges.map(({ to }) => to))}::integer[]
  ) as wanted (shard, member_id, first, last)
`;

export type OwnedGift = LedgerEntry & { readonly member_id: MemberId };

/** Entries that gave points, within ranges of sequences. */
export const loadGifts = (db: Db, program: ProgramId, ranges: readonly NumberRange[]): Promise<OwnedGift[]> =>
  db.run(sql<OwnedGift>`
    select e.*
    from ${wantedRanges(ranges)}
    cross join lateral (
      select member_id, sequence, ordinal, wallet, movement, from_bucket, to_bucket, points, pending_after, available_after,
        held_after, debt_after, cause, cause_id, allocations, rules, revision, occurred_at, recorded_at
      from ledger_entry
      where program_id = ${program} and shard = wanted.shard and member_id = wanted.member_id
        and sequence between wanted.first and wanted.last and movement in ('earn', 'recover')
      offset 0
    ) e
    order by e.member_id, e.sequence
  `);

export type OwnedEntitlement = Entitlement & { readonly member_id: MemberId };

/** Entitlements within ranges of numbers that are not taken back. */
export const loadGranted = (db: Db, program: ProgramId, ranges: readonly NumberRange[]): Promise<OwnedEntitlement[]> =>
  db.run(sql<OwnedEntitlement>`
    select e.*
    from ${wantedRanges(ranges)}
    cross join lateral (
      select member_id, number, reward, rule, cause, cause_id, granted_at, recorded_at, expires_at, used_at, redemption_id, revision
      from entitlement
      where program_id = ${program} and shard = wanted.shard and member_id = wanted.member_id
        and number between wanted.first and wanted.last and revoked_at is null
      offset 0
    ) e
    order by e.member_id, e.number
  `);

/** Takes entitlements back. */
export const revokeEntitlements = (
  tx: Tx,
  program: ProgramId,
  rows: readonly { readonly member: MemberId; readonly number: number; readonly at: Instant }[],
): Promise<unknown[]> =>
  tx.run(sql`
    update entitlement e
    set revoked_at = to_timestamp(gone.at::double precision / 1000)
    from unnest(
      ${numbers(rows.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(rows.map(({ member }) => member))}::bigint[],
      ${numbers(rows.map(({ number }) => number))}::integer[],
      ${numbers(rows.map(({ at }) => at))}::bigint[]
    ) as gone (shard, member_id, number, at)
    where e.program_id = ${program} and e.shard = gone.shard and e.member_id = gone.member_id and e.number = gone.number
  `);

export interface PurchaseTime {
  readonly member_id: MemberId;
  readonly ordinal: number;
  readonly occurred_at: Instant;
}

/** Of the purchases of members that are not wholly returned: the first and the last so many. */
export const loadPurchaseTimes = (
  db: Db,
  program: ProgramId,
  wanted: readonly { readonly member: MemberId; readonly count: number }[],
): Promise<PurchaseTime[]> =>
  db.run(sql<PurchaseTime>`
    select wanted.member_id, found.ordinal, found.occurred_at
    from unnest(
      ${numbers(wanted.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(wanted.map(({ member }) => member))}::bigint[],
      ${numbers(wanted.map(({ count }) => count))}::integer[]
    ) as wanted (shard, member_id, count)
    cross join lateral (
      select numbered.ordinal, numbered.occurred_at
      from (
        select p.ordinal, p.occurred_at, row_number() over (order by p.occurred_at) as nth,
          row_number() over (order by p.occurred_at desc) as nth_last
        from purchase p
        where p.program_id = ${program} and p.shard = wanted.shard and p.member_id = wanted.member_id
          and not exists (
            select from purchase_return r
            where r.program_id = ${program} and r.purchase_id = p.purchase_id and r.whole
          )
      ) numbered
      where numbered.nth <= wanted.count or numbered.nth_last <= wanted.count
    ) found
  `);
