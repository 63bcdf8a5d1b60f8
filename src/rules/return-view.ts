import { instantText } from '../model/instant.ts';
import type { PurchaseReturn, ReturnRow } from '../model/purchase-return.ts';

/** A return as the API shows it. */
export const returnView =
  (currency: string) =>
  (row: ReturnRow): PurchaseReturn => ({
    id: row.id,
    kind: row.kind,
    purchase: row.purchase_id,
    amount: { amount: row.amount, currency },
    spend: { amount: row.spend, currency },
    paid_with_points: { amount: row.taken.paid_with_points ?? 0, currency },
    whole: row.whole,
    lines: row.returned.lines.map(({ line, quantity, paid, counted }) => ({
      line,
      quantity,
      amount: paid,
      spend: counted,
    })),
    occurred_at: instantText(row.occurred_at),
    recorded_at: instantText(row.recorded_at),
  });
