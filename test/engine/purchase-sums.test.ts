import fc from 'fast-check';
import { test } from 'tap';
import { spreadByWeight, spreadOver } from '../../src/engine/rounding.ts';
import { mulDiv } from '../../src/model/mul-div.ts';
import type { Policies } from '../../src/model/policies.ts';
import type { PurchaseLine, RecordPurchase } from '../../src/model/purchase.ts';
import { given, line, purchase } from '../helpers/given.ts';
import { program } from '../helpers/programs.ts';

const noon = '2026-03-10T11:00:00Z';
const huge = Number.MAX_SAFE_INTEGER;

const when = (
  t: Parameters<typeof given>[0],
  lines: readonly PurchaseLine[],
  more: Partial<RecordPurchase> = {},
  policies: Partial<Policies> = {},
) => given(t, program({ policies })).when(noon, purchase(lines, more));

test('every sum that does not hold is named with its pointer', async (t) => {
  const cases: [string, PurchaseLine[], Partial<RecordPurchase>, string[]][] = [
    ['a line', [line(10), line(20, { total: 19 })], {}, ['/lines/1/total line_total']],
    ['a line of several pieces', [line(20, { quantity: 3 })], {}, ['/lines/0/total line_total']],
    ['a discount left out', [line(20, { discount: 5 })], {}, ['/lines/0/total line_total']],
    ['a line’s discount over its price', [line(20, { discount: 21 })], {}, ['/lines/0/discount line_discount']],
    ['a line beyond counting', [line(huge, { quantity: 2 })], {}, ['/lines/0/unit_price number_too_large']],
    ['lines beyond counting', [line(huge), line(1)], { total: 0 }, ['/lines number_too_large']],
    ['the discount over the lines', [line(20)], { discount: 21, shipping: 5 }, ['/discount discount']],
    ['included tax over the net', [line(20)], { tax: { amount: 21, included: true } }, ['/tax/amount tax']],
    ['shipping beyond counting', [line(huge)], { shipping: 1 }, ['/total number_too_large']],
    ['tax beyond counting', [line(huge)], { tax: { amount: 1, included: false } }, ['/total number_too_large']],
    ['the total', [line(20)], { total: 21 }, ['/total total']],
    ['included tax added once more', [line(20)], { tax: { amount: 2, included: true }, total: 22 }, ['/total total']],
    ['tax left out', [line(20)], { tax: { amount: 2, included: false }, total: 20 }, ['/total total']],
    [
      'several at once',
      [line(10, { total: 1 }), line(5, { discount: 6 })],
      { total: 0 },
      ['/lines/0/total line_total', '/lines/1/discount line_discount', '/total total'],
    ],
  ];
  for (const [name, lines, more, faults] of cases) {
    const { outcome } = when(t, lines, more);
    t.strictSame([outcome.refused, outcome.faults, outcome.balances], ['sums_do_not_add_up', faults, {}], name);
  }
});

test('sums that hold are taken, at the very limit too', async (t) => {
  const cases: [PurchaseLine[], Partial<RecordPurchase>, number][] = [
    [[line(20, { quantity: 3, total: 60 })], {}, 60],
    [[line(20, { quantity: 3, discount: 60, total: 0 })], {}, 0],
    [[line(20), line(30)], { discount: 50, shipping: 7 }, 0],
    [[line(20)], { tax: { amount: 20, included: true } }, 20],
    [[line(20)], { tax: { amount: 2, included: false } }, 22],
    [[line(huge)], {}, huge],
  ];
  for (const [lines, more, spend] of cases) when(t, lines, more).then({ refused: null, spend });
});

test('each sum may differ by what the program tolerates, and by no more', async (t) => {
  const tolerant = { sum_tolerance: 2 };
  when(t, [line(20, { total: 22 }), line(10, { total: 8 })], { total: 32 }, tolerant).then({
    refused: null,
    spend: 30,
  });
  when(t, [line(20, { total: 23 })], {}, tolerant).then({ faults: ['/lines/0/total line_total'] });
  when(t, [line(20)], { total: 17 }, tolerant).then({ faults: ['/total total'] });
});

