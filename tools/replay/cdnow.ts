import type { RecordPurchase } from '../../src/model/purchase.ts';
import { exactHundredths, parseDecimal } from './decimal.ts';
import { type History, inDateOrder, type PurchaseLog, type ReadOptions, UnreadableRow } from './purchase-log.ts';

/*
 * The CDNOW log: customer, date, number of CDs, dollars, separated by blanks. (Its 1-in-10 sample has the customer's
 * number within the sample as second column, and no header.)
 *
 * It has no transaction id, and rows that are equal to the last digit are purchases of their own: somebody bought the
 * same for the same money twice that day. So a purchase is known by its customer and its number among the customer's
 * rows, in the order of the file.
 */

interface Row {
  readonly customer: string;
  readonly date: string;
  readonly quantity: number;
  readonly cents: number;
}

export async function readCdnow(lines: AsyncIterable<string>, { limit }: ReadOptions): Promise<PurchaseLog> {
  const rowsOf = new Map<string, Row[]>();
  let number = 0;
  let taken = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '' || (number === 1 && !/^\s*\d/.test(line))) continue;
    if (taken === limit) break;
    taken++;
    const row = parseRow(number, line);
    const rows = rowsOf.get(row.customer);
    if (rows === undefined) rowsOf.set(row.customer, [row]);
    else rows.push(row);
  }
  return { currency: 'USD', histories: [...rowsOf.values()].map(historyOf), leftOut: new Map(), coverage: null };
}

function parseRow(number: number, line: string): Row {
  const fields = line.trim().split(/\s+/);
  const [date = '', quantity = '', dollars = ''] = fields.slice(-3);
  const customer = fields[0] ?? '';
  if (fields.length !== 4 && fields.length !== 5) throw new UnreadableRow(number, line, 'expected four columns');
  if (!/^\d+$/.test(customer)) throw new UnreadableRow(number, line, 'the customer is not a number');
  if (!/^\d{8}$/.test(date)) throw new UnreadableRow(number, line, 'the date is not YYYYMMDD');
  if (!/^[1-9]\d{0,5}$/.test(quantity)) throw new UnreadableRow(number, line, 'the number of CDs is not one');
  const value = parseDecimal(dollars);
  const cents = value === null ? null : exactHundredths(value);
  if (cents === null || cents < 0) throw new UnreadableRow(number, line, 'the value is not dollars and cents');
  return { customer, date, quantity: Number(quantity), cents };
}

function historyOf(rows: readonly Row[]): History {
  const member = `cdnow-${rows[0]?.customer}`;
  const purchases = rows.map((row, index) => purchaseOf(member, index + 1, row));
  return { member, purchases: inDateOrder(purchases), returns: [] };
}

/**
 * The log knows what all the CDs of a row cost together, not each: a price that is high enough for all, and a discount
 * that brings the line to its value. It knows the day, not the hour: noon.
 */
function purchaseOf(member: string, number: number, { date, quantity, cents }: Row): RecordPurchase {
  const price = Math.ceil(cents / quantity);
  return {
    id: `${member}-${number}`,
    member,
    occurred_at: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T12:00:00Z`,
    currency: 'USD',
    lines: [{ sku: 'cd', quantity, unit_price: price, discount: price * quantity - cents, total: cents }],
    total: cents,
  };
}
