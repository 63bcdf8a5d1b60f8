import type { PurchaseLine, RecordPurchase } from '../../src/model/purchase.ts';
import { type Bought, type Cancelled, coverCancellations } from './cancellations.ts';
import { csvFields } from './csv.ts';
import { exactHundredths, parseDecimal, roundedHundredths, times } from './decimal.ts';
import { type History, inDateOrder, type PurchaseLog, type ReadOptions, UnreadableRow } from './purchase-log.ts';

/*
 * The Online Retail log: lines of invoices, grouped here by their invoice number, which is the purchase's id. Times are
 * those of a clock on a wall in Britain; they are taken as UTC, which in summer is an hour late and never moves an
 * invoice to another day, as nobody is invoiced at that hour. An invoice that carries two times counts from the first.
 *
 * Not reported, and counted: adjustments of bad debts, corrections of the stock, which are lines of a quantity below
 * one, and cancellations, unless returns are asked for: see `cancellations.ts`.
 */

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

interface Invoice {
  readonly customer: string;
  time: string;
  readonly lines: PurchaseLine[];
  readonly firstRow: number;
  lastRow: number;
}

interface Row {
  readonly number: string;
  readonly customer: string;
  readonly time: string;
  /** The line of a purchase, of a cancellation, or why it is not reported. */
  readonly line: PurchaseLine | Pick<Cancelled, 'sku' | 'quantity'> | string;
}

interface RetailOptions extends ReadOptions {
  /** Whether cancellations are returns. */
  readonly returns?: boolean;
}

export async function readOnlineRetail(
  lines: AsyncIterable<string>,
  { limit, returns = false }: RetailOptions,
): Promise<PurchaseLog> {
  const invoices = new Map<string, Invoice>();
  const cancelled: Cancelled[] = [];
  const leftOut = new Map<string, number>();
  let number = 0;
  for await (const line of lines) {
    number++;
    if (number === 1) requireHeader(line);
    if (number === 1 || line === '') continue;
    const row = parseRow(number, line, returns);
    const within = number - 1 <= limit;
    if (typeof row.line === 'string') {
      if (within) leftOut.set(row.line, (leftOut.get(row.line) ?? 0) + 1);
    } else if ('unit_price' in row.line) addLine(invoices, row, row.line, number - 1);
    else if (within) cancelled.push({ ...row, ...row.line, invoice: row.number, row: number - 1 });
  }
  // An invoice of which the limit cuts off a part would be another purchase under the same id: it waits for a later try.
  const whole = [...invoices].filter(([, { lastRow }]) => lastRow <= limit);
  const bought = whole.map(([name, invoice]) => boughtWith(name, invoice));
  const { returnsOf, coverage } = coverCancellations(
    bought.filter(({ customer }) => customer !== ''),
    cancelled,
  );
  return { currency: 'GBP', histories: historiesOf(bought, returnsOf), leftOut, coverage: returns ? coverage : null };
}

function requireHeader(line: string): void {
  if (line !== header) throw new UnreadableRow(1, line, `expected the header ${header}`);
}

function parseRow(row: number, text: string, returns: boolean): Row {
  const fields = csvFields(text);
  if (fields?.length !== 8) throw new UnreadableRow(row, text, 'expected eight columns');
  const [number = '', sku = '', , quantity = '', time = '', price = '', customer = ''] = fields;
  if (!/^[AC]?\d+$/.test(number)) throw new UnreadableRow(row, text, 'the invoice has no number');
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(time)) throw new UnreadableRow(row, text, 'the date is not a date');
  if (!/^-?\d{1,6}$/.test(quantity)) throw new UnreadableRow(row, text, 'the quantity is not a number');
  const pounds = parseDecimal(price);
  if (pounds === null) throw new UnreadableRow(row, text, 'the price is not a number');
  const line = number.startsWith('C')
    ? cancelledLine(sku, Number(quantity), customer, returns)
    : number.startsWith('A')
      ? 'adjustments of bad debts'
      : Number(quantity) < 1
        ? 'quantity below one'
        : pounds.digits < 0n
          ? 'price below zero'
          : lineOf(sku, Number(quantity), pounds);
  return { number, customer, time, line };
}

/** Postage, discounts and the like have codes of letters: they are no items that could come back. */
function cancelledLine(sku: string, quantity: number, customer: string, returns: boolean): Row['line'] {
  if (!returns) return 'cancellations';
  if (customer === '') return 'cancellations without a customer';
  return /^\d/.test(sku) && quantity < 0 ? { sku, quantity: -quantity } : 'cancellations without an item';
}

/**
 * A unit price is whole pence. Four rows of the log cost a tenth of a penny: all pieces together are rounded, once and
 * half up, and a discount brings a price that is high enough to that sum.
 */
function lineOf(sku: string, quantity: number, pounds: { digits: bigint; scale: number }): PurchaseLine {
  const pence = exactHundredths(pounds);
  if (pence !== null) return { sku, quantity, unit_price: pence, total: quantity * pence };
  const total = roundedHundredths(times(pounds, quantity));
  const price = Math.ceil(total / quantity);
  return { sku, quantity, unit_price: price, discount: price * quantity - total, total };
}

function addLine(invoices: Map<string, Invoice>, row: Row, line: PurchaseLine, rowNumber: number): void {
  const { number, customer, time } = row;
  const invoice = invoices.get(number);
  if (invoice === undefined) {
    invoices.set(number, { customer, time, lines: [line], firstRow: rowNumber, lastRow: rowNumber });
    return;
  }
  invoice.lines.push(line);
  invoice.lastRow = rowNumber;
  if (time < invoice.time) invoice.time = time;
}

const boughtWith = (number: string, invoice: Invoice): Bought => ({
  customer: invoice.customer,
  time: invoice.time,
  row: invoice.firstRow,
  purchase: purchaseOf(number, invoice),
});

function historiesOf(
  bought: readonly Bought[],
  returnsOf: ReturnType<typeof coverCancellations>['returnsOf'],
): History[] {
  // A guest's invoice is a history of its own: nothing says which of them were the same person.
  const histories = Map.groupBy(bought, ({ customer, purchase }) => (customer === '' ? purchase.id : customer));
  return [...histories].map(([customer, some]) => ({
    member: some[0]?.purchase.member ?? null,
    purchases: inDateOrder(some.map(({ purchase }) => purchase)),
    returns: returnsOf.get(customer) ?? [],
  }));
}

function purchaseOf(number: string, { customer, time, lines }: Invoice): RecordPurchase {
  return {
    id: `online-retail-${number}`,
    ...(customer === '' ? {} : { member: `online-retail-c${customer}` }),
    occurred_at: `${time.replace(' ', 'T')}Z`,
    currency: 'GBP',
    lines,
    total: lines.reduce((sum, line) => sum + line.total, 0),
  };
}
