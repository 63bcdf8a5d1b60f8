import { test } from 'tap';
import { UNDATED_DAY } from '../../src/model/opening-balance.ts';
import { adjust, back, cancel, close, given, purchase, redeem, settle } from '../helpers/given.ts';
import { opening, past } from '../helpers/moving.ts';
import { fixed, perAmount, program, segmentOn, tier, tierOn } from '../helpers/programs.ts';

/* What members bring with them from another system: to the point, with its dates, and without setting anything off. */

const at = '2026-03-10T10:00:00Z';
const later = '2026-03-12T10:00:00Z';
const yearly = { points: { expiry: { after: 'P1Y' as const, round_up_to: null } } };
const rules = program({
  rules: { base: perAmount(1, 100), welcome: fixed(500, { trigger: 'tier.entered' }) },
  wallets: yearly,
});

test('lots are taken over with their dates, oldest first, and are spent soonest to expire first', async (t) => {
  const opened = given(t, rules).when(
    at,
    opening(
      [
        [50, '2026-01-05T10:00:00Z', null],
        [30, '2025-12-01T10:00:00Z', '2026-12-01T10:00:00Z'],
        [20, '2025-11-01T10:00:00Z', '2026-04-01T10:00:00Z'],
      ],
      { debt: 7 },
    ),
  );
  opened.then({
    entries: [
      'opening 20 points issued→available 1:20',
      'opening 30 points issued→available 2:30',
      'opening 50 points issued→available 3:50',
      'opening 7 points debt→reversed',
    ],
    lots: ['1: 20 of 20 until 2026-04-01T10:00Z', '2: 30 of 30 until 2026-12-01T10:00Z', '3: 50 of 50 for ever'],
    balances: { points: '100 available, 7 debt' },
    causes: ['opening null', 'opening null', 'opening null', 'opening null'],
    events: ['balance.opened'],
  });
  t.match(opened.outcome.answer, { lots: 3, points: 100, pending: 0, expired: 0, debt: 7 });
  t.equal(opened.outcome.state?.totals.earned['points'], undefined, 'it was not earned here');
});

test('they are spent, announced and expire like any other', async (t) => {
  const opened = given(t, rules).and(
    at,
    opening([
      [20, '2025-11-01T10:00:00Z', '2026-06-01T10:00:00Z'],
      [30, at],
    ]),
  );
  opened.when(later, redeem(25)).then({ entries: ['redeem 25 points available→redeemed 1:20 2:5'] });
  const announced = opened.when('2026-05-20T10:00:00Z', settle);
  t.strictSame(announced.outcome.events, ['points.expiring']);
  opened
    .when('2026-06-02T10:00:00Z', settle)
    .then({ entries: ['expire 20 points available→expired 1:20'], times: ['2026-06-01T10:00Z'] });
});

test('what is not available yet is pending until its own date', async (t) => {
  const lots = [{ points: 40, earned_at: at, available_at: later, expires_at: null }];
  const opened = given(t, rules).and(at, opening([], { lots }));
  opened.when(at, redeem(1)).then({ refused: 'insufficient_points' });
  opened.when(later, redeem(40)).then({ times: ['2026-03-12T10:00Z', '2026-03-12T10:00Z'] });
});

test('a lot that has expired by now expires at once, and says so', async (t) => {
  const opened = given(t, rules).when(
    at,
    opening([
      [10, '2024-01-01T10:00:00Z', '2026-03-01T10:00:00Z'],
      [5, '2024-02-01T10:00:00Z'],
      [1, '2026-02-01T10:00:00Z'],
    ]),
  );
  opened.then({
    entries: [
      'opening 10 points issued→available 1:10',
      'expire 10 points available→expired 1:10',
      'opening 5 points issued→available 3:5',
      'expire 5 points available→expired 3:5',
      'opening 1 points issued→available 5:1',
    ],
    balances: { points: '1 available' },
  });
  t.match(opened.outcome.answer, { points: 16, expired: 15 });
});

test('a wallet whose expiry slides is taken over with the last of its dates', async (t) => {
  const slides = program({
    wallets: { points: { expiry: { after: 'P1Y', round_up_to: null, sliding: { renewed_by: ['purchase'] } } } },
  });
  const opened = given(t, slides).and(
    at,
    opening([
      [10, '2024-01-01T10:00:00Z', '2025-01-01T10:00:00Z'],
      [20, '2025-05-01T10:00:00Z', '2026-05-01T10:00:00Z'],
    ]),
  );
  opened.when('2026-05-02T10:00:00Z', settle).then({
    entries: ['expire 30 points available→expired 1:10 2:20'],
    times: ['2026-05-01T10:00Z'],
  });
  opened.and(later, purchase(100)).when('2026-05-02T10:00:00Z', settle).then({ entries: [] });
  given(t, slides)
    .when(at, opening([[10, '2024-01-01T10:00:00Z', '2025-01-01T10:00:00Z']]))
    .then({ balances: { points: '' }, times: ['2026-03-10T10:00Z', '2025-01-01T10:00Z'] });
});

