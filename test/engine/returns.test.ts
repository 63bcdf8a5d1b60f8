import { test } from 'tap';
import { adjust, back, cancel, given, line, purchase, redeem, settle } from '../helpers/given.ts';
import { fixed, granting, perAmount, program, tier, tierOn } from '../helpers/programs.ts';
import { withoutHints } from './naive.ts';

/* What comes back undoes what was given for it: to the point, whatever was done with it in between. */

const at = '2026-03-10T10:00:00Z';
const later = '2026-03-12T10:00:00Z';
const pieces = (quantity: number, price: number, more = {}) =>
  line(quantity * price, { quantity, unit_price: price, ...more });

const perEuro = program({ rules: { base: perAmount(1, 100) } });

/** The state without what only counts how much was written, and when. */
const standing = (state: object | undefined): object => {
  const { entries, commands, events, recorded_at, ...rest } = withoutHints(state as never) as Record<string, unknown>;
  return rest;
};

test('a part goes back with its points, and the rest as well: nothing is left', async (t) => {
  const bought = given(t, perEuro).and(at, purchase([pieces(3, 3_333)]));
  const once = bought.when(later, back([[0, 1]]));
  once.then({
    entries: ['return 33 points available→reversed 1:33'],
    causes: ['return b-1'],
    balances: { points: '66 available' },
    events: ['purchase.returned', 'points.returned'],
  });
  t.match(once.outcome.answer, {
    amount: { amount: 3_333 },
    whole: false,
    taken_back: [{ wallet: 'points', points: 33, from_lots: 33, debt: 0 }],
    balances: [{ available: 66 }],
  });
  t.match(once.outcome.state, { totals: { spend: 6_666, purchases: 1, earned: { points: 66 } } });
  const twice = bought.and(later, back([[0, 1]])).when(later, back([[0, 2]], { id: 'b-2' }));
  twice.then({ balances: { points: '' } });
  t.match(twice.outcome.state, {
    totals: { spend: 0, purchases: 0, earned: {} },
    first_purchase_at: null,
    last_purchase_at: null,
  });
});

test('no more comes back than was bought', async (t) => {
  const bought = given(t, perEuro).and(at, purchase([pieces(2, 500), pieces(1, 700)]));
  bought
    .when(later, back([[0, 3]]))
    .then({ refused: 'return_exceeds_purchase', faults: ['/lines/0/quantity return_exceeds_purchase'] });
  bought
    .when(
      later,
      back([
        [0, 1],
        [0, 2],
      ]),
    )
    .then({ refused: 'return_exceeds_purchase', faults: ['/lines/1/quantity return_exceeds_purchase'] });
  bought.when(later, back([[2, 1]])).then({ refused: 'unknown_line', faults: ['/lines/0/line unknown_line'] });
  bought
    .when(later, back(1_701))
    .then({ refused: 'return_exceeds_purchase', faults: ['/amount return_exceeds_purchase'] });
  bought.when(later, back(100, { of: 'nothing' })).then({ refused: 'not_found' });
  const gone = bought.and(later, cancel());
  gone.when(later, back([[1, 1]])).then({ refused: 'return_exceeds_purchase' });
  gone.when(later, back(1)).then({ refused: 'return_exceeds_purchase' });
});

