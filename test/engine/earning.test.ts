import { test } from 'tap';
import type { LineFilter } from '../../src/model/line-filter.ts';
import type { Wallet } from '../../src/model/wallet.ts';
import { adjust, given, line, purchase, settle } from '../helpers/given.ts';
import { fixed, perAmount, program } from '../helpers/programs.ts';

const noon = '2026-03-10T11:00:00Z';

test('a point per euro: what is over does not count', async (t) => {
  const euro = program({ rules: { euro: perAmount(1, 100) } });
  for (const [amount, points] of [
    [100, 1],
    [1999, 19],
    [2000, 20],
    [1_000_000_000_099, 10_000_000_000],
  ] as const) {
    given(t, euro)
      .when(noon, purchase(amount))
      .then({
        balances: { points: `${points} available` },
        entries: [`earn ${points} points issued→available 1:${points}`],
        given: [`euro ${points}`],
        facts: [`euro ${points} on ${amount}`],
        lots: [`1: ${points} of ${points} for ever`],
        events: ['purchase.recorded', 'points.earned'],
      });
  }
  given(t, euro)
    .when(noon, purchase(99))
    .then({ refused: null, balances: {}, entries: [], facts: ['euro 0 on 99'], events: ['purchase.recorded'] });
});

test('the answer says what was earned, by which rule, and where the member stands', async (t) => {
  const rules = program({
    wallets: { points: { pending: 'P14D', expiry: { after: 'P12M', round_up_to: 'month' } } },
    rules: { euro: perAmount(1, 100), welcome: fixed(5) },
  });
  given(t, rules)
    .when(noon, purchase(1950, { occurred_at: '2026-03-09T23:30:00Z' }))
    .then({
      answer: {
        id: 'p-1',
        member: 'ada',
        occurred_at: '2026-03-09T23:30:00.000Z',
        recorded_at: '2026-03-10T11:00:00.000Z',
        total: { amount: 1950, currency: 'EUR' },
        spend: { amount: 1950, currency: 'EUR' },
        earned: [
          {
            entry_id: 'ent_1_1',
            wallet: 'points',
            points: 24,
            recovered: 0,
            bucket: 'pending',
            available_at: '2026-03-23T23:00:00.000Z',
            expires_at: '2027-03-31T22:00:00.000Z',
            rules: [
              { rule: 'euro', points: 19 },
              { rule: 'welcome', points: 5 },
            ],
          },
        ],
        balances: [{ wallet: 'points', pending: 24, available: 0, held: 0, debt: 0 }],
        tiers: [],
      },
    });
});

const basket = [
  line(1000, { sku: 'shoe', categories: ['shoes', 'new'] }),
  line(500, { sku: 'sock', categories: ['socks'] }),
  line(300, { sku: 'card' }),
];

test('a filter says which lines count: every filter present must hold', async (t) => {
  const cases: [LineFilter, number | null][] = [
    [{ sku_in: ['shoe', 'card'] }, 1300],
    [{ sku_not_in: ['shoe'] }, 800],
    [{ category_in: ['new', 'socks'] }, 1500],
    [{ category_not_in: ['shoes'] }, 800],
    [{ category_in: ['shoes'], sku_not_in: ['shoe'] }, null],
    [{ category_not_in: ['shoes'], sku_in: ['sock', 'shoe'] }, 500],
    [{ sku_in: ['hat'] }, null],
  ];
  for (const [lines, counted] of cases) {
    const rules = program({ rules: { each: perAmount(1, 1, { lines }), once: fixed(7, { lines }) } });
    given(t, rules)
      .when(noon, purchase(basket))
      .then(
        counted === null
          ? { facts: [], entries: [] }
          : { facts: [`each ${counted} on ${counted}`, `once 7 on ${counted}`] },
      );
  }
});

test('a rule without a filter counts shipping where the program does, a rule with one never', async (t) => {
  const rules = program({
    rules: { all: perAmount(1, 1), shoes: perAmount(1, 1, { lines: { sku_in: ['shoe'] } }) },
    policies: { count_shipping: true },
  });
  given(t, rules)
    .when(noon, purchase(basket, { shipping: 490 }))
    .then({ facts: ['all 2290 on 2290', 'shoes 1000 on 1000'], spend: 2290 });
});

test('a rule applies to what occurred from its first instant on and before its last', async (t) => {
  const from = '2026-03-05T00:00:00Z';
  const until = '2026-03-08T00:00:00+01:00';
  const rules = program({ rules: { week: fixed(1, { from, until }) } });
  for (const [occurred_at, applies] of [
    ['2026-03-04T23:59:59.999Z', false],
    ['2026-03-05T00:00:00Z', true],
    ['2026-03-07T22:59:59.999Z', true],
    ['2026-03-07T23:00:00Z', false],
  ] as const) {
    given(t, rules)
      .when(noon, purchase(100, { occurred_at }))
      .then({ given: applies ? ['week 1'] : [] });
  }
});