test('dates and codes that do not hold are refused, all of them named', async (t) => {
  const tiers = {
    status: { tier: 'gold', since: later, until: null },
    ranks: { tier: 'gold', since: at, until: null },
  };
  const lots = [
    { points: 1, earned_at: later },
    { points: 1, earned_at: at, available_at: '2026-01-01T00:00:00Z' },
    { points: 1, earned_at: at, expires_at: '2026-01-01T00:00:00Z' },
    { points: 1, earned_at: '1969-01-01T00:00:00Z' },
  ];
  const silver = program({ tiers: { silver: tier(1, 'purchases', 3) } });
  given(t, silver)
    .when(at, opening([], { lots, tiers, lifetime: { first_purchase_at: later } }))
    .then({
      refused: 'invalid_opening_balance',
      faults: [
        '/lots/0/earned_at occurred_in_future',
        '/lots/1/available_at before_earned',
        '/lots/2/expires_at before_available',
        '/lots/3/earned_at too_long_ago',
        '/tiers/status/tier unknown_tier',
        '/tiers/status/since occurred_in_future',
        '/tiers/ranks unknown_scheme',
        '/lifetime/first_purchase_at occurred_in_future',
      ],
    });
  given(t, silver)
    .when(at, opening([], { wallet: 'gifts' }))
    .then({ refused: 'unknown_wallet' });
  given(t, silver).and(at, close).when(at, opening([])).then({ refused: 'member_closed' });
});

const status = program({
  tiers: { silver: tier(1, 'purchases', 2), gold: tier(2, 'purchases', 5) },
  rules: { welcome: fixed(500, { trigger: 'tier.entered' }) },
  segments: { buyers: segmentOn({ field: 'purchases', op: 'gte', value: 1 }) },
});

test('a tier is held since its date and not lost before the other, and nothing is given for it', async (t) => {
  const tiers = { status: { tier: 'gold', since: '2025-04-01T00:00:00Z', until: '2026-06-01T00:00:00Z' } };
  const opened = given(t, status).when(at, opening([], { tiers, lifetime: { purchases: 2 } }));
  opened.then({
    changes: ['2025-04-01T00:00Z status: none → gold, backfill', '2026-03-10T10:00Z buyers entered, backfill'],
    tiers: { status: 'gold since 2025-04-01T00:00Z' },
    entries: [],
  });
  const held = given(t, status).and(at, opening([], { tiers, lifetime: { purchases: 2 } }));
  held.when('2026-05-31T10:00:00Z', settle).then({ changes: [] });
  held.when('2026-06-01T10:00:00Z', settle).then({ changes: ['2026-06-01T00:00Z status: gold → silver'] });
});

test('a date that has passed protects nothing, and a tier the member is above of already stays', async (t) => {
  const over = { status: { tier: 'gold', since: '2025-04-01T00:00:00Z', until: '2026-03-01T00:00:00Z' } };
  given(t, status)
    .when(at, opening([], { tiers: over, lifetime: { purchases: 3 } }))
    .then({ tiers: { status: 'silver since 2026-03-10T10:00Z' } });
  const lower = { status: { tier: 'silver', since: '2025-04-01T00:00:00Z', until: '2026-06-01T00:00:00Z' } };
  given(t, status)
    .and(at, opening([], { wallet: 'points', lifetime: { purchases: 5 } }))
    .when(later, opening([], { tiers: lower }))
    .then({ tiers: { status: 'gold since 2026-03-10T10:00Z' }, changes: [] });
});

test('a tier that purchases brought before is held since the date of the old system', async (t) => {
  const tiers = { status: { tier: 'silver', since: '2025-04-01T00:00:00Z', until: null } };
  given(t, status)
    .and(at, past(100, '2025-09-01T10:00:00Z', { id: 'p-1' }))
    .and(at, past(100, '2025-10-01T10:00:00Z', { id: 'p-2' }))
    .when(later, opening([], { tiers }))
    .then({ tiers: { status: 'silver since 2025-04-01T00:00Z' }, changes: [] });
});

