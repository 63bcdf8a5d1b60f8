import { test } from 'tap';
import { decide } from '../../src/engine/decide.ts';
import { ROLLING_DAYS, type RollingWindow } from '../../src/model/condition.ts';
import { instantText } from '../../src/model/instant.ts';
import { adjust, given, purchase, redeem, settle } from '../helpers/given.ts';
import { fixed, perAmount, program, tier } from '../helpers/programs.ts';

const noon = '2026-03-24T11:00:00Z';
const status = (text: string) => ({ tiers: { status: text } });
const rules = { euro: perAmount(1, 100) };
const spent = program({ rules, tiers: { silver: tier(1, 'spend', 10_000), gold: tier(2, 'spend', 50_000) } });

test('a tier is entered with the purchase that reaches its threshold, the highest at once', async (t) => {
  const member = given(t, spent);
  member.when(noon, purchase(9_999)).then({ tiers: {}, events: ['purchase.recorded', 'points.earned'] });
  member.when(noon, purchase(10_000)).then({
    ...status('silver since 2026-03-24T11:00Z'),
    events: ['purchase.recorded', 'points.earned', 'tier.upgraded'],
  });
  member.when(noon, purchase(50_000)).then(status('gold since 2026-03-24T11:00Z'));
  const silver = member.and('2026-03-20T11:00:00Z', purchase(10_000));
  silver.when(noon, purchase(39_999)).then(status('silver since 2026-03-20T11:00Z'));
  silver.when(noon, purchase(40_000)).then(status('gold since 2026-03-24T11:00Z'));
});

test('spend, purchases and earned points of a wallet are counted, each scheme for itself', async (t) => {
  const several = program({
    wallets: { points: {}, miles: {} },
    rules: { ...rules, miles: fixed(10, { wallet: 'miles' }) },
    tiers: {
      often: tier(1, 'purchases', 2, { scheme: 'visits' }),
      earner: tier(1, 'earned_points', 5, { scheme: 'points' }),
      flyer: tier(1, 'earned_points', 20, { scheme: 'miles', wallet: 'miles' }),
    },
  });
  const once = given(t, several).and('2026-03-20T11:00:00Z', purchase(400));
  once.when(noon, settle).then({ tiers: {} });
  once.when(noon, purchase(99)).then({
    tiers: { visits: 'often since 2026-03-24T11:00Z', miles: 'flyer since 2026-03-24T11:00Z' },
  });
  once.when(noon, purchase(100)).then({
    tiers: {
      points: 'earner since 2026-03-24T11:00Z',
      visits: 'often since 2026-03-24T11:00Z',
      miles: 'flyer since 2026-03-24T11:00Z',
    },
  });
});

test('only points earned by purchases count, those that paid back debt among them; spending takes none away', async (t) => {
  const earner = program({ rules, tiers: { earner: tier(1, 'earned_points', 10) } });
  given(t, earner).when(noon, adjust(50)).then({ tiers: {} });
  const indebted = given(t, earner).and(noon, adjust(-7, { allow_debt: true }));
  const entered = indebted.and(noon, purchase(1_000));
  entered.when(noon, settle).then(status('earner since 2026-03-24T11:00Z'));
  entered.when(noon, redeem(3)).then(status('earner since 2026-03-24T11:00Z'));
});

test('the answer of a purchase says what is missing to the next tier', async (t) => {
  const view = (amount: number) => given(t, spent).when(noon, purchase(amount)).outcome.answer?.['tiers'];
  const missing = (needed: number, current: number) => [
    { clause: `spend >= ${needed}`, field: 'spend', needed, current, missing: needed - current },
  ];
  const stay = (projected: string) => ({ qualified: true, until: null, projected, clauses: [] });
  const benefits = { multiplier_percent: 100, perks: [] };
  const since = '2026-03-24T11:00:00.000Z';
  t.strictSame(view(4_000), [
    {
      scheme: 'status',
      tier: null,
      since: null,
      next: { tier: 'silver', clauses: missing(10_000, 4_000) },
      stay: null,
      benefits: null,
    },
  ]);
  t.strictSame(view(10_000), [
    {
      scheme: 'status',
      tier: 'silver',
      since,
      next: { tier: 'gold', clauses: missing(50_000, 10_000) },
      stay: stay('silver'),
      benefits,
    },
  ]);
  t.strictSame(view(60_000), [{ scheme: 'status', tier: 'gold', since, next: null, stay: stay('gold'), benefits }]);
});

const quiet = { tier_expiring_days: null };

const weekly = program({
  policies: quiet,
  rules,
  tiers: {
    silver: tier(1, 'spend', 10_000, { window: '7d' }),
    gold: tier(2, 'spend', 20_000, { window: '7d' }),
  },
});