test('what the rules give is added up exactly and rounded once, as the wallet says', async (t) => {
  // 2.5, 3.5 and 2 × 1.25 points.
  const cases: [Wallet['rounding'], number, number, number][] = [
    ['floor', 2, 3, 2],
    ['ceil', 3, 4, 3],
    ['half_up', 3, 4, 3],
    ['half_even', 2, 4, 2],
  ];
  for (const [rounding, one, other, together] of cases) {
    const wallets = { points: { rounding } };
    const points = (amount: number, ...rules: ReturnType<typeof perAmount>[]) =>
      given(t, program({ wallets, rules: Object.fromEntries(rules.map((rule, index) => [`r${index}`, rule])) })).when(
        noon,
        purchase(amount),
      ).outcome.balances;
    t.strictSame(points(250, perAmount(1, 100)), { points: `${one} available` }, rounding);
    t.strictSame(points(350, perAmount(1, 100)), { points: `${other} available` }, rounding);
    t.strictSame(points(125, perAmount(1, 100), perAmount(1, 100)), { points: `${together} available` }, rounding);
  }
});

test('a rule with a rounding of its own is rounded before it is added', async (t) => {
  const own = (rounding: Wallet['rounding']) => perAmount(1, 100, { rounding });
  const points = (rules: Record<string, ReturnType<typeof perAmount>>) =>
    given(t, program({ rules })).when(noon, purchase(175)).outcome.given;
  t.strictSame(points({ a: perAmount(1, 100), b: perAmount(1, 100) }), ['a 2', 'b 1'], 'together 3.5');
  t.strictSame(points({ a: own('floor'), b: own('floor') }), ['a 1', 'b 1']);
  t.strictSame(points({ a: own('ceil'), b: own('half_up'), c: own('half_even') }), ['a 2', 'b 2', 'c 2']);
  t.strictSame(points({ a: own('ceil'), b: perAmount(1, 100) }), ['a 2', 'b 1'], '2 + 1.75');
});

test('the rounded sum is spread over the rules by largest remainder, the first of equals first', async (t) => {
  const rules = { a: perAmount(1, 300), b: perAmount(2, 300), c: perAmount(4, 300) };
  // 1⅔ + 3⅓ + 6⅔ = 11⅔
  given(t, program({ rules }))
    .when(noon, purchase(500))
    .then({ given: ['a 2', 'b 3', 'c 6'] });
  given(t, program({ rules, wallets: { points: { rounding: 'ceil' } } }))
    .when(noon, purchase(500))
    .then({ given: ['a 2', 'b 3', 'c 7'] });
});

test('each wallet has its own entry, lot, value and life', async (t) => {
  const rules = program({
    wallets: {
      points: { value: { points: 100, amount: 50 } },
      status: { redeemable: false, expiry: { after: 'P1Y', round_up_to: null } },
    },
    rules: { a: perAmount(1, 100), b: fixed(10, { wallet: 'status' }) },
  });
  given(t, rules)
    .when(noon, purchase(300))
    .then({
      balances: { points: '3 available', status: '10 available' },
      lots: ['1: 3 of 3 for ever worth 50 for 100', '2: 10 of 10 until 2027-03-10T23:00Z'],
    });
});

const life = (wallet: Partial<Wallet>) => program({ wallets: { points: wallet }, rules: { one: fixed(1) } });

test('points are pending until the local day so long after begins, whatever the clock does that night', async (t) => {
  for (const [occurred, pending, from] of [
    ['2026-03-10T11:00:00Z', 'P14D', '2026-03-23T23:00Z'],
    ['2026-03-27T23:30:00Z', 'P1D', '2026-03-28T23:00Z'],
    ['2026-03-29T00:30:00Z', 'P1D', '2026-03-29T22:00Z'],
    ['2026-03-29T21:59:00Z', 'P1D', '2026-03-29T22:00Z'],
    ['2026-03-29T22:00:00Z', 'P1D', '2026-03-30T22:00Z'],
    ['2026-10-25T10:00:00Z', 'P1D', '2026-10-25T23:00Z'],
    ['2026-01-31T12:00:00Z', 'P1M', '2026-02-27T23:00Z'],
    ['2026-03-10T11:00:00Z', 'P2W', '2026-03-23T23:00Z'],
  ] as const) {
    given(t, life({ pending }))
      .when(occurred, purchase(100))
      .then({ lots: [`1: 1 of 1 pending until ${from}, for ever`] });
  }
});

