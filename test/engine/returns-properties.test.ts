import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'tap';
import { worthOf } from '../../src/engine/purchase-worth.ts';
import { recordGuestPurchase } from '../../src/engine/record-purchase.ts';
import { bought } from '../../src/engine/return-lines.ts';
import { returnGuestPurchase } from '../../src/engine/return-purchase.ts';
import { PERIODS } from '../../src/model/earn-limits.ts';
import type { EarnRule } from '../../src/model/earn-rule.ts';
import { instantText } from '../../src/model/instant.ts';
import type { LineFilter } from '../../src/model/line-filter.ts';
import type { PurchaseLine, PurchaseRow, RecordPurchase } from '../../src/model/purchase.ts';
import type { ReturnRow } from '../../src/model/purchase-return.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { ada, adjust, back, cancel, claim, type Given, given, line, report, settle } from '../helpers/given.ts';
import { fixed, granting, multiplier, type ProgramParts, perAmount, program, tierOn } from '../helpers/programs.ts';
import { returningOf } from '../helpers/returning.ts';
import { withoutHints } from './naive.ts';

/* Whatever a program gives and however a purchase comes back: with the last of it nothing of it is left. */

const DAY = 86_400_000;
const startsAt = Date.parse('2026-02-10T10:00:00Z');
const at = (days: number): string => instantText(startsAt + days * DAY);

const filter = fc.constantFrom<LineFilter | null>(null, null, { sku_in: ['shoe'] }, { category_in: ['new'] });
const shared = {
  lines: filter,
  limits: fc.oneof(
    fc.constant<EarnRule['limits']>([]),
    fc.uniqueArray(
      fc.record({
        period: fc.constantFrom(...PERIODS),
        times: fc.constantFrom(null, 1, 2, 5),
        points: fc.constantFrom(null, 1, 7, 30, 100),
      }),
      { maxLength: 2, selector: ({ period }) => period },
    ),
  ),
  cool_down: fc.constantFrom(null, null, 'P1D', 'P1W'),
  budget: fc.constantFrom(null, null, { points: 90, period: 'month' } as const),
  condition: fc.constantFrom(
    null,
    null,
    { field: 'purchase.spend', op: 'gte', value: 1_500 } as const,
    { field: 'purchase.spend', op: 'lt', value: 900 } as const,
    { field: 'spend', op: 'gte', value: 800 } as const,
  ),
};
const base = {
  ...shared,
  wallet: fc.constantFrom('points', 'miles'),
  exclusive_group: fc.constantFrom(null, null, 'g'),
  life: fc.constantFrom(null, null, { pending: 'P4D', expiry: null }, { pending: null, expiry: null }),
};
const milestones = fc.constantFrom({ every_purchases: 2, every_spend: null, window: null }, {
  every_purchases: null,
  every_spend: 700,
  window: '30d',
} as const);
const rule: fc.Arbitrary<EarnRule> = fc.oneof(
  fc
    .record({ ...base, points: fc.integer({ min: 1, max: 9 }), per: fc.constantFrom(7, 100, 300) })
    .map(({ points, per, ...parts }) => perAmount(points, per, parts)),
  fc.record({ ...base, points: fc.integer({ min: 1, max: 40 }) }).map(({ points, ...parts }) => fixed(points, parts)),
  fc
    .record({ ...base, points: fc.integer({ min: 1, max: 40 }), milestone: milestones })
    .map(({ points, ...parts }) => fixed(points, { ...parts, trigger: 'milestone' })),
  fc
    .record({ ...shared, wallet: fc.constantFrom('points', 'miles'), percent: fc.constantFrom(50, 110, 200, 333) })
    .map(({ percent, ...parts }) => multiplier(percent, parts)),
  fc.record({ lines: filter }).map((parts) => granting('bag', null, parts)),
);

