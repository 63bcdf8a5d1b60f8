import { mulDiv } from '../model/mul-div.ts';
import type { Policies } from '../model/policies.ts';
import type { Fault } from '../model/problem.ts';
import type { PurchaseFacts, RecordPurchase, StoredLine } from '../model/purchase.ts';
import type { LineMatcher } from '../rules/line-filter.ts';
import { spreadByWeight } from './rounding.ts';

const fault = (pointer: string, code: string, expected: string, came: number): Fault => ({
  pointer,
  code,
  expected,
  detail: `${came}`,
});

const differs = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) > tolerance;

/** Every sum of the purchase that does not hold. Amounts are minor units. */
export const faultsOfSums = (report: RecordPurchase, tolerance: number): Fault[] => {
  const faults: Fault[] = [];
  let lines = 0;
  report.lines.forEach((line, index) => {
    const gross = line.quantity * line.unit_price;
    if (!Number.isSafeInteger(gross))
      faults.push(
        fault(`/lines/${index}/unit_price`, 'number_too_large', 'quantity × unit_price within 2^53', line.unit_price),
      );
    else if ((line.discount ?? 0) > gross)
      faults.push(fault(`/lines/${index}/discount`, 'line_discount', `at most ${gross}`, line.discount ?? 0));
    else if (differs(gross - (line.discount ?? 0), line.total, tolerance)) {
      faults.push(
        fault(
          `/lines/${index}/total`,
          'line_total',
          `${gross - (line.discount ?? 0)} (quantity × unit_price − discount)`,
          line.total,
        ),
      );
    }
    lines += line.total;
  });
  if (!Number.isSafeInteger(lines))
    return [...faults, fault('/lines', 'number_too_large', 'a sum of lines within 2^53', lines)];
  const net = lines - (report.discount ?? 0) + (report.shipping ?? 0);
  const total = net + (report.tax !== undefined && !report.tax.included ? report.tax.amount : 0);
  const paid = report.paid_with_points ?? 0;
  if (paid > report.total) faults.push(fault('/paid_with_points', 'paid_with_points', `at most ${report.total}`, paid));
  if ((report.discount ?? 0) > lines)
    faults.push(fault('/discount', 'discount', `at most ${lines}`, report.discount ?? 0));
  else if (report.tax?.included === true && report.tax.amount > net)
    faults.push(fault('/tax/amount', 'tax', `at most ${net}`, report.tax.amount));
  else if (!Number.isSafeInteger(total))
    faults.push(fault('/total', 'number_too_large', 'a total within 2^53', report.total));
  else if (differs(total, report.total, tolerance))
    faults.push(
      fault('/total', 'total', `${total} (lines − discount + shipping, + tax when not included)`, report.total),
    );
  return faults;
};

/** What counts of a part of the purchase, given its share of the tax. */
const counted = (net: number, taxShare: number, taxIncluded: boolean, policies: Policies): number =>
  policies.count_tax ? (taxIncluded ? net : net + taxShare) : taxIncluded ? net - taxShare : net;

/** What of a purchase points may pay. */
export interface MayPay {
  readonly line: LineMatcher;
  readonly shipping: boolean;
}

/**
 * Spreads the discount on the whole, and the tax, over the lines (by largest remainder) and says what of each line
 * counts as spend; and what was paid with points over what they may pay. The report's sums hold already.
 */