test('a tier is left at the local midnight when what falls out of its window was needed, whenever it is noticed', async (t) => {
  // The window of the 24th ends with the 30th; the clock goes forward on the 29th.
  const silver = given(t, weekly).and(noon, purchase(10_000));
  silver.when('2026-03-30T21:59:59.999Z', settle).then(status('silver since 2026-03-24T11:00Z'));
  for (const at of ['2026-03-30T22:00:00Z', '2026-03-31T05:00:00Z', '2027-01-01T00:00:00Z']) {
    silver.when(at, settle).then({ ...status('null since 2026-03-30T22:00Z'), events: ['tier.downgraded'] });
  }
  silver.when('2026-05-01T00:00:00Z', purchase(20_000)).then({
    ...status('gold since 2026-05-01T00:00Z'),
    events: ['tier.downgraded', 'purchase.recorded', 'points.earned', 'tier.upgraded'],
  });
  silver.when('2026-05-01T00:00:00Z', redeem(1000)).then({
    refused: 'insufficient_points',
    ...status('silver since 2026-03-24T11:00Z'),
  });
});

test('tiers are left one after the other, each at its own instant', async (t) => {
  const gold = given(t, weekly)
    .and('2026-03-20T11:00:00Z', purchase(8_000))
    .and('2026-03-21T11:00:00Z', purchase(7_000))
    .and('2026-03-23T11:00:00Z', purchase(9_000));
  gold.when('2026-03-26T12:00:00Z', settle).then(status('gold since 2026-03-23T11:00Z'));
  gold.when('2026-03-27T12:00:00Z', settle).then(status('silver since 2026-03-26T23:00Z'));
  gold.when('2026-03-28T12:00:00Z', settle).then(status('null since 2026-03-27T23:00Z'));
  const { outcome } = gold.when('2026-04-28T12:00:00Z', settle);
  t.strictSame(outcome.events, ['tier.downgraded', 'tier.downgraded']);
  t.match(outcome.state?.tiers, { status: { changes: 4 } });
  t.match(outcome.state?.windows, { '7d': { spend: 0, purchases: 0, earned: {} } });
});

test('a window of n days counts today and the n − 1 days before it', async (t) => {
  const day = Date.parse('2024-02-20T15:00:00Z');
  for (const window of Object.keys(ROLLING_DAYS) as RollingWindow[]) {
    const windowed = program({ zone: 'UTC', tiers: { silver: tier(1, 'purchases', 1, { window }) } });
    const member = given(t, windowed).and(instantText(day), purchase(1));
    const out = Date.parse('2024-02-20T00:00:00Z') + ROLLING_DAYS[window] * 86_400_000;
    member.when(instantText(out - 1), settle).then(status('silver since 2024-02-20T15:00Z'));
    member.when(instantText(out), settle).then(status(`null since ${instantText(out).replace(':00.000', '')}`));
  }
});

test('when time may next take a tier away is early at worst, and exact after a reassessment', async (t) => {
  given(t, weekly).when(noon, purchase(9_000)).then({ due: null });
  given(t, spent).when(noon, purchase(10_000)).then({ due: null });
  const enough = given(t, weekly).when(noon, purchase(10_000));
  enough.then({ due: '2026-03-30T22:00Z' });
  const together = given(t, weekly).and('2026-03-22T11:00:00Z', purchase(6_000)).and(noon, purchase(6_000));
  together.when('2026-03-24T12:00:00Z', adjust(1)).then({ due: '2026-03-28T23:00Z' });
  together.when('2026-03-24T12:00:00Z', settle).then({ due: '2026-03-28T23:00Z' });
  const reassessed = together.and('2026-03-24T12:00:00Z', settle);
  reassessed.when('2026-03-25T12:00:00Z', purchase(100)).then({ due: '2026-03-28T23:00Z' });
  reassessed.when('2026-03-25T12:00:00Z', purchase(7_000)).then({ due: '2026-03-28T23:00Z' });
  reassessed
    .and('2026-03-25T12:00:00Z', purchase(7_000))
    .when('2026-03-29T12:00:00Z', settle)
    .then({ due: '2026-03-30T22:00Z', ...status('silver since 2026-03-24T11:00Z') });
});

test('a late report counts on its own day, and in a window only if that day is in it', async (t) => {
  const member = given(t, weekly);
  const within = member.and(noon, purchase(10_000, { occurred_at: '2026-03-17T23:00:00Z' }));
  within.when(noon, settle).then(status('silver since 2026-03-24T11:00Z'));
  within.when('2026-03-24T22:59:59Z', settle).then(status('silver since 2026-03-24T11:00Z'));
  within.when('2026-03-24T23:00:00Z', settle).then(status('null since 2026-03-24T23:00Z'));
  const outside = member.when(noon, purchase(10_000, { occurred_at: '2026-03-17T22:59:59Z' }));
  outside.then({ tiers: {}, spend: 10_000 });
  t.match(outside.outcome.state, {
    totals: { spend: 10_000, purchases: 1, earned: { points: 100 } },
    windows: { '7d': { spend: 0, purchases: 0, earned: {} } },
    today: { spend: 0, purchases: 0, earned: {} },
    first_purchase_at: Date.parse('2026-03-17T22:59:59Z'),
    last_purchase_at: Date.parse('2026-03-17T22:59:59Z'),
  });
});