test('a past purchase counts on its day and sets nothing off', async (t) => {
  const windowed = program({
    tiers: { silver: tierOn(1, { field: 'spend', window: '365d', op: 'gte', value: 5_000 }) },
    rules: { base: perAmount(1, 100), welcome: fixed(500, { trigger: 'tier.entered' }) },
  });
  const bought = given(t, windowed).when(at, past(6_000, '2025-09-01T10:00:00Z', { given: [{ points: 60 }] }));
  bought.then({
    entries: [],
    spend: 6_000,
    events: ['purchase.recorded', 'tier.upgraded'],
    changes: ['2026-03-10T10:00Z status: none → silver, backfill'],
  });
  t.match(bought.outcome.state, {
    totals: { spend: 6_000, purchases: 1, earned: { points: 60 } },
    windows: { '365d': { spend: 6_000 } },
    first_purchase_at: Date.parse('2025-09-01T10:00:00Z'),
  });
  given(t, windowed)
    .when(at, past(6_000, '2016-09-01T10:00:00Z'))
    .then({ events: ['purchase.recorded'], tiers: {} });
});

test('it may be of any age, but neither of the future nor of before 1970', async (t) => {
  given(t, rules)
    .when(at, past(100, '2027-01-01T00:00:00Z'))
    .then({ refused: 'occurred_in_future', faults: ['/occurred_at occurred_in_future'] });
  given(t, rules)
    .when(at, past(100, '1969-01-01T00:00:00Z'))
    .then({ refused: 'report_too_late', faults: ['/occurred_at report_too_late'] });
  given(t, rules)
    .when(at, past(100, '1999-01-01T00:00:00Z', { given: [{ wallet: 'gifts', points: 1 }] }))
    .then({ refused: 'unknown_wallet', faults: ['/points_given/0/wallet unknown_wallet'] });
});

test('totals and past purchases are not counted twice, whichever comes first', async (t) => {
  const lifetime = { spend: 10_000, purchases: 4, earned: 90, first_purchase_at: '2021-01-01T00:00:00Z' };
  const totals = { spend: 10_000, purchases: 4, earned: { points: 90 } };
  const bought = past(3_000, '2025-09-01T10:00:00Z', { given: [{ points: 30 }] });
  const first = given(t, rules).and(at, opening([], { lifetime })).and(at, bought);
  const last = given(t, rules).and(at, bought).and(at, opening([], { lifetime }));
  for (const { member } of [first, last]) {
    t.match(member?.state, { totals, first_purchase_at: Date.parse('2021-01-01T00:00:00Z') });
    t.match(member?.days.get(UNDATED_DAY), { spend: 7_000, purchases: 3, earned: { points: 60 } });
  }
  const more = last.and(at, past(9_000, '2025-10-01T10:00:00Z', { id: 'p-2' }));
  t.match(more.member?.state.totals, { spend: 12_000, purchases: 4 }, 'where purchases come to more, they count');
  const twice = first.and(at, opening([], { wallet: 'points', lifetime }));
  t.match(twice.member?.state.totals, totals, 'what two wallets say of the member is said once');
});

test('a return of it takes back what the old system gave, in proportion, from any points', async (t) => {
  const bought = given(t, rules)
    .and(at, opening([[50, '2025-09-01T10:00:00Z']]))
    .and(at, past(6_000, '2025-09-01T10:00:00Z', { given: [{ points: 60 }] }));
  const part = bought.when(later, back(2_000));
  part.then({ entries: ['return 20 points available→reversed 1:20'], balances: { points: '30 available' } });
  t.match(part.outcome.state?.totals, { spend: 4_000, purchases: 1, earned: { points: 40 } });
  const whole = bought.and(later, back(2_000)).when(later, cancel());
  whole.then({
    entries: ['return 30 points available→reversed 1:30', 'return 10 points debt→reversed'],
    balances: { points: '10 debt' },
  });
  t.match(whole.outcome.state, { totals: { spend: 0, purchases: 0, earned: {} }, first_purchase_at: null });
});

test('it is not replaced', async (t) => {
  given(t, rules)
    .and(at, past(6_000, '2025-09-01T10:00:00Z'))
    .when(later, purchase(100, { id: 'p-2', replaces: 'p-1' }))
    .then({ refused: 'not_found', faults: ['/replaces not_found'] });
});

test('lots taken over pay no debt back that was made here', async (t) => {
  given(t, rules)
    .and(at, adjust(-5, { allow_debt: true }))
    .when(later, opening([[8, '2025-09-01T10:00:00Z']]))
    .then({ balances: { points: '8 available, 5 debt' } });
});