const wallet = fc.record({
  rounding: fc.constantFrom('floor', 'ceil', 'half_up', 'half_even') as fc.Arbitrary<'floor'>,
});
const programs: fc.Arbitrary<ProgramParts> = fc.record({
  wallets: fc.record({ points: wallet, miles: wallet }),
  rules: fc
    .array(rule, { minLength: 1, maxLength: 6 })
    .map((list) => Object.fromEntries(list.map((one, index) => [`r${index}`, one]))),
  tiers: fc.constantFrom(100, 150).map((multiplier_percent) => ({
    gold: tierOn(
      1,
      { field: 'spend', window: '30d', op: 'gte', value: 1_800 },
      { benefits: { multiplier_percent, perks: [] } },
    ),
  })),
  policies: fc.record({
    multipliers: fc.constantFrom('best', 'product'),
    count_tax: fc.boolean(),
    count_shipping: fc.boolean(),
    return_points: fc.constantFrom('recalculate', 'recalculate', 'proportional'),
    debt_recovery_percent: fc.constantFrom(0, 33, 100),
    late_report_days: fc.constant(null),
  }),
});

interface Buying {
  readonly lines: PurchaseLine[];
  readonly discount: number;
  readonly shipping: number;
  readonly tax: number;
  readonly included: boolean;
  readonly lateDays: number;
}
const buying: fc.Arbitrary<Buying> = fc.record({
  lines: fc.array(
    fc
      .record({
        price: fc.oneof(fc.nat(700), fc.constant(0)),
        quantity: fc.integer({ min: 1, max: 4 }),
        sku: fc.constantFrom('shoe', 'sock'),
        categories: fc.constantFrom<string[]>([], ['new']),
      })
      .map(({ price, quantity, ...more }) => line(price * quantity, { quantity, unit_price: price, ...more })),
    { minLength: 1, maxLength: 4 },
  ),
  discount: fc.constantFrom(0, 0, 7, 30),
  shipping: fc.constantFrom(0, 490),
  tax: fc.constantFrom(0, 7, 20),
  included: fc.boolean(),
  lateDays: fc.constantFrom(0, 0, 1, 40),
});

const reportOf = (id: string, when: number, of: Buying): RecordPurchase => {
  const sum = of.lines.reduce((total, { total: one }) => total + one, 0);
  const discount = Math.floor((sum * of.discount) / 100);
  const tax = { amount: Math.floor(((sum - discount + of.shipping) * of.tax) / 100), included: of.included };
  return report(of.lines, { id, discount, shipping: of.shipping, tax, occurred_at: at(when - of.lateDays) });
};

const buy = (story: Given, id: string, when: number, of: Buying): Given =>
  story.and(at(when), { kind: 'record_purchase', member_id: ada, report: reportOf(id, when, of) });

/** Ways in which something comes back: so many per mille of the money, or a piece of a line, as far as there are some. */
type Way = { readonly permille: number } | { readonly line: number };
const ways: fc.Arbitrary<Way[]> = fc.array(
  fc.oneof(fc.record({ permille: fc.integer({ min: 1, max: 1_000 }) }), fc.record({ line: fc.nat(3) })),
  { maxLength: 12 },
);

const wayBack = (of: PurchaseRow, way: Way, id: string) => {
  const amount =
    'permille' in way ? Math.max(1, Math.floor((of.total * way.permille) / 1_000)) : [[way.line, 1] as const];
  return back(amount, { id, of: of.purchase_id });
};

const comeBackInPart = (story: Given, of: string, when: number, list: readonly Way[], first = 0): Given => {
  let now = story;
  for (const [index, way] of list.entries()) {
    const row = now.history.find(({ purchase: one }) => one?.purchase_id === of)!.purchase!;
    const command = wayBack(row, way, `${of}-${first + index}`);
    if (now.when(at(when), command).outcome.refused === null) now = now.and(at(when), command);
  }
  return now;
};

const comeBack = (story: Given, of: string, when: number, list: readonly Way[]): Given =>
  comeBackInPart(story, of, when, list).and(at(when), cancel(of));