test('many tiny parts against a rounding that is down add up to the whole, and gain nothing', async (t) => {
  let story = given(t, perEuro).and(at, purchase([pieces(10, 99)]));
  t.equal(story.member?.state.accounts['points']?.available, 9);
  const left: number[] = [];
  for (let index = 0; index < 10; index++) {
    story = story.and(later, back([[0, 1]], { id: `b-${index}` }));
    left.push(story.member!.state.accounts['points']!.available);
  }
  t.strictSame(left, [8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
  let byCents = given(t, perEuro).and(at, purchase([pieces(1, 301), pieces(1, 199)]));
  for (let index = 0; index < 500; index++) byCents = byCents.and(later, back(1, { id: `b-${index}` }));
  t.match(byCents.member?.state, { totals: { spend: 0, purchases: 0, earned: {} } });
  t.equal(byCents.member?.state.accounts['points']?.available, 0);
});

test('a fixed number from an amount on goes when the rest is below it', async (t) => {
  const rules = program({
    rules: {
      big: fixed(200, { condition: { field: 'purchase.spend', op: 'gte', value: 10_000 } }),
      small: fixed(20, { condition: { field: 'purchase.spend', op: 'lt', value: 10_000 } }),
      shoes: perAmount(1, 100, { lines: { sku_in: ['shoe'] } }),
    },
  });
  const bought = given(t, rules).and(at, purchase([pieces(1, 8_000), pieces(2, 1_500, { sku: 'shoe' })]));
  t.equal(bought.member?.state.accounts['points']?.available, 230);
  bought.when(later, back([[1, 1]])).then({ balances: { points: '35 available' } });
  bought
    .and(later, back([[1, 1]]))
    .when(later, back([[0, 1]], { id: 'b-2' }))
    .then({ balances: { points: '35 available' } });
  bought
    .and(later, back([[1, 1]]))
    .when(later, cancel())
    .then({ balances: { points: '' } });
});

test('pending first, then the very points, then others, then debt', async (t) => {
  const rules = program({
    wallets: { points: { pending: 'P7D' } },
    rules: {
      now: fixed(40, { life: { pending: null, expiry: null } }),
      soon: perAmount(1, 100),
    },
  });
  const bought = given(t, rules).and(at, purchase(6_000)).and(at, adjust(25));
  bought.when(later, cancel()).then({
    entries: ['return 60 points pending→reversed 2:60', 'return 40 points available→reversed 1:40'],
    balances: { points: '25 available' },
  });
  const spent = bought.and(later, redeem(50));
  const all = spent.when('2026-03-20T10:00:00Z', cancel());
  all.then({
    balances: { points: '25 debt' },
    entries: [
      'release 60 points pending→available 2:60',
      'return 60 points available→reversed 2:60',
      'return 15 points available→reversed 3:15',
      'return 25 points debt→reversed',
    ],
  });
});

test('a burn, a return and another burn: what is missing is owed, and later earning pays it back', async (t) => {
  const owing = given(t, perEuro).and(at, purchase(10_000)).and(at, redeem(80)).and(later, cancel());
  t.match(owing.member?.state.accounts['points'], { available: 0, debt: 80 });
  owing.when(later, redeem(1)).then({ refused: 'insufficient_points' });
  const paid = owing.and(later, purchase(10_000, { id: 'p-2' }));
  t.match(paid.member?.state.accounts['points'], { available: 20, debt: 0 });
  // What had paid back debt is owed again with its own purchase.
  paid.when(later, cancel('p-2')).then({
    entries: ['return 20 points available→reversed 6:20', 'return 80 points debt→reversed'],
    balances: { points: '80 debt' },
  });
});

test('a program can write the shortfall off: the ledger shows it', async (t) => {
  const rules = program({ rules: { base: perAmount(1, 100) }, policies: { return_shortfall: 'write_off' } });
  const outcome = given(t, rules).and(at, purchase(10_000)).and(at, redeem(80)).when(later, cancel());
  outcome.then({
    entries: [
      'return 20 points available→reversed 1:20',
      'return 80 points debt→reversed',
      'write_off 80 points issued→debt',
    ],
    balances: { points: '' },
  });
  t.match(outcome.outcome.answer, { taken_back: [{ points: 100, from_lots: 20, debt: 0, written_off: 80 }] });
});

test('buying, earning and returning again and again gains nothing', async (t) => {
  const rules = program({
    rules: {
      base: perAmount(1, 100),
      gold: fixed(50, { trigger: 'tier.entered' }),
      big: fixed(30, { trigger: 'segment.entered' }),
      often: fixed(70, { trigger: 'milestone', milestone: { every_purchases: 2, every_spend: null, window: null } }),
      bag: granting('bag'),
    },
    tiers: {
      gold: tierOn(
        1,
        { field: 'spend', op: 'gte', value: 5_000 },
        { minimum_stay: { after: 'P1Y', round_up_to: null }, grace: 'P1M' },
      ),
    },
    segments: { big: { name: 'Big', condition: { field: 'spend', op: 'gte', value: 5_000 }, exit: null } },
  });
  let story = given(t, rules).and(at, settle);
  const before = standing(story.member?.state);
  for (let round = 0; round < 4; round++) {
    const id = `p-${round}`;
    story = story.and(at, purchase(6_000, { id }));
    t.match(story.member?.state, { tiers: { status: { tier: 'gold' } }, accounts: { points: { available: 140 } } });
    const gone = story.when(at, cancel(id));
    t.match(gone.outcome.answer, { revoked: [/^ett_/], segments: [], taken_back: [{ points: 140 }] });
    story = story.and(at, cancel(id));
    const { tiers, ...state } = standing(story.member?.state) as Record<string, unknown>;
    const { tiers: _, accounts: none, ...rest } = before as Record<string, unknown>;
    t.match(tiers, { status: { tier: null, stay_until: null } });
    t.match(state, rest);
    t.match(state['accounts'], { points: { available: 0, pending: 0, debt: 0 } });
  }
});

test('a part that costs the tier takes what entering it had given', async (t) => {
  const rules = program({
    rules: { gold: fixed(50, { trigger: 'tier.entered' }) },
    tiers: { gold: tier(1, 'spend', 5_000) },
  });
  const bought = given(t, rules).and(at, purchase([pieces(2, 3_000)]));
  bought.when(later, back(500)).then({ balances: { points: '50 available' } });
  bought
    .when(later, back([[0, 1]]))
    .then({ balances: { points: '' }, tiers: { status: 'null since 2026-03-12T10:00Z' } });
  bought
    .and(later, back([[0, 1]]))
    .when(later, cancel())
    .then({ entries: [] });
});

test('given a tier entered in between, the points of the multiplier of then are taken back', async (t) => {
  const rules = program({
    rules: { base: perAmount(1, 100) },
    tiers: {
      silver: tierOn(
        1,
        { field: 'spend', op: 'gte', value: 5_000 },
        { benefits: { multiplier_percent: 200, perks: [] } },
      ),
      gold: tierOn(
        2,
        { field: 'spend', op: 'gte', value: 20_000 },
        { benefits: { multiplier_percent: 300, perks: [] } },
      ),
    },
  });
  const risen = given(t, rules)
    .and(at, purchase(6_000, { id: 'p-0' }))
    .and(at, purchase([pieces(2, 5_000)]))
    .and(at, purchase(10_000, { id: 'p-2' }));
  t.equal(risen.member?.state.tiers['status']?.tier, 'gold');
  const outcome = risen.when(later, back([[0, 1]]));
  t.match(outcome.outcome.answer, { taken_back: [{ points: 100 }] });
  outcome.then({ tiers: { status: 'gold since 2026-03-10T10:00Z' } });
});

test('a tier that a stay held before the purchase is held again', async (t) => {
  const stay = { minimum_stay: { after: 'P1Y', round_up_to: null } } as const;
  const rules = program({
    tiers: {
      silver: tierOn(1, { field: 'spend', window: '30d', op: 'gte', value: 5_000 }, stay),
      gold: tierOn(2, { field: 'spend', window: '30d', op: 'gte', value: 20_000 }, stay),
    },
  });
  const silver = given(t, rules).and(at, purchase(6_000, { id: 'p-0' }));
  const gold = silver.and('2026-06-10T10:00:00Z', purchase(20_000));
  t.equal(gold.member?.state.tiers['status']?.tier, 'gold');
  const outcome = gold.when('2026-06-11T10:00:00Z', cancel());
  outcome.then({ tiers: { status: 'silver since 2026-06-11T10:00Z' } });
  t.equal(outcome.outcome.state?.tiers['status']?.stay_until, silver.member?.state.tiers['status']?.stay_until);
});

test('limits, cool-downs and budgets have room again', async (t) => {
  const rules = program({
    rules: {
      daily: perAmount(1, 100, { limits: [{ period: 'day', times: null, points: 50 }] }),
      once: fixed(5, { limits: [{ period: 'ever', times: 1, points: null }] }),
      rare: fixed(7, { cool_down: 'P1M' }),
      shared: fixed(9, { budget: { points: 10, period: 'month' } }),
    },
  });
  const start = given(t, rules);
  const bought = start.and(at, purchase([pieces(2, 4_000)]));
  t.equal(bought.member?.state.accounts['points']?.available, 50 + 5 + 7 + 9);
  const half = bought.when(later, back([[0, 1]]));
  t.match(half.outcome.answer, { taken_back: [{ points: 10 }] }, 'what the limit had cut off is not taken back');
  const gone = bought.and(later, cancel());
  t.strictSame(gone.member?.state.limits ?? {}, start.member?.state.limits ?? {});
  gone.when(later, purchase(8_000, { id: 'p-2' })).then({ balances: { points: '71 available' } });
});

test('in proportion, as a program may say', async (t) => {
  const rules = program({
    rules: { welcome: fixed(100, { limits: [{ period: 'ever', times: 1, points: null }] }) },
    policies: { return_points: 'proportional' },
  });
  const bought = given(t, rules).and(at, purchase([pieces(3, 1_000)]));
  bought.when(later, back([[0, 1]])).then({ balances: { points: '66 available' } });
  const parts = bought.and(later, back([[0, 1]])).and(later, back(1_000, { id: 'b-2' }));
  parts.when(later, cancel()).then({ balances: { points: '' } });
});

for (const [name, policies, tax] of [
  ['tax in', { count_tax: true }, { amount: 500, included: true }],
  ['tax out', { count_tax: false }, { amount: 500, included: true }],
  ['tax on top', { count_tax: false }, { amount: 500, included: false }],
] as const) {
  test(`a discount on the whole, shipping, ${name}: parts add up`, async (t) => {
    const rules = program({ rules: { base: perAmount(1, 10) }, policies: { ...policies, count_shipping: true } });
    const lines = [pieces(3, 333), pieces(7, 101, { sku: 'sock' }), pieces(1, 1_999)];
    const start = given(t, rules);
    const bought = start.and(at, purchase(lines, { discount: 777, shipping: 490, tax }));
    const parts = bought
      .and(
        later,
        back(
          [
            [0, 2],
            [1, 3],
          ],
          { id: 'b-1' },
        ),
      )
      .and(later, back(555, { id: 'b-2' }))
      .and(
        later,
        back(
          [
            [2, 1],
            [1, 1],
          ],
          { id: 'b-3' },
        ),
      )
      .and(later, back([[0, 1]], { id: 'b-4' }))
      .and(later, back([[1, 3]], { id: 'b-5' }));
    const { totals, accounts } = parts.member!.state;
    t.match(
      { totals, accounts },
      { totals: { spend: 0, purchases: 0, earned: {} }, accounts: { points: { available: 0, debt: 0 } } },
    );
    const amounts = parts.history.flatMap(({ purchaseReturn }) => purchaseReturn?.amount ?? []);
    t.equal(
      amounts.reduce((sum, amount) => sum + amount, 0),
      bought.history.flatMap(({ purchase: row }) => row?.total ?? [])[0],
    );
  });
}

test('a suspended and a closed member return, too', async (t) => {
  const bought = given(t, perEuro).and(at, purchase(1_000));
  bought
    .and(at, { kind: 'suspend_member', member_id: bought.member!.state.member_id })
    .when(later, cancel())
    .then({ balances: { points: '' } });
  bought
    .and(at, { kind: 'close_member', member_id: bought.member!.state.member_id })
    .when(later, cancel())
    .then({ balances: { points: '10 debt' } });
});

test('the first and the last purchase are others once one is gone', async (t) => {
  const story = given(t, perEuro)
    .and(at, purchase(100, { id: 'p-1', occurred_at: '2026-03-05T10:00:00Z' }))
    .and(at, purchase(100, { id: 'p-2', occurred_at: '2026-03-07T10:00:00Z' }))
    .and(at, purchase(100, { id: 'p-3', occurred_at: '2026-03-09T10:00:00Z' }));
  const day = (of: number) => Date.parse(`2026-03-0${of}T10:00:00Z`);
  t.match(story.when(later, cancel('p-3')).outcome.state, { first_purchase_at: day(5), last_purchase_at: day(7) });
  t.match(story.when(later, cancel('p-1')).outcome.state, { first_purchase_at: day(7), last_purchase_at: day(9) });
  t.match(story.and(later, cancel('p-3')).when(later, cancel('p-2')).outcome.state, { last_purchase_at: day(5) });
});

test('a return of a purchase nobody made is refused, or taken as an adjustment, as the program says', async (t) => {
  const rules = { euro: perAmount(1, 100), shoes: perAmount(1, 100, { lines: { category_in: ['shoes'] } }) };
  const unknown = back(2_050, { of: 'elsewhere' });
  const strict = given(t, program({ rules })).and(at, purchase(10_000));
  strict.when(later, unknown).then({ refused: 'not_found' });
  const policies = { unknown_purchase_returns: 'adjust' } as const;
  const lenient = given(t, program({ rules, policies })).and(at, purchase(10_000));
  const taken = lenient.when(later, unknown);
  taken.then({
    entries: ['return 20 points available→reversed 1:20'],
    causes: ['return b-1'],
    balances: { points: '80 available' },
    events: ['purchase.returned', 'points.returned'],
  });
  t.match(taken.outcome.answer, { spend: { amount: 0 }, taken_back: [{ points: 20, from_other_lots: 20 }] });
  t.match(taken.outcome.state, { totals: { spend: 10_000, purchases: 1 } });
  lenient.when(later, back(20_000, { of: 'elsewhere' })).then({ balances: { points: '100 debt' } });
  const written = program({ rules, policies: { ...policies, return_shortfall: 'write_off' } });
  given(t, written)
    .and(at, purchase(10_000))
    .when(later, back(20_000, { of: 'elsewhere' }))
    .then({ balances: { points: '' } });
  lenient
    .when(later, back([[0, 1]], { of: 'elsewhere' }))
    .then({ refused: 'unknown_line', faults: ['/lines unknown_line'] });
});