test('a late report does not rewrite what has been, but counts from now on', async (t) => {
  const left = given(t, weekly).and(noon, purchase(10_000)).and('2026-04-01T12:00:00Z', settle);
  left
    .when('2026-04-01T13:00:00Z', purchase(10_000, { occurred_at: '2026-03-28T12:00:00Z' }))
    .then({ ...status('silver since 2026-04-01T13:00Z'), due: '2026-04-03T22:00Z' });
});

test('under changed rules a member stands where they put it with the next command', async (t) => {
  const member = given(t, program({ rules })).and('2026-03-22T11:00:00Z', purchase(10_000));
  const counted = member.under(
    program({ rules, revision: 2, policies: quiet, tiers: { silver: tier(1, 'spend', 10_000, { window: '7d' }) } }),
  );
  counted.when(noon, settle).then({ ...status('silver since 2026-03-24T11:00Z'), due: '2026-03-28T23:00Z' });
  counted.when('2026-03-29T12:00:00Z', settle).then({ tiers: {}, due: null });
  const silver = given(t, spent).and(noon, purchase(10_000));
  silver
    .under(program({ rules, revision: 2, tiers: { bronze: tier(1, 'spend', 1), silver: tier(2, 'spend', 20_000) } }))
    .when('2026-03-25T11:00:00Z', settle)
    .then(status('bronze since 2026-03-25T11:00Z'));
  silver
    .under(program({ rules, revision: 2 }))
    .when('2026-03-25T11:00:00Z', settle)
    .then({ ...status('null since 2026-03-25T11:00Z'), events: ['tier.downgraded'] });
});

test('a level that is itself on its way out is announced with the downgrade to it, whoever looks again', async (t) => {
  const announcing = program({
    rules,
    tiers: {
      silver: tier(1, 'spend', 10_000, { window: '7d' }),
      gold: tier(2, 'spend', 10_000, { window: '7d', downgrade: 'one_level' }),
    },
    policies: { tier_expiring_days: 7 },
  });
  const gold = given(t, announcing).and(noon, purchase(10_000));
  gold.when('2026-03-30T22:00:00Z', settle).then({
    ...status('silver since 2026-03-30T22:00Z'),
    events: ['tier.expiring', 'tier.downgraded', 'tier.expiring'],
  });
  const downgraded = gold.and('2026-03-30T22:00:00Z', settle);
  downgraded.when('2026-03-30T23:00:00Z', settle).then({ events: [] });
  downgraded.when('2026-03-31T22:00:00Z', settle).then({
    ...status('null since 2026-03-31T22:00Z'),
    events: ['tier.downgraded'],
  });
});

test('what time alone will take away is announced days before, at a local midnight, whoever looks when', async (t) => {
  const yearly = program({ tiers: { gold: tier(1, 'spend', 10_000, { window: '365d' }) } });
  const gold = given(t, yearly)
    .and('2026-03-24T11:00:00Z', purchase(6_000))
    .and('2026-04-10T11:00:00Z', purchase(6_000));
  // On March 24th 2027, Paris, the first purchase leaves the 365 days: thirty days before that is February 22nd.
  const told = { events: ['tier.expiring' as const] };
  gold.when('2027-02-21T22:59:59.999Z', settle).then({ events: [] });
  gold.when('2027-02-21T23:00:00Z', settle).then(told);
  gold.when('2027-03-01T12:00:00Z', purchase(100)).then({
    events: ['tier.expiring', 'purchase.recorded'],
  });
  const looked = gold.and('2027-02-20T08:00:00Z', settle);
  looked.when('2027-03-01T12:00:00Z', adjust(1)).then({ events: ['tier.expiring', 'points.adjusted'] });
  const announced = gold.and('2027-02-25T12:00:00Z', settle);
  announced.when('2027-03-20T12:00:00Z', settle).then({ events: [] });
  announced.when('2027-03-24T12:00:00Z', settle).then({ events: ['tier.downgraded'] });
  // Who buys keeps it until the next purchase leaves; that is announced in its turn.
  const kept = announced.and('2027-03-01T12:00:00Z', purchase(5_000));
  kept
    .when('2027-03-30T12:00:00Z', settle)
    .then({ ...status('gold since 2026-04-10T11:00Z'), events: ['tier.expiring'] });
  kept.when('2027-04-11T12:00:00Z', settle).then({ events: ['tier.expiring', 'tier.downgraded'] });
});

test('schemes that are gone are left in the same order, in whatever order a store gives them', async (t) => {
  const both = program({
    tiers: { a: tier(1, 'purchases', 1, { scheme: 'status' }), b: tier(1, 'purchases', 1, { scheme: 'club' }) },
  });
  const { member } = given(t, both).and(noon, purchase(1));
  const { tiers } = member!.state;
  const eventsOf = (held: typeof tiers) => {
    const loaded = { ...member!, state: { ...member!.state, tiers: held } };
    const decision = decide({
      member: loaded,
      command: settle,
      rules: program({ revision: 2 }),
      now: Date.parse(noon),
    });
    return decision.outcome === 'accepted' && decision.changes.events;
  };
  t.strictSame(eventsOf(Object.fromEntries(Object.entries(tiers).toReversed())), eventsOf(tiers));
});