/** Everything of the member but how much was written, and what tiers have been through. */
const standing = ({ member }: Given): object => {
  const {
    entries,
    commands,
    events,
    recorded_at,
    tiers,
    limits = {},
    accounts,
    ...rest
  } = withoutHints(member!.state) as Record<string, unknown>;
  const held = Object.entries(tiers as Record<string, { tier: string | null }>).flatMap(([scheme, { tier }]) =>
    tier === null ? [] : [[scheme, tier]],
  );
  const some = Object.entries(accounts as object).filter(([, account]) =>
    Object.values(account).some((value) => value !== 0),
  );
  return { ...rest, limits, held, accounts: Object.fromEntries(some) };
};

const lotsOf = ({ member }: Given) =>
  [...member!.lots.values()].filter(({ pending, available, held }) => pending + available + held > 0);

const daysOf = ({ member }: Given) =>
  [...member!.days].filter(
    ([, { spend, purchases, earned, activities }]) =>
      spend + purchases + Object.keys(earned).length + Object.keys(activities).length !== 0,
  );

const runs = { numRuns: 400 };

test('with nothing in between, everything is as before the purchase, however it comes back', async (t) => {
  fc.assert(
    fc.property(
      programs,
      fc.array(buying, { maxLength: 2 }),
      buying,
      ways,
      fc.constantFrom(0, 0, 25),
      fc.constantFrom(2, 2, 6),
      (parts, earlier, one, list, debt, backAfter) => {
        const rules = program(parts);
        let before = given(t, rules).and(at(-30), settle);
        earlier.forEach((item, index) => {
          before = buy(before, `e-${index}`, index - 20, item);
        });
        if (debt > 0) before = before.and(at(0), adjust(-debt, { allow_debt: true }));
        before = before.and(at(0), settle);
        const boughtIt = buy(before, 'p', 0, one);
        const row = boughtIt.history.at(-1)!.purchase!;
        if (rules.policies.return_points === 'recalculate') {
          const returning = returningOf(boughtIt.history, 'p', () => rules)!;
          const worth = worthOf(returning, returning.given, bought(row), boughtIt.member!.state);
          const again = [...worth.points].reduce((sum, [, points]) => sum + points, 0);
          assert.equal(
            again,
            returning.given.reduce((sum, { points }) => sum + points, 0),
            'the same again gives the same',
          );
        }
        const inParts = comeBack(boughtIt, 'p', backAfter, list);
        const atOnce = comeBack(boughtIt, 'p', backAfter, []);
        const left = before.and(at(backAfter), settle);
        assert.deepEqual(standing(inParts), standing(atOnce), 'parts add up');
        assert.deepEqual(lotsOf(inParts), lotsOf(atOnce));
        assert.deepEqual(standing(atOnce), standing(left), 'as before');
        assert.deepEqual(lotsOf(atOnce), lotsOf(left));
        assert.deepEqual(daysOf(inParts), daysOf(left));
        const budgets = inParts.history.flatMap(({ budgets: used }) => [...used]);
        const earlierBudgets = before.history.flatMap(({ budgets: used }) => [...used]);
        const sum = (some: readonly (readonly [string, number])[]) =>
          some.reduce((total, [, points]) => total + points, 0);
        assert.equal(sum(budgets), sum(earlierBudgets), 'budgets');
        const granted = inParts.history.flatMap(({ entitlements }) => entitlements).length;
        const revoked = inParts.history.flatMap((changes) => changes.revoked).length;
        const there = before.history.flatMap(({ entitlements }) => entitlements).length;
        assert.equal(granted - revoked, there, 'rewards');
      },
    ),
    runs,
  );
  t.pass();
});

