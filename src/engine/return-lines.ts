import { type Refusal, refuse } from '../model/decision.ts';
import { mulDiv } from '../model/mul-div.ts';
import type { PurchaseRow, StoredLine } from '../model/purchase.ts';
import type { Returned, ReturnedLine, ReturnRequest } from '../model/purchase-return.ts';
import { payableOf } from './purchase-sums.ts';
import { spreadByWeight } from './rounding.ts';

/*
 * What is left of a purchase. The money of a line lies on its pieces by largest remainder, the larger ones first: a
 * piece that goes takes its share of what is left, so parts add up in whatever order they go. Shipping goes with the
 * last line. Of a line's money no more counts than was paid, which every step below keeps true.
 */

/** In minor units: what was paid, tax included, and what of it counts as spend. */
interface MoneyLeft {
  readonly paid: number;
  readonly counted: number;
}

export interface LineLeft extends MoneyLeft {
  readonly line: StoredLine;
  readonly quantity: number;
}

export interface PurchaseLeft {
  readonly lines: readonly LineLeft[];
  readonly shipping: MoneyLeft;
}

/** The whole of a purchase. */
export const bought = ({ report, facts }: PurchaseRow): PurchaseLeft => {
  const payable = payableOf(report, report);
  return {
    lines: report.lines.map((line, index) => ({
      line,
      quantity: line.quantity,
      paid: payable.lines[index] ?? 0,
      counted: line.counted,
    })),
    shipping: { paid: payable.shipping, counted: facts.shipping_counted },
  };
};

export const leftAfter = (left: PurchaseLeft, { lines, shipping }: Returned): PurchaseLeft => {
  const gone = new Map(lines.map((line) => [line.line, line]));
  return {
    lines: left.lines.map((line, index) => {
      const { quantity = 0, paid = 0, counted = 0 } = gone.get(index) ?? {};
      return {
        ...line,
        quantity: line.quantity - quantity,
        paid: line.paid - paid,
        counted: line.counted - counted,
      };
    }),
    shipping: { paid: left.shipping.paid - shipping.paid, counted: left.shipping.counted - shipping.counted },
  };
};

const sum = (left: PurchaseLeft, of: 'paid' | 'counted'): number =>
  left.lines.reduce((total, line) => total + line[of], left.shipping[of]);

/** Money that can still be given back. */
export const paidLeft = (left: PurchaseLeft): number => sum(left, 'paid');
/** What still counts as spend. */
export const spendLeft = (left: PurchaseLeft): number => sum(left, 'counted');

/** The part of a share that lies in what is left of an amount. */
const leftOf = (share: number, left: number, whole: number): number =>
  left === whole ? share : mulDiv(share, left, whole, 'floor');

/** What of the rest was paid with points and not with money, in minor units. */
export const pointsPaidLeft = (row: PurchaseRow, left: PurchaseLeft): number => {
  const whole = bought(row);
  return left.lines.reduce(
    (sum, { line, paid }, index) => sum + leftOf(line.points_share ?? 0, paid, whole.lines[index]?.paid ?? 0),
    leftOf(row.facts.shipping_points_share ?? 0, left.shipping.paid, whole.shipping.paid),
  );
};

export const isWhole = ({ lines }: PurchaseLeft): boolean => lines.every(({ quantity }) => quantity === 0);

/** The share of the first `some` of `pieces` in an amount. */
const shareOf = (amount: number, some: number, pieces: number): number =>
  some === pieces ? amount : Math.floor(amount / pieces) * some + Math.min(some, amount % pieces);

const noMoney: MoneyLeft = { paid: 0, counted: 0 };

const everything = ({ lines, shipping }: PurchaseLeft): Returned => ({
  lines: lines.flatMap(({ quantity, paid, counted }, line) =>
    quantity === 0 ? [] : [{ line, quantity, paid, counted }],
  ),
  shipping,
});

type Wanted = NonNullable<Extract<ReturnRequest, { kind: 'return' }>['lines']>;

const takeLines = (left: PurchaseLeft, wanted: Wanted): Returned | Refusal => {
  const quantities = new Map<number, number>();
  for (const [index, { line, quantity }] of wanted.entries()) {
    const found = left.lines[line];
    if (found === undefined) {
      const expected = `0 to ${left.lines.length - 1}`;
      return refuse('unknown_line', `the purchase has ${left.lines.length} lines`, {
        errors: [{ pointer: `/lines/${index}/line`, code: 'unknown_line', detail: `${line}`, expected }],
      });
    }
    const all = quantity + (quantities.get(line) ?? 0);
    if (all > found.quantity) {
      const error = { pointer: `/lines/${index}/quantity`, code: 'return_exceeds_purchase', detail: `${quantity}` };
      return refuse('return_exceeds_purchase', `${found.quantity} pieces of line ${line} are left`, {
        errors: [{ ...error, expected: `at most ${found.quantity - all + quantity}` }],
      });
    }
    quantities.set(line, all);
  }
  const lines = [...quantities]
    .sort(([a], [b]) => a - b)
    .map(([line, quantity]): ReturnedLine => {
      const { paid = 0, counted = 0, quantity: pieces = quantity } = left.lines[line] ?? {};
      return { line, quantity, paid: shareOf(paid, quantity, pieces), counted: shareOf(counted, quantity, pieces) };
    });
  const isLast = left.lines.every(({ quantity }, index) => quantity === (quantities.get(index) ?? 0));
  return { lines, shipping: isLast ? left.shipping : noMoney };
};

const countedOf = ({ paid, counted }: MoneyLeft, part: number): number =>
  paid === 0 ? 0 : mulDiv(counted, part, paid, 'floor');

/** `most` can be more than the sum of the parts, as far as the program tolerates sums that are off. */
const takeAmount = (left: PurchaseLeft, amount: number, most: number): Returned | Refusal => {
  const paid = paidLeft(left);
  if (amount > Math.max(paid, most))
    return refuse('return_exceeds_purchase', `${Math.max(paid, most)} are left of the purchase`, {
      errors: [
        {
          pointer: '/amount',
          code: 'return_exceeds_purchase',
          detail: `${amount}`,
          expected: `at most ${Math.max(paid, most)}`,
        },
      ],
    });
  if (amount >= paid || amount === most) return everything(left);
  const parts = spreadByWeight(amount, [...left.lines.map((line) => line.paid), left.shipping.paid]);
  const ofShipping = parts.at(-1) ?? 0;
  return {
    lines: left.lines.flatMap((line, index) => {
      const part = parts[index] ?? 0;
      return part === 0 ? [] : [{ line: index, quantity: 0, paid: part, counted: countedOf(line, part) }];
    }),
    shipping: { paid: ofShipping, counted: countedOf(left.shipping, ofShipping) },
  };
};

/** What of the rest of a purchase comes back. `reported` is its reported total without what came back before. */
export const takeReturned = (left: PurchaseLeft, request: ReturnRequest, reported: number): Returned | Refusal => {
  if (request.kind === 'cancellation') return everything(left);
  if (request.lines !== undefined) return takeLines(left, request.lines);
  return takeAmount(left, request.amount ?? 0, reported);
};