export const spreadPurchase = (
  report: RecordPurchase,
  policies: Policies,
  mayPay?: MayPay,
): { lines: StoredLine[]; shipping_counted: number; shipping_points_share?: number; spend: number } => {
  const discounts = spreadByWeight(
    report.discount ?? 0,
    report.lines.map((line) => line.total),
  );
  const nets = report.lines.map((line, index) => line.total - (discounts[index] ?? 0));
  const mayBePaid = [
    ...report.lines.map((line) => mayPay?.line({ sku: line.sku, categories: line.categories ?? [] }) ?? true),
    mayPay?.shipping ?? true,
  ];
  const shipping = report.shipping ?? 0;
  const taxes = spreadByWeight(report.tax?.amount ?? 0, [...nets, shipping]);
  const included = report.tax?.included ?? true;
  const payable = [...nets, shipping].map((net, index) =>
    mayBePaid[index] === true ? net + (included ? 0 : (taxes[index] ?? 0)) : 0,
  );
  const paid = report.paid_with_points === undefined ? [] : spreadByWeight(report.paid_with_points, payable);
  const paidFor = (index: number): { points_share?: number } => {
    const share = paid[index];
    return share === undefined ? {} : { points_share: share };
  };
  const lines = report.lines.map((line, index): StoredLine => {
    const taxShare = taxes[index] ?? 0;
    return {
      sku: line.sku,
      categories: line.categories ?? [],
      quantity: line.quantity,
      unit_price: line.unit_price,
      discount: line.discount ?? 0,
      total: line.total,
      ...(line.cost === undefined ? {} : { cost: line.cost }),
      discount_share: discounts[index] ?? 0,
      tax_share: taxShare,
      ...paidFor(index),
      counted: counted(nets[index] ?? 0, taxShare, included, policies),
    };
  });
  const shippingCounted = policies.count_shipping ? counted(shipping, taxes[nets.length] ?? 0, included, policies) : 0;
  return {
    lines,
    shipping_counted: shippingCounted,
    ...(paid.length === 0 ? {} : { shipping_points_share: paid[nets.length] ?? 0 }),
    spend: lines.reduce((sum, line) => sum + line.counted, shippingCounted),
  };
};

export type SpreadPurchase = ReturnType<typeof spreadPurchase>;

/** What is to be paid for each line, and for shipping, tax included, in minor units. */
export const payableOf = (
  { lines }: { readonly lines: readonly StoredLine[] },
  { shipping = 0, tax }: Pick<RecordPurchase, 'shipping' | 'tax'>,
): { readonly lines: readonly number[]; readonly shipping: number } => {
  const onTop = tax === undefined || tax.included ? 0 : tax.amount;
  const taxOf = (share: number): number => (onTop === 0 ? 0 : share);
  const taxOfLines = lines.reduce((sum, line) => sum + taxOf(line.tax_share), 0);
  return {
    lines: lines.map((line) => line.total - line.discount_share + taxOf(line.tax_share)),
    shipping: shipping + onTop - taxOfLines,
  };
};

/** What counts of a part of the purchase after what points paid of it: in proportion, where tax is not counted. */
const unpaid = (counts: number, payable: number, share: number): number =>
  payable <= 0 ? 0 : mulDiv(counts, Math.max(0, payable - share), payable, 'floor');

/** What earns points: what was paid with points does not, unless the program says so. */
export const earningPart = (
  spread: SpreadPurchase,
  report: Pick<RecordPurchase, 'shipping' | 'tax' | 'paid_with_points'>,
  policies: Policies,
): SpreadPurchase => {
  if (policies.earn_on_points_paid || (report.paid_with_points ?? 0) === 0) return spread;
  const payable = payableOf(spread, report);
  const lines = spread.lines.map((line, index) => ({
    ...line,
    counted: unpaid(line.counted, payable.lines[index] ?? 0, line.points_share ?? 0),
  }));
  const shipping = unpaid(spread.shipping_counted, payable.shipping, spread.shipping_points_share ?? 0);
  return {
    ...spread,
    lines,
    shipping_counted: shipping,
    spend: lines.reduce((sum, line) => sum + line.counted, shipping),
  };
};

/** What of a purchase counted, and by which policies. */
export type CountedFacts = Pick<
  PurchaseFacts,
  'count_tax' | 'count_shipping' | 'shipping_counted' | 'shipping_points_share'
>;

export const factsOf = (policies: Policies, spread: SpreadPurchase): CountedFacts => ({
  count_tax: policies.count_tax,
  count_shipping: policies.count_shipping,
  shipping_counted: spread.shipping_counted,
  ...(spread.shipping_points_share === undefined ? {} : { shipping_points_share: spread.shipping_points_share }),
});
