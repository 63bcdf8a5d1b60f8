import { csvFields } from './csv.ts';

/*
 * What the replay with returns must come to, computed from the rows of the file alone: nothing of the service and
 * nothing of what sends is used, so that no mistake is in both. The program in words: a point for each whole pound of a
 * purchase, usable until the end of the 90th day after; debt is paid back first; after every fifth purchase half of the
 * points at hand are redeemed; what comes back costs the points that the rest would not have given: those of the
 * purchase itself, then debt that they had paid back, then others, soonest to expire first; then there is debt.
 */

const LIFE_DAYS = 90;
const DAY_MS = 86_400_000;

export interface ExpectedAccount {
  readonly spend: number;
  readonly available: number;
  readonly debt: number;
  readonly redeemed: number;
  readonly expired: number;
}

interface Row {
  readonly number: number;
  readonly invoice: string;
  readonly sku: string;
  readonly quantity: number;
  /** In tenths of a penny. */
  readonly price: number;
  readonly time: string;
  readonly customer: string;
}

interface Lot {
  /** The last day on which its points can be used, counted from 1970. */
  readonly lastDay: number;
  points: number;
}

interface Line {
  readonly sku: string;
  pieces: number;
  pence: number;
}

interface Purchase {
  readonly lines: Line[];
  readonly lot: Lot;
  readonly gave: number;
  paidDebt: number;
  takenBack: number;
}

interface Customer {
  readonly purchases: Purchase[];
  lots: Lot[];
  spend: number;
  debt: number;
  redeemed: number;
  expired: number;
}

const dayNumber = (text: string): number => Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / DAY_MS;

/** Prices have at most three decimals: tenths of a penny are whole. */
const tenths = (pounds: string): number => Math.round(Number(pounds) * 1_000);

const rowOf = (line: string, number: number): Row => {
  const [invoice = '', sku = '', , quantity = '', time = '', price = '', customer = ''] = csvFields(line) ?? [];
  return { number, invoice, sku, quantity: Number(quantity), price: tenths(price), time, customer };
};

const pence = ({ quantity, price }: Row): number => Math.floor((quantity * price + 5) / 10);

/** The first `some` of `pieces` that share an amount in whole pence, the larger shares first. */
const shareOf = (amount: number, some: number, pieces: number): number => {
  let sum = 0;
  for (let piece = 0; piece < some; piece++) sum += Math.floor(amount / pieces) + (piece < amount % pieces ? 1 : 0);
  return sum;
};

const expire = (customer: Customer, today: number): void => {
  for (const lot of customer.lots) if (lot.lastDay < today) customer.expired += lot.points;
  customer.lots = customer.lots.filter(({ lastDay }) => lastDay >= today);
};

/** Takes up to so many points from lots in their order; says how many were not there. Lots are made in order of expiry. */
const takePoints = (lots: readonly Lot[], points: number): number => {
  let missing = points;
  for (const lot of lots) {
    const part = Math.min(lot.points, missing);
    lot.points -= part;
    missing -= part;
  }
  return missing;
};

const available = ({ lots }: Customer): number => lots.reduce((sum, { points }) => sum + points, 0);
const worth = ({ lines }: Purchase): number => Math.floor(lines.reduce((sum, line) => sum + line.pence, 0) / 100);

const buy = (customer: Customer, rows: readonly Row[], today: number): void => {
  const lines = rows.map((row) => ({ sku: row.sku, pieces: row.quantity, pence: pence(row) }));
  const spend = lines.reduce((sum, line) => sum + line.pence, 0);
  const gave = Math.floor(spend / 100);
  const paidDebt = Math.min(customer.debt, gave);
  const lot = { lastDay: today + LIFE_DAYS, points: gave - paidDebt };
  customer.purchases.push({ lines, lot, gave, paidDebt, takenBack: 0 });
  customer.lots.push(lot);
  customer.spend += spend;
  customer.debt -= paidDebt;
  if (customer.purchases.length % 5 !== 0) return;
  const half = Math.floor(available(customer) / 2);
  takePoints(customer.lots, half);
  customer.redeemed += half;
};

const giveBack = (customer: Customer, purchase: Purchase): void => {
  const points = purchase.gave - worth(purchase) - purchase.takenBack;
  purchase.takenBack += points;
  // The lot of a purchase that is older than its points' life is not among the customer's any more: nothing is in it.
  const own = customer.lots.filter((lot) => lot === purchase.lot);
  const notOwn = takePoints(own, points);
  const owedAgain = Math.min(notOwn, purchase.paidDebt);
  purchase.paidDebt -= owedAgain;
  customer.debt += owedAgain + takePoints(customer.lots, notOwn - owedAgain);
};

/** A line of a cancellation, against the last purchases first; within one, against its last lines first. */
const comeBack = (customer: Customer, { sku, quantity }: Row): void => {
  let left = -quantity;
  for (const purchase of customer.purchases.toReversed()) {
    const before = left;
    for (const line of purchase.lines.toReversed()) {
      const pieces = line.sku === sku ? Math.min(left, line.pieces) : 0;
      if (pieces === 0) continue;
      const money = shareOf(line.pence, pieces, line.pieces);
      customer.spend -= money;
      line.pence -= money;
      line.pieces -= pieces;
      left -= pieces;
    }
    if (left < before) giveBack(customer, purchase);
  }
};

/** One thing a customer did: an invoice at its first time, where it begins in the file, or a line of a cancellation. */
interface Happening {
  readonly time: string;
  readonly row: number;
  readonly rows: readonly Row[];
}

const happeningsOf = (rows: readonly Row[]): Happening[] => {
  const bought = rows.filter(({ invoice, quantity }) => /^\d/.test(invoice) && quantity > 0);
  const cancelled = rows.filter(({ invoice, sku }) => invoice.startsWith('C') && /^\d/.test(sku));
  const invoices = [...Map.groupBy(bought, ({ invoice }) => invoice).values()].map((some) => ({
    time: some.map(({ time }) => time).sort()[0] ?? '',
    row: some[0]?.number ?? 0,
    rows: some,
  }));
  const lines = cancelled.map((row) => ({ time: row.time, row: row.number, rows: [row] }));
  return [...invoices, ...lines].sort((a, b) => (a.time === b.time ? a.row - b.row : a.time < b.time ? -1 : 1));
};

/** Each customer's account on a day, by the number the log gives the customer. */
export async function expectedAccounts(
  lines: AsyncIterable<string>,
  today: string,
): Promise<ReadonlyMap<string, ExpectedAccount>> {
  const rowsOf = new Map<string, Row[]>();
  let number = 0;
  for await (const line of lines) {
    const row = rowOf(line, number++);
    if (number === 1 || row.customer === '') continue;
    const rows = rowsOf.get(row.customer) ?? [];
    rows.push(row);
    rowsOf.set(row.customer, rows);
  }
  const accounts = new Map<string, ExpectedAccount>();
  for (const [name, rows] of rowsOf) {
    const customer: Customer = { purchases: [], lots: [], spend: 0, debt: 0, redeemed: 0, expired: 0 };
    for (const { time, rows: some } of happeningsOf(rows)) {
      const [first] = some;
      expire(customer, dayNumber(time));
      if (first === undefined) continue;
      if (first.invoice.startsWith('C')) comeBack(customer, first);
      else buy(customer, some, dayNumber(time));
    }
    expire(customer, dayNumber(today));
    const { spend, debt, redeemed, expired } = customer;
    if (customer.purchases.length > 0)
      accounts.set(name, { spend, available: available(customer), debt, redeemed, expired });
  }
  return accounts;
}