test('points expire with the end of the local day so long after, or of its month, quarter or year', async (t) => {
  for (const [occurred, after, round_up_to, until] of [
    ['2026-01-31T12:00:00Z', 'P1M', null, '2026-02-28T23:00Z'],
    ['2026-01-31T23:30:00Z', 'P1M', null, '2026-03-01T23:00Z'],
    ['2028-02-29T12:00:00Z', 'P1Y', null, '2029-02-28T23:00Z'],
    ['2026-03-28T12:00:00Z', 'P1D', null, '2026-03-29T22:00Z'],
    ['2026-01-15T12:00:00Z', 'P1M', 'month', '2026-02-28T23:00Z'],
    ['2027-12-31T12:00:00Z', 'P2M', 'month', '2028-02-29T23:00Z'],
    ['2026-02-14T12:00:00Z', 'P1D', 'quarter', '2026-03-31T22:00Z'],
    ['2026-03-31T12:00:00Z', 'P1D', 'quarter', '2026-06-30T22:00Z'],
    ['2026-11-01T12:00:00Z', 'P1D', 'quarter', '2026-12-31T23:00Z'],
    ['2026-02-14T12:00:00Z', 'P12M', 'year', '2027-12-31T23:00Z'],
  ] as const) {
    given(t, life({ expiry: { after, round_up_to } }))
      .when(occurred, purchase(100))
      .then({ lots: [`1: 1 of 1 until ${until}`] });
  }
});

test('time releases and expires points at their own instants, in one entry for each instant and wallet', async (t) => {
  const rules = program({
    wallets: { points: { pending: 'P2D', expiry: { after: 'P5D', round_up_to: null } } },
    rules: { euro: perAmount(1, 100) },
  });
  const bought = given(t, rules)
    .and('2026-03-10T08:00:00Z', purchase(300))
    .and('2026-03-10T18:00:00Z', purchase(200))
    .and('2026-03-11T08:00:00Z', purchase(700));
  bought.when('2026-03-11T22:59:59.999Z', settle).then({ balances: { points: '12 pending' }, entries: [] });
  bought.when('2026-03-11T23:00:00Z', settle).then({
    balances: { points: '7 pending, 5 available' },
    entries: ['release 5 points pending→available 1:3 2:2'],
    events: ['points.released'],
  });
  bought.when('2026-04-01T00:00:00Z', adjust(1, { expires_at: null })).then({
    entries: [
      'release 5 points pending→available 1:3 2:2',
      'release 7 points pending→available 3:7',
      'expire 5 points available→expired 1:3 2:2',
      'expire 7 points available→expired 3:7',
      'adjust 1 points issued→available 8:1',
    ],
    times: ['2026-03-11T23:00Z', '2026-03-12T23:00Z', '2026-03-15T23:00Z', '2026-03-16T23:00Z', '2026-04-01T00:00Z'],
    balances: { points: '1 available' },
  });
});

test('points that would expire while still pending are released first, then expire', async (t) => {
  const rules = life({ pending: 'P30D', expiry: { after: 'P7D', round_up_to: null } });
  given(t, rules)
    .when(noon, purchase(100))
    .then({ lots: ['1: 1 of 1 pending until 2026-04-08T22:00Z, until 2026-04-08T22:00Z'] });
  given(t, rules)
    .and(noon, purchase(100))
    .when('2026-06-01T00:00:00Z', settle)
    .then({
      entries: ['release 1 points pending→available 1:1', 'expire 1 points available→expired 1:1'],
      times: ['2026-04-08T22:00Z', '2026-04-08T22:00Z'],
      balances: { points: '' },
    });
});

test('a late report gives points that follow the time it occurred: released at once, or expired at once', async (t) => {
  const rules = life({ pending: 'P2D', expiry: { after: 'P5D', round_up_to: null } });
  const late = (occurred_at: string) => given(t, rules).when(noon, purchase(100, { occurred_at }));
  late('2026-03-09T12:00:00Z').then({ lots: ['1: 1 of 1 pending until 2026-03-10T23:00Z, until 2026-03-14T23:00Z'] });
  late('2026-03-07T12:00:00Z').then({ entries: ['earn 1 points issued→available 1:1'] });
  late('2026-03-01T12:00:00Z').then({
    entries: ['earn 1 points issued→available 1:1', 'expire 1 points available→expired 1:1'],
    times: ['2026-03-01T12:00Z', '2026-03-06T23:00Z'],
    balances: { points: '' },
  });
});

test('a purchase that gives more than can be moved at once is refused', async (t) => {
  const rules = program({ rules: { many: perAmount(1_000_000, 1) } });
  given(t, rules).when(noon, purchase(1_000_000)).then({ refused: null });
  given(t, rules).when(noon, purchase(1_000_001)).then({ refused: 'number_too_large', balances: {} });
});

test('a total that could no longer be counted exactly is refused', async (t) => {
  const half = 4_600_000_000_000_000;
  const spender = given(t, program()).and(noon, purchase(half));
  spender.when(noon, purchase(half)).then({ refused: 'number_too_large' });
  spender.when(noon, purchase(Number.MAX_SAFE_INTEGER - half)).then({ refused: null });
});