test('whatever happens in between, purchases that are all returned leave no point they gave', async (t) => {
  fc.assert(
    fc.property(
      programs,
      fc.array(fc.tuple(buying, ways), { minLength: 2, maxLength: 4 }),
      fc.array(fc.nat(100), { minLength: 4, maxLength: 4 }),
      fc.infiniteStream(fc.nat(3)),
      (parts, list, shares, order) => {
        let story = given(t, program(parts)).and(at(-30), settle);
        list.forEach(([item], index) => {
          story = buy(story, `p-${index}`, index, item);
          const { available = 0 } = story.member!.state.accounts['points'] ?? {};
          const spent = Math.floor((available * (shares[index] ?? 0)) / 100);
          if (spent > 0) story = story.and(at(index), adjust(-spent, {}));
        });
        const left = list.map(([, some], index) => ({ id: `p-${index}`, some }));
        while (left.length > 0) {
          const [one] = left.splice(order.next().value! % left.length, 1);
          story = comeBack(story, one!.id, 8, one!.some);
        }
        const { totals, today, windows, first_purchase_at, last_purchase_at } = story.member!.state;
        assert.deepEqual([totals.spend, totals.purchases, totals.earned], [0, 0, {}]);
        assert.ok(
          today.spend === 0 && Object.values(windows).every(({ spend, purchases }) => spend === 0 && purchases === 0),
        );
        assert.deepEqual([first_purchase_at, last_purchase_at], [null, null]);
        const gifts = story.history
          .flatMap(({ entries }) => entries)
          .filter(({ movement, to_bucket }) => movement === 'adjust' && to_bucket === 'reversed')
          .reduce((sum, { points }) => sum + points, 0);
        for (const [code, { pending, available, debt }] of Object.entries(story.member!.state.accounts))
          assert.equal(pending + available - debt, code === 'points' ? 0 - gifts : 0, code);
      },
    ),
    runs,
  );
  t.pass();
});

/** A guest's purchase of which something came back, in these ways as far as they were taken. */
const guestOf = (report: RecordPurchase, when: number, rules: Rules, list: readonly Way[]) => {
  const recorded = recordGuestPurchase(report, rules, Date.parse(at(when)));
  if (recorded.outcome === 'refused') throw new Error(recorded.detail);
  const { purchase: row } = recorded;
  const returns: ReturnRow[] = [];
  for (const [index, way] of list.entries()) {
    const command = wayBack(row, way, `${row.purchase_id}-${index}`);
    if (command.kind !== 'return_purchase') continue;
    const taken = returnGuestPurchase(row, returns, command.request, rules, Date.parse(at(when)));
    if (taken.outcome === 'accepted') returns.push(taken.row);
  }
  return { row, returns };
};

test('a guest’s purchase that is claimed is a late report, and what came back of it before comes to the same as after', async (t) => {
  fc.assert(
    fc.property(
      programs,
      fc.array(buying, { maxLength: 2 }),
      buying,
      ways,
      fc.nat(12),
      fc.constantFrom(0, 0, 25),
      fc.constantFrom(0, 2, 6),
      (parts, earlier, one, list, cut, debt, claimedAfter) => {
        const rules = program(parts);
        let before = given(t, rules).and(at(-30), settle);
        earlier.forEach((item, index) => {
          before = buy(before, `e-${index}`, index - 20, item);
        });
        if (debt > 0) before = before.and(at(0), adjust(-debt, { allow_debt: true }));
        const reported = reportOf('p', 0, one);
        const late = before.and(at(claimedAfter), { kind: 'record_purchase', member_id: ada, report: reported });
        const atOnce = before.and(at(claimedAfter), ...claim(guestOf(reported, 0, rules, [])));
        assert.deepEqual(standing(atOnce), standing(late), 'a late report');
        assert.deepEqual(lotsOf(atOnce), lotsOf(late));
        assert.deepEqual(atOnce.history.at(-1)!.entries, late.history.at(-1)!.entries);
        const after = comeBackInPart(atOnce, 'p', claimedAfter, list);
        const guest = guestOf(reported, 0, rules, list.slice(0, cut));
        const partly = before.and(at(claimedAfter), ...claim(guest));
        const isWhole = guest.returns.some(({ whole }) => whole);
        assert.equal(partly.history.at(-1)!.purchase === null, isWhole, 'of nothing nothing is claimed');
        const partlyBefore = isWhole ? partly : comeBackInPart(partly, 'p', claimedAfter, list.slice(cut), cut);
        assert.deepEqual(standing(partlyBefore), standing(after), 'the same');
        assert.deepEqual(lotsOf(partlyBefore), lotsOf(after));
        assert.deepEqual(daysOf(partlyBefore), daysOf(after));
      },
    ),
    runs,
  );
  t.pass();
});
