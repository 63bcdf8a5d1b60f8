import type { RecordPurchase } from '../../src/model/purchase.ts';
import type { Coverage, LoggedReturn } from './purchase-log.ts';

/*
 * Cancellations of the Online Retail log never name the invoice they cancel. A line of one comes back of what the same
 * customer bought of the same item before, the last first; what nothing covers is nobody's return and is not sent.
 */

/** A line of a cancellation that has a customer and an item. */
export interface Cancelled {
  readonly invoice: string;
  readonly customer: string;
  readonly sku: string;
  readonly quantity: number;
  readonly time: string;
  /** Of the file. */
  readonly row: number;
}

/** An invoice as a purchase, with the row it begins in. */
export interface Bought {
  readonly customer: string;
  readonly time: string;
  readonly row: number;
  readonly purchase: RecordPurchase;
}

/** Pieces of one line of a purchase that have not come back. */
interface Left {
  readonly purchase: string;
  readonly line: number;
  quantity: number;
}

const inTime = (a: Bought | Cancelled, b: Bought | Cancelled): number =>
  a.time < b.time ? -1 : a.time > b.time ? 1 : a.row - b.row;

/** Takes pieces from the last bought on, and says from which lines of which purchases, purchase by purchase. */
const takeLast = (lefts: readonly Left[], wanted: number): Map<string, { line: number; quantity: number }[]> => {
  const taken = new Map<string, { line: number; quantity: number }[]>();
  let missing = wanted;
  for (const left of lefts.toReversed()) {
    const quantity = Math.min(missing, left.quantity);
    if (quantity === 0) continue;
    left.quantity -= quantity;
    missing -= quantity;
    const lines = taken.get(left.purchase) ?? [];
    lines.push({ line: left.line, quantity });
    taken.set(left.purchase, lines);
  }
  return taken;
};

const piecesIn = (taken: ReturnType<typeof takeLast>): number =>
  [...taken.values()].flat().reduce((sum, { quantity }) => sum + quantity, 0);

/** The returns of each customer, in time order, and at one time in the order of the file. */
export function coverCancellations(
  bought: readonly Bought[],
  cancelled: readonly Cancelled[],
): { returnsOf: ReadonlyMap<string, readonly LoggedReturn[]>; coverage: Coverage } {
  const lefts = new Map<string, Left[]>();
  const purchases = new Map<string, number>();
  const returnsOf = new Map<string, LoggedReturn[]>();
  const coverage = { covered: 0, inPart: 0, not: 0 };
  for (const happened of [...bought, ...cancelled].sort(inTime)) {
    const { customer } = happened;
    if ('purchase' in happened) {
      purchases.set(customer, 1 + (purchases.get(customer) ?? 0));
      for (const [line, { sku, quantity }] of happened.purchase.lines.entries()) {
        const key = `${customer} ${sku}`;
        const left = { purchase: happened.purchase.id, line, quantity };
        lefts.set(key, [...(lefts.get(key) ?? []), left]);
      }
      continue;
    }
    const taken = takeLast(lefts.get(`${customer} ${happened.sku}`) ?? [], happened.quantity);
    const pieces = piecesIn(taken);
    coverage[pieces === happened.quantity ? 'covered' : pieces > 0 ? 'inPart' : 'not'] += 1;
    const returns = [...taken].map(([purchase, lines], index): LoggedReturn => {
      // The row, as one cancellation may name an item twice; a number, as it may come back of several purchases.
      const id = `online-retail-${happened.invoice}-${happened.row}-${index + 1}`;
      const after = purchases.get(customer) ?? 0;
      return { day: happened.time.slice(0, 10), after, purchase, body: { id, lines } };
    });
    returnsOf.set(customer, [...(returnsOf.get(customer) ?? []), ...returns]);
  }
  return { returnsOf, coverage };
}
