import { test } from 'tap';
import {
  adjust,
  back,
  cancel,
  capture,
  given,
  hold,
  line,
  purchase,
  redeem,
  refund,
  voiding,
} from '../helpers/given.ts';
import { burning, perAmount, program, segmentOn, tier } from '../helpers/programs.ts';

/* Points as money: what burn rules allow, what points pay, and what comes back of them with a return. */

const at = '2026-03-10T10:00:00Z';
const later = '2026-03-12T10:00:00Z';
const rich = { points: 10_000 };
const redeeming = (points: number, id = 'r-1') => ({ redeem: [{ id, points }] });

test('a burn rule says what points pay, and how many can be taken', async (t) => {
  const rules = program({
    burnRules: {
      cash: burning({ value: { points: 3, amount: 2 }, minimum_points: 30, maximum_points: 90, step_points: 15 }),
    },
  });
  const member = given(t, rules).and(at, adjust(rich.points));
  t.match(member.when(at, redeem(75)).outcome.answer, { amount: { amount: 50, currency: 'EUR' }, burn_rule: 'cash' });
  member.when(at, redeem(15)).then({ refused: 'burn_rule_violated', faults: ['/points minimum_points'] });
  member.when(at, redeem(105)).then({ refused: 'burn_rule_violated', faults: ['/points maximum_points'] });
  member.when(at, redeem(40)).then({ refused: 'burn_rule_violated', faults: ['/points step_points'] });
});

test('of the rules that hold for a member the one of highest priority counts; where none holds nothing is spent', async (t) => {
  const rules = program({
    rules: { euro: perAmount(1, 100) },
    tiers: { gold: tier(1, 'spend', 50_000) },
    segments: { vip: segmentOn({ field: 'purchases', op: 'gte', value: 2 }) },
    burnRules: {
      gold: burning({ value: { points: 1, amount: 2 }, condition: { field: 'tier', op: 'eq', value: 'gold' } }),
      vip: burning({
        value: { points: 1, amount: 3 },
        condition: { field: 'segments', op: 'has', value: 'vip' },
        priority: 1,
      }),
    },
  });
  const nobody = given(t, rules).and(at, adjust(100));
  nobody.when(at, redeem(10)).then({ refused: 'burn_not_allowed' });
  const gold = nobody.and(at, purchase(50_000));
  t.match(gold.when(at, redeem(10)).outcome.answer, { burn_rule: 'gold', amount: { amount: 20 } });
  const vip = gold.and(at, purchase(100, { id: 'p-2' }));
  t.match(vip.when(at, redeem(10)).outcome.answer, { burn_rule: 'vip', amount: { amount: 30 } });
});

test('rules have their time, and a wallet without any is spent freely', async (t) => {
  const rules = program({
    wallets: { points: {}, gifts: {} },
    burnRules: { may: burning({ from: '2026-05-01T00:00:00Z', until: '2026-06-01T00:00:00Z', minimum_points: 50 }) },
  });
  const member = given(t, rules)
    .and(at, adjust(100))
    .and(at, adjust(100, { wallet: 'gifts' }));
  const free = { amount: null, burn_rule: null };
  t.match(member.when('2026-04-30T23:59:59.999Z', redeem(10)).outcome.answer, free);
  member.when('2026-05-01T00:00:00Z', redeem(10)).then({ refused: 'burn_rule_violated' });
  t.match(member.when('2026-05-01T00:00:00Z', redeem(10, 'gifts')).outcome.answer, free);
  t.match(member.when('2026-06-01T00:00:00Z', redeem(10)).outcome.answer, free);
});

test('limits count what is spent and kept: what is released or refunded counts no more', async (t) => {
  const limits = [{ period: 'day', times: 2, points: 100 } as const];
  const member = given(t, program({ burnRules: { cash: burning({ limits }) } })).and(at, adjust(1_000));
  const held = member.and(at, hold('h-1', 80));
  held.when(at, redeem(21)).then({ refused: 'burn_rule_limit_reached' });
  held.when(at, redeem(20)).then({ balances: { points: '900 available, 80 held' } });
  held.and(at, voiding('h-1')).when(at, redeem(100)).then({ refused: null });
  held.and(at, capture('h-1', 30)).when(at, redeem(70)).then({ refused: null });
  held.and(at, capture('h-1', 30)).when(at, redeem(71)).then({ refused: 'burn_rule_limit_reached' });
  held.when('2026-03-10T10:30:00Z', redeem(100)).then({ refused: null });
  const spent = held.and(at, capture('h-1')).and(at, redeem(20));
  spent.when(at, hold('h-2', 1)).then({ refused: 'burn_rule_limit_reached' });
  spent.and(at, refund('h-1', 10)).when(at, hold('h-2', 1)).then({ refused: 'burn_rule_limit_reached' });
  spent.and(at, refund('h-1')).when(at, hold('h-2', 80)).then({ refused: null });
  spent.when('2026-03-11T10:00:00Z', hold('h-2', 100)).then({ refused: null });
});