test('what is wrong with the whole report', async (t) => {
  const faulty: [Partial<RecordPurchase>, string, string[]][] = [
    [{ currency: 'USD' }, 'currency_mismatch', ['/currency currency_mismatch']],
    [{ occurred_at: '2026-03-10T11:05:00.001Z' }, 'occurred_in_future', ['/occurred_at occurred_in_future']],
    [{ occurred_at: '2026-02-08T10:59:59.999Z' }, 'report_too_late', ['/occurred_at report_too_late']],
  ];
  for (const [more, refused, faults] of faulty) when(t, [line(20)], more).then({ refused, faults } as never);
  for (const occurred_at of ['2026-03-10T11:05:00Z', '2026-02-08T11:00:00Z']) {
    when(t, [line(20)], { occurred_at }).then({ refused: null });
  }
  when(t, [line(20)], { occurred_at: '1997-01-01T00:00:00Z' }, { late_report_days: null }).then({ refused: null });
  const clocksDiffer = when(t, [line(20)], { occurred_at: '2026-03-10T11:05:00Z' });
  t.match(clocksDiffer.outcome.answer, { occurred_at: '2026-03-10T11:00:00.000Z' }, 'the near future is now');
});

test('a discount on the whole is spread over the lines by largest remainder', async (t) => {
  const cases: [number[], number, number[]][] = [
    [[1000, 1000, 1000], 100, [966, 967, 967]],
    [[999, 1, 0], 10, [989, 1, 0]],
    [[10, 20, 30], 60, [0, 0, 0]],
    [[100, 1], 1, [99, 1]],
  ];
  for (const [totals, discount, counted] of cases) {
    when(
      t,
      totals.map((total) => line(total)),
      { discount },
    ).then({ counted });
  }
});

test('tax and shipping count as the program says, whether prices include the tax or not', async (t) => {
  // Tax is spread over lines and shipping: 100, 50 and 30.
  const cases: [included: boolean, count_tax: boolean, count_shipping: boolean, counted: number[], spend: number][] = [
    [true, true, false, [1000, 500], 1500],
    [true, false, false, [900, 450], 1350],
    [false, true, false, [1100, 550], 1650],
    [false, false, false, [1000, 500], 1500],
    [true, true, true, [1000, 500], 1800],
    [true, false, true, [900, 450], 1620],
    [false, true, true, [1100, 550], 1980],
    [false, false, true, [1000, 500], 1800],
  ];
  for (const [included, count_tax, count_shipping, counted, spend] of cases) {
    when(
      t,
      [line(1000), line(500)],
      { shipping: 300, tax: { amount: 180, included } },
      { count_tax, count_shipping },
    ).then({ counted, spend });
  }
});

const amount = fc.oneof(fc.nat(20), fc.nat(1_000_000), fc.nat(10 ** 12));

test('whatever the sums, the shares add up and no line counts below zero', async (t) => {
  const arbitrary = fc.record({
    totals: fc.array(amount, { minLength: 1, maxLength: 8 }),
    discount: fc.nat(1000),
    shipping: amount,
    tax: fc.nat(1000),
    included: fc.boolean(),
    count_tax: fc.boolean(),
    count_shipping: fc.boolean(),
  });
  fc.assert(
    fc.property(arbitrary, ({ totals, discount, shipping, tax, included, count_tax, count_shipping }) => {
      const lines = totals.reduce((sum, total) => sum + total, 0);
      const off = Math.floor((lines * discount) / 1000);
      const net = lines - off + shipping;
      const taxed = { amount: Math.floor((net * tax) / 1000), included };
      const { outcome } = when(
        t,
        totals.map((total) => line(total)),
        { discount: off, shipping, tax: taxed },
        { count_tax, count_shipping },
      );
      if (outcome.refused !== null) throw new Error(outcome.refused);
      if (outcome.counted.some((counted) => counted < 0)) throw new Error(`counted ${outcome.counted}`);
      if (outcome.spend === undefined || outcome.spend < 0) throw new Error(`spend ${outcome.spend}`);
      const everything = net + (included ? 0 : taxed.amount) - (count_tax ? 0 : taxed.amount);
      if (count_shipping && outcome.spend !== everything) throw new Error(`${outcome.spend} of ${everything}`);
    }),
    { seed: 1, numRuns: 200 },
  );
  t.pass();
});

