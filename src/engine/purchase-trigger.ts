import type { PurchaseRow, StoredLine } from '../model/purchase.ts';
import type { Trigger } from '../rules/conditions/subject.ts';

type Report = Pick<PurchaseRow['report'], 'total' | 'discount' | 'shipping' | 'channel' | 'store' | 'context'>;

/** A purchase as conditions see it: as it is reported, or as it was recorded. `number` is which of the member's it is. */
export const purchaseTrigger = (
  report: Report,
  { lines, spend }: { readonly lines: readonly StoredLine[]; readonly spend: number },
  number: number,
): Trigger => ({
  kind: 'purchase',
  spend,
  total: report.total,
  discount: report.discount ?? 0,
  shipping: report.shipping ?? 0,
  channel: report.channel ?? null,
  store: report.store ?? null,
  number,
  lines: lines.map(({ sku, categories, quantity, unit_price, counted }) => ({
    sku,
    categories,
    quantity,
    unit_price,
    spend: counted,
  })),
  context: report.context ?? {},
});