test('points redeemed with a purchase pay for it, and what they pay earns nothing', async (t) => {
  const rules = program({ rules: { euro: perAmount(1, 100) }, burnRules: { cash: burning() } });
  const member = given(t, rules).and(at, adjust(5_000));
  const bought = member.when(at, purchase(10_000, redeeming(2_500)));
  bought.then({
    entries: ['redeem 2500 points available→redeemed 1:2500', 'earn 75 points issued→available 3:75'],
    causes: ['redemption r-1', 'purchase p-1'],
    spend: 10_000,
    balances: { points: '2575 available' },
  });
  t.match(bought.outcome.answer, {
    redemptions: [{ id: 'r-1', points: 2_500, amount: { amount: 2_500, currency: 'EUR' } }],
  });
  member
    .when(at, purchase(10_000, { ...redeeming(2_500), paid_with_points: 2_400 }))
    .then({ refused: 'sums_do_not_add_up', faults: ['/paid_with_points paid_with_points'] });
  member
    .when(at, purchase(2_000, redeeming(2_500)))
    .then({ refused: 'burn_rule_violated', faults: ['/redeem/0 maximum_percent'] });
  member.when(at, purchase(10_000, redeeming(5_001))).then({ refused: 'insufficient_points' });
  const held = member
    .and(at, hold('h-1', 1_000))
    .when(at, purchase(10_000, { ...redeeming(500), capture_redemptions: ['h-1'] }));
  held.then({ balances: { points: '3585 available' } });
});

test('a share of the basket, and only of the lines that may be paid', async (t) => {
  const rules = program({
    rules: { euro: perAmount(1, 100) },
    burnRules: { half: burning({ maximum_percent: 50, lines: { category_not_in: ['gifts'] } }) },
  });
  const member = given(t, rules).and(at, adjust(rich.points));
  const cart = [line(6_000), line(4_000, { sku: 'card', categories: ['gifts'] })];
  member
    .when(at, purchase(cart, { ...redeeming(3_001), shipping: 500 }))
    .then({ refused: 'burn_rule_violated', faults: ['/redeem/0 maximum_percent'] });
  const bought = member.and(at, purchase(cart, { ...redeeming(3_000), shipping: 500 }));
  const { purchase: row } = bought.history.at(-1)!;
  t.same(
    row?.report.lines.map(({ points_share }) => points_share),
    [3_000, 0],
    'the gift card is paid with money',
  );
  t.equal(row?.facts.shipping_points_share, 0);
  t.match(bought.when(later, back([[1, 1]])).outcome.answer, { refunded: [], paid_with_points: { amount: 0 } });
  t.match(bought.when(later, back([[0, 1]])).outcome.answer, {
    refunded: [{ redemption: 'r-1', points: 3_000 }],
    amount: { amount: 6_000 },
    paid_with_points: { amount: 3_000 },
  });
});

test('points paid come back in proportion, into the very lots, and parts add up to the whole', async (t) => {
  const rules = program({ burnRules: { cash: burning({ value: { points: 10, amount: 7 } }) } });
  const member = given(t, rules)
    .and(at, adjust(500, { expires_at: '2027-01-01T00:00:00Z' }))
    .and(at, adjust(1_000));
  const cart = line(3_000, { quantity: 3, unit_price: 1_000 });
  const bought = member.and(at, purchase([cart], redeeming(1_000)));
  const one = bought.when(later, back([[0, 1]]));
  one.then({ entries: ['refund 334 points redeemed→available 2:334'], causes: ['redemption r-1'] });
  t.match(one.outcome.answer, { refunded: [{ redemption: 'r-1', wallet: 'points', points: 334, expired: 0 }] });
  bought
    .and(later, back([[0, 1]]))
    .when(later, back([[0, 1]], { id: 'b-2' }))
    .then({ entries: ['refund 333 points redeemed→available 1:167 2:166'] });
  const two = bought.and(later, back([[0, 1]])).and(later, back([[0, 1]], { id: 'b-2' }));
  two.when(later, cancel()).then({ balances: { points: '1500 available' } });
  two.and(later, cancel()).when(later, refund('r-1')).then({ refused: 'redemption_refunded' });
  t.match(two.and(later, cancel()).member?.lots.get(1), { available: 500 });
});

test('what was refunded besides is not given back again', async (t) => {
  const rules = program({ burnRules: { cash: burning() } });
  const bought = given(t, rules)
    .and(at, adjust(1_000))
    .and(at, purchase(2_000, redeeming(1_000)))
    .and(later, refund('r-1', 800));
  bought.when(later, cancel()).then({ balances: { points: '1000 available' } });
  bought
    .and(later, back(1_000))
    .when(later, cancel())
    .then({ balances: { points: '1000 available' } });
});

test('a hold captured with a purchase comes back with it; so do points whose worth nobody told', async (t) => {
  const bought = given(t, program({}))
    .and(at, adjust(100))
    .and(at, hold('h-1', 90))
    .and(at, purchase([line(2_000, { quantity: 2, unit_price: 1_000 })], { capture_redemptions: ['h-1'] }));
  bought.when(later, back([[0, 1]])).then({ balances: { points: '55 available' } });
  bought.when(later, cancel()).then({ balances: { points: '100 available' } });
});

test('burned, returned and burned again: no point more than there was', async (t) => {
  const rules = program({ rules: { euro: perAmount(1, 100) }, burnRules: { cash: burning() } });
  let story = given(t, rules).and(at, adjust(1_000));
  for (let round = 1; round <= 5; round++) {
    const id = `p-${round}`;
    story = story.and(at, purchase(3_000, { id, redeem: [{ id: `r-${round}`, points: 1_000 }] })).and(at, cancel(id));
  }
  story.when(at, redeem(1_001)).then({ refused: 'insufficient_points', balances: { points: '1000 available' } });
});