test('products are exact until they are rounded once', async (t) => {
  const cases: [number, number, number, Record<Parameters<typeof mulDiv>[3], number>][] = [
    [7, 3, 2, { floor: 10, ceil: 11, half_up: 11, half_even: 10 }],
    [5, 3, 2, { floor: 7, ceil: 8, half_up: 8, half_even: 8 }],
    [1, 1, 3, { floor: 0, ceil: 1, half_up: 0, half_even: 0 }],
    [2, 1, 3, { floor: 0, ceil: 1, half_up: 1, half_even: 1 }],
    [6, 2, 3, { floor: 4, ceil: 4, half_up: 4, half_even: 4 }],
    [0, 9, 7, { floor: 0, ceil: 0, half_up: 0, half_even: 0 }],
    [huge, 1_000_000, 1_000_000, { floor: huge, ceil: huge, half_up: huge, half_even: huge }],
    [
      huge,
      3,
      4,
      { floor: 6755399441055743, ceil: 6755399441055744, half_up: 6755399441055743, half_even: 6755399441055743 },
    ],
  ];
  for (const [value, multiplier, divisor, expected] of cases) {
    for (const rounding of ['floor', 'ceil', 'half_up', 'half_even'] as const) {
      t.equal(
        mulDiv(value, multiplier, divisor, rounding),
        expected[rounding],
        `${value} × ${multiplier} / ${divisor} ${rounding}`,
      );
    }
  }
});

test('floored products agree with whole numbers of any size', async (t) => {
  fc.assert(
    fc.property(
      fc.nat(huge),
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 1_000_000, max: 10 ** 12 }),
      (value, by, per) => BigInt(mulDiv(value, by, per, 'floor')) === (BigInt(value) * BigInt(by)) / BigInt(per),
    ),
    { seed: 2, numRuns: 300 },
  );
  t.pass();
});

test('shares add up, each less than one away from its exact part, and nothing goes to a weight of zero', async (t) => {
  fc.assert(
    fc.property(fc.nat(huge), fc.array(amount, { minLength: 1, maxLength: 12 }), (total, weights) => {
      const shares = spreadByWeight(total, weights);
      const sum = weights.reduce((all, weight) => all + BigInt(weight), 0n);
      const whole = shares.reduce((all, share) => all + BigInt(share), 0n);
      if (sum === 0n) return whole === BigInt(total) && Math.max(...shares) - Math.min(...shares) <= 1;
      return (
        whole === BigInt(total) &&
        shares.every((share, index) => {
          const weight = BigInt(weights[index]!);
          const off = BigInt(share) * sum - BigInt(total) * weight;
          return off < sum && off > -sum && (weight > 0n || share === 0);
        })
      );
    }),
    { seed: 3, numRuns: 300 },
  );
  t.strictSame(spreadByWeight(2, [0, 0, 0]), [1, 1, 0], 'weights that are all zero count as equal');
  t.strictSame(spreadByWeight(0, [3, 4]), [0, 0]);
  const third = { numerator: 1n, denominator: 3n };
  t.strictSame(spreadOver(1, [third, { numerator: 2n, denominator: 6n }, third]), [1, 0, 0], 'the first of equals');
});
