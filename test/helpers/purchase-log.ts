/*
 * Small purchase logs with the quirks of the real ones, made from a seed: the same seed, the same log. What a correct
 * replay comes to is computed here while the rows are made, without any code of tools/.
 */

export interface CdnowRow {
  customer: string;
  date: string;
  quantity: number;
  cents: number;
}

export interface GeneratedCdnow {
  text: string;
  rows: readonly CdnowRow[];
  expected: {
    members: number;
    purchases: number;
    cents: number;
    /** A point per dollar, rounded down for each purchase. */
    points: number;
    /** Members by what they ever spent: silver from $100, gold from $500. */
    tiers: { none: number; silver: number; gold: number };
  };
}

/** Integers from `least` to `most`, both included (mulberry32). */
type Draw = (least: number, most: number) => number;

function drawing(seed: number): Draw {
  let state = seed >>> 0;
  return (least, most) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return least + (((mixed ^ (mixed >>> 14)) >>> 0) % (most - least + 1));
  };
}

const digits = (number: number, length: number): string => String(number).padStart(length, '0');
const decimal = (hundredths: number): string => `${Math.trunc(hundredths / 100)}.${digits(hundredths % 100, 2)}`;

/** Of the first customers one has an exact duplicate, one two purchases on a day, one a purchase for nothing. */
export function cdnowLog(seed: number, customers = 40): GeneratedCdnow {
  const draw = drawing(seed);
  const rows = Array.from({ length: customers }, (_, index) => rowsOf(draw, digits(index + 1, 5), index)).flat();
  const spent = new Map<string, number>();
  for (const { customer, cents } of rows) spent.set(customer, (spent.get(customer) ?? 0) + cents);
  const reaching = (cents: number) => [...spent.values()].filter((value) => value >= cents).length;
  const [silver, gold] = [reaching(10_000), reaching(50_000)];
  return {
    text: ['customer_id  date number_of_cds  dollar_value', ...rows.map(cdnowLine), ''].join('\r\n'),
    rows,
    expected: {
      members: customers,
      purchases: rows.length,
      cents: rows.reduce((sum, { cents }) => sum + cents, 0),
      points: rows.reduce((sum, { cents }) => sum + Math.floor(cents / 100), 0),
      tiers: { none: customers - silver, silver: silver - gold, gold },
    },
  };
}

function rowsOf(draw: Draw, customer: string, index: number): CdnowRow[] {
  const dates = Array.from({ length: draw(1, 6) }, () => `1997${digits(draw(1, 12), 2)}${digits(draw(1, 28), 2)}`);
  const rows = dates.sort().map((date) => purchase(draw, customer, date));
  const last = rows.at(-1)!;
  if (index === 0 || draw(1, 20) === 1) rows.push({ ...last });
  if (index === 1 || draw(1, 20) === 1) rows.push(purchase(draw, customer, last.date));
  if (index === 2 || draw(1, 50) === 1) rows.push({ ...last, quantity: 1, cents: 0 });
  return rows;
}

const purchase = (draw: Draw, customer: string, date: string): CdnowRow => {
  const quantity = draw(1, 3) === 1 ? draw(2, 30) : 1;
  return { customer, date, quantity, cents: quantity * draw(500, 2_000) + draw(0, quantity - 1) };
};

const cdnowLine = ({ customer, date, quantity, cents }: CdnowRow): string =>
  ` ${customer} ${date} ${String(quantity).padStart(2)} ${decimal(cents).padStart(7)}`;

export interface GeneratedOnlineRetail {
  text: string;
  /** Of the file, without the header. */
  rows: readonly string[];
  expected: {
    members: number;
    guests: number;
    purchases: number;
    lines: number;
    pence: number;
    /** A point per pound, rounded down for each purchase of a member. */
    points: number;
    leftOut: { cancellations: number; 'adjustments of bad debts': number; 'quantity below one': number };
  };
}

/**
 * Ordinary invoices, then one of each quirk: a guest, equal lines, a price of nothing, a price below a penny, two
 * times, a description with commas and quotes, lines apart from the rest of their invoice, a cancellation, an
 * adjustment, a correction of the stock.
 */
export function onlineRetailLog(seed: number, invoices = 30): GeneratedOnlineRetail {
  const draw = drawing(seed);
  const expected: GeneratedOnlineRetail['expected'] = {
    members: 0,
    guests: 0,
    purchases: 0,
    lines: 0,
    pence: 0,
    points: 0,
    leftOut: { cancellations: 2, 'adjustments of bad debts': 1, 'quantity below one': 1 },
  };
  const members = new Set<string>();
  const invoice = (number: number, customer: string, ...lines: PricedLine[]) => {
    const total = lines.reduce((sum, { pence }) => sum + pence, 0);
    expected.purchases++;
    expected.lines += lines.length;
    expected.pence += total;
    if (customer === '') expected.guests++;
    else expected.points += Math.floor(total / 100);
    if (customer !== '') members.add(customer);
    return lines.map(({ quantity, price }) => line(String(number), quantity, price, customer));
  };
  const rows = Array.from({ length: invoices }, (_, index) => {
    const customer = draw(1, 5) === 1 ? '' : String(draw(12346, 12350));
    return invoice(536_000 + index, customer, ...Array.from({ length: draw(1, 8) }, () => ordinaryLine(draw)));
  }).flat();
  const apart = invoice(537_000, '12346', ordinaryLine(draw), ordinaryLine(draw));
  rows.push(...apart.slice(0, 1));
  rows.push(...invoice(537_001, '', ordinaryLine(draw)));
  rows.push(...invoice(537_002, '12346', priced(2, '1.5', 300), priced(2, '1.5', 300), priced(1, '0.0', 0)));
  // 0.1 p × 7 is rounded up to a penny, 0.1 p × 4 down to nothing.
  rows.push(...invoice(537_003, '12347', priced(7, '0.001', 1), priced(4, '0.001', 0), priced(1, '2.55', 255)));
  rows.push(...invoice(537_004, '12348', priced(1, '1.0', 100)), ...invoice(537_005, '12348', priced(1, '3.75', 375)));
  const [late = '', early = ''] = invoice(537_006, '12349', priced(3, '1.0', 300), priced(1, '0.5', 50));
  rows.push(late.replace('08:26:00', '08:27:00'), early);
  rows.push(
    ...invoice(537_007, '12349', priced(1, '9.99', 999)).map((row) => row.replace('GLASS BALL', '"BALL, ""GLASS"""')),
  );
  rows.push(
    line('C537008', -1, '9.99', '12349'),
    line('C537008', -3, '1.0', '12349'),
    line('A537009', 1, '11062.06', ''),
  );
  rows.push(line('537010', -20, '0.0', ''), ...apart.slice(1));
  expected.members = members.size;
  return { text: [header, ...rows, ''].join('\r\n'), rows, expected };
}

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

const line = (invoice: string, quantity: number, price: string, customer: string): string =>
  [invoice, '85123A', 'GLASS BALL', quantity, '2010-12-01 08:26:00', price, customer, 'United Kingdom'].join(',');

interface PricedLine {
  quantity: number;
  /** In pounds, as written. */
  price: string;
  /** What the line comes to. */
  pence: number;
}

const priced = (quantity: number, price: string, pence: number): PricedLine => ({ quantity, price, pence });

function ordinaryLine(draw: Draw): PricedLine {
  const [quantity, pence] = [draw(1, 50), draw(1, 1_500)];
  // As the file writes it: no zero at the end but the first.
  return priced(quantity, decimal(pence).replace(/0$/, ''), quantity * pence);
}
