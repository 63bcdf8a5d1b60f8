import type { PurchaseLine, RecordPurchase } from '../../src/model/purchase.ts';
import { csvFields } from './csv.ts';
import { exactHundredths, parseDecimal, roundedHundredths, times } from './decimal.ts';
import { type History, inDateOrder, type PurchaseLog, type ReadOptions, UnreadableRow } from './purchase-log.ts';

/*
 * The Online Retail log: lines of invoices, grouped here by their invoice number, which is the purchase's id. Times are
 * those of a clock on a wall in Britain; they are taken as UTC, which in summer is an hour late and never moves an
 * invoice to another day, as nobody is invoiced at that hour. An invoice that carries two times counts from the first.
 *
 * Not reported, and counted: cancellations (they name no invoice), adjustments of bad debts, and corrections of the
 * stock, which are lines of a quantity below one.
 */

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

interface Invoice {
  readonly customer: string;
  time: string;
  readonly lines: PurchaseLine[];
  lastRow: number;
}

interface Row {
  readonly number: string;
  readonly customer: string;
  readonly time: string;
  /** Why the line is not reported. */
  readonly line: PurchaseLine | string;
}

export async function readOnlineRetail(lines: AsyncIterable<string>, { limit }: ReadOptions): Promise<PurchaseLog> {
  const invoices = new Map<string, Invoice>();
  const leftOut = new Map<string, number>();
  let number = 0;
  for await (const line of lines) {
    number++;
    if (number === 1) requireHeader(line);
    if (number === 1 || line === '') continue;
    const row = parseRow(number, line);
    const within = number - 1 <= limit;
    if (typeof row.line !== 'string') addLine(invoices, row, row.line, number - 1);
    else if (within) leftOut.set(row.line, (leftOut.get(row.line) ?? 0) + 1);
  }
  // An invoice of which the limit cuts off a part would be another purchase under the same id: it waits for a later try.
  const whole = [...invoices].filter(([, { lastRow }]) => lastRow <= limit);
  return { currency: 'GBP', histories: historiesOf(whole), leftOut };
}

function requireHeader(line: string): void {
  if (line !== header) throw new UnreadableRow(1, line, `expected the header ${header}`);
}

function parseRow(row: number, text: string): Row {
  const fields = csvFields(text);
  if (fields?.length !== 8) throw new UnreadableRow(row, text, 'expected eight columns');
  const [number = '', sku = '', , quantity = '', time = '', price = '', customer = ''] = fields;
  if (!/^[AC]?\d+$/.test(number)) throw new UnreadableRow(row, text, 'the invoice has no number');
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(time)) throw new UnreadableRow(row, text, 'the date is not a date');
  if (!/^-?\d{1,6}$/.test(quantity)) throw new UnreadableRow(row, text, 'the quantity is not a number');
  const pounds = parseDecimal(price);
  if (pounds === null) throw new UnreadableRow(row, text, 'the price is not a number');
  const line = number.startsWith('C')
    ? 'cancellations'
    : number.startsWith('A')
      ? 'adjustments of bad debts'
      : Number(quantity) < 1
        ? 'quantity below one'
        : pounds.digits < 0n
          ? 'price below zero'
          : lineOf(sku, Number(quantity), pounds);
  return { number, customer, time, line };
}

/**
 * A unit price is whole pence. Four rows of the log cost a tenth of a penny: such a line is reported as one piece for
 * what all pieces cost, rounded half up.
 */
function lineOf(sku: string, quantity: number, pounds: { digits: bigint; scale: number }): PurchaseLine {
  const pence = exactHundredths(pounds);
  if (pence !== null) return { sku, quantity, unit_price: pence, total: quantity * pence };
  const total = roundedHundredths(times(pounds, quantity));
  return { sku, quantity: 1, unit_price: total, total };
}

function addLine(invoices: Map<string, Invoice>, row: Row, line: PurchaseLine, rowNumber: number): void {
  const { number, customer, time } = row;
  const invoice = invoices.get(number);
  if (invoice === undefined) {
    invoices.set(number, { customer, time, lines: [line], lastRow: rowNumber });
    return;
  }
  invoice.lines.push(line);
  invoice.lastRow = rowNumber;
  if (time < invoice.time) invoice.time = time;
}

function historiesOf(invoices: readonly [string, Invoice][]): History[] {
  const purchasesOf = new Map<string, RecordPurchase[]>();
  for (const [number, invoice] of invoices) {
    // A guest's invoice is a history of its own: nothing says which of them were the same person.
    const key = invoice.customer === '' ? `guest ${number}` : invoice.customer;
    const purchase = purchaseOf(number, invoice);
    const purchases = purchasesOf.get(key);
    if (purchases === undefined) purchasesOf.set(key, [purchase]);
    else purchases.push(purchase);
  }
  return [...purchasesOf.values()].map((purchases) => ({
    member: purchases[0]?.member ?? null,
    purchases: inDateOrder(purchases),
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
