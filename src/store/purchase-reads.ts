import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember, shardOfText } from '../model/ids.ts';
import { instantText } from '../model/instant.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import type { Purchase } from '../model/purchase-view.ts';
import type { Db } from './connection.ts';

export interface ReadPurchase extends PurchaseRow {
  readonly external_id: string | null;
}

const selected = sql`p.purchase_id, p.ordinal, p.occurred_at, p.recorded_at, p.total, p.spend, p.report, p.facts, s.external_id`;

const ofMember = sql`join member_state s on s.program_id = p.program_id and s.shard = p.shard and s.member_id = p.member_id`;

/** A purchase by the shop's own id, a guest's included. */
export const findPurchase = async (db: Db, program: ProgramId, id: string): Promise<ReadPurchase | null> => {
  const [row] = await db.run(sql<ReadPurchase>`
    select ${selected}
    from operation_reference r
    join purchase p on p.program_id = r.program_id and p.shard = (r.member_id % 16)::smallint and p.member_id = r.member_id and p.ordinal = r.ordinal
    ${ofMember}
    where r.program_id = ${program} and r.shard = ${shardOfText(id)} and r.kind = 'purchase' and r.id = ${id}
    union all
    select g.purchase_id, 0, g.occurred_at, g.recorded_at, g.total, g.spend, g.report, g.facts, null
    from guest_purchase g
    where g.program_id = ${program} and g.shard = ${shardOfText(id)} and g.purchase_id = ${id}
  `);
  return row ?? null;
};

/** A member's purchases, the last recorded first, those before an ordinal. */
export const listPurchases = (
  db: Db,
  program: ProgramId,
  member: MemberId,
  before: number | null,
  limit: number,
): Promise<ReadPurchase[]> =>
  db.run(sql<ReadPurchase>`
    select ${selected}
    from purchase p
    ${ofMember}
    where p.program_id = ${program} and p.shard = ${shardOfMember(member)} and p.member_id = ${member} and p.ordinal < ${before ?? 2 ** 31 - 1}
    order by p.ordinal desc
    limit ${limit}
  `);

/** How many purchases of a member were recorded before one of them. */
export const countPurchasesBefore = async (
  db: Db,
  program: ProgramId,
  member: MemberId,
  ordinal: number,
): Promise<number> => {
  const [row] = await db.run(sql<{ count: number }>`
    select count(*) as count
    from purchase
    where program_id = ${program} and shard = ${shardOfMember(member)} and member_id = ${member} and ordinal < ${ordinal}
  `);
  return row?.count ?? 0;
};

/** A purchase as the API shows it. */
export const purchaseView = ({
  external_id,
  purchase_id,
  occurred_at,
  recorded_at,
  total,
  spend,
  report,
  facts,
}: ReadPurchase): Purchase => ({
  id: purchase_id,
  member: external_id,
  occurred_at: instantText(occurred_at),
  recorded_at: instantText(recorded_at),
  total: { amount: total, currency: report.currency },
  spend: { amount: spend, currency: report.currency },
  lines: report.lines.map((line) => ({ ...line, categories: [...line.categories] })),
  discount: report.discount ?? 0,
  shipping: report.shipping ?? 0,
  tax: report.tax ?? null,
  paid_with_points: report.paid_with_points ?? 0,
  capture_redemptions: [...(report.capture_redemptions ?? [])],
  replaces: report.replaces ?? null,
  quote: report.quote ?? null,
  channel: report.channel ?? null,
  store: report.store ?? null,
  context: report.context ?? {},
  ...(facts.past === true
    ? {
        past: {
          points_given: (report.points_given ?? []).map(({ wallet = 'points', points }) => ({ wallet, points })),
        },
      }
    : {}),
  revision: facts.revision,
  rules: facts.rules.map(({ multiplied, ...fact }) => ({
    ...fact,
    ...(multiplied === undefined ? {} : { multiplied: [...multiplied] }),
  })),
});
