import { test } from 'tap';
import { adjust, back, cancel, given, line, purchase, redeem } from '../helpers/given.ts';
import { burning, fixed, perAmount, program, tier } from '../helpers/programs.ts';

/* A purchase that was reported wrongly is put right: as if it had been reported so from the beginning. */

const at = '2026-03-10T10:00:00Z';
const later = '2026-03-20T10:00:00Z';
const right = (cents: number, more = {}) => purchase(cents, { id: 'p-2', replaces: 'p-1', ...more });

test('the first goes whole, and the other counts on its day', async (t) => {
  const rules = program({ rules: { euro: perAmount(1, 100) } });
  const wrong = given(t, rules).and(at, purchase(10_000));
  const put = wrong.when(later, right(1_000));
  put.then({
    entries: ['return 100 points available→reversed 1:100', 'earn 10 points issued→available 3:10'],
    causes: ['cancellation p-1', 'purchase p-2'],
    balances: { points: '10 available' },
  });
  t.match(put.outcome.answer, {
    occurred_at: '2026-03-10T10:00:00.000Z',
    recorded_at: '2026-03-20T10:00:00.000Z',
    replaced: { id: 'p-1', taken_back: [{ points: 100 }] },
  });
  t.match(put.outcome.state, { totals: { spend: 1_000, purchases: 1, earned: { points: 10 } } });
  const straight = given(t, rules).and(at, purchase(1_000));
  t.strictSame(wrong.and(later, right(1_000)).member?.state.totals, straight.member?.state.totals);
});

test('it is priced by the revision, the tier and the day of the first', async (t) => {
  const then = program({
    rules: { promotion: perAmount(5, 100, { until: '2026-03-15T00:00:00Z' }) },
    tiers: { gold: tier(1, 'spend', 100_000, { window: '30d', benefits: { multiplier_percent: 200, perks: [] } }) },
  });
  const now = program({ rules: { euro: perAmount(1, 100) }, tiers: {}, revision: 2 });
  const wrong = given(t, then)
    .and('2026-02-20T10:00:00Z', purchase(100_000, { id: 'p-0' }))
    .and(at, purchase(9_900));
  const put = wrong.under(now).when('2026-04-20T10:00:00Z', right(10_000));
  t.match(put.outcome.answer, {
    replaced: { taken_back: [{ points: 990 }] },
    earned: [
      {
        points: 1_000,
        rules: [
          { rule: 'promotion', points: 500 },
          { rule: 'tier:gold', points: 500 },
        ],
      },
    ],
  });
});

test('what was reached with the first is reached with the other, or is not', async (t) => {
  const rules = program({
    rules: { euro: perAmount(1, 100), welcome: fixed(500, { trigger: 'tier.entered', tier: 'silver' }) },
    tiers: { silver: tier(1, 'spend', 5_000) },
  });
  const wrong = given(t, rules).and(at, purchase(10_000));
  wrong
    .when(later, right(9_000))
    .then({ balances: { points: '590 available' }, tiers: { status: 'silver since 2026-03-20T10:00Z' } });
  const put = wrong.when(later, right(4_000));
  put.then({ balances: { points: '40 available' } });
  t.match(put.outcome.state, { tiers: { status: { tier: null } } });
});

test('points that had paid come back, and pay again if it says so', async (t) => {
  const rules = program({ burnRules: { cash: burning() } });
  const wrong = given(t, rules)
    .and(at, adjust(1_000))
    .and(at, purchase(5_000, { redeem: [{ id: 'r-1', points: 1_000 }] }));
  wrong.when(later, right(4_000)).then({ balances: { points: '1000 available' } });
  wrong
    .when(later, right(4_000, { redeem: [{ id: 'r-2', points: 800 }] }))
    .then({ balances: { points: '200 available' } });
});

test('points spent meanwhile are owed, and what the other gives pays back first', async (t) => {
  const rules = program({ rules: { euro: perAmount(1, 100) } });
  const wrong = given(t, rules).and(at, purchase(10_000)).and(at, redeem(100));
  wrong.when(later, right(2_000)).then({ balances: { points: '80 debt' } });
});

test('only what is whole is replaced, and only once', async (t) => {
  const rules = program({ rules: { euro: perAmount(1, 100) } });
  const wrong = given(t, rules).and(at, purchase([line(2_000, { quantity: 2, unit_price: 1_000 })]));
  wrong
    .and(later, back([[0, 1]]))
    .when(later, right(500))
    .then({ refused: 'purchase_returned', faults: ['/replaces purchase_returned'] });
  wrong.and(later, cancel()).when(later, right(500)).then({ refused: 'purchase_returned' });
  wrong
    .and(later, right(500))
    .when(later, right(600, { id: 'p-3' }))
    .then({ refused: 'purchase_returned' });
  wrong
    .and(later, right(500))
    .when(later, right(600, { id: 'p-3', replaces: 'p-2' }))
    .then({ balances: { points: '6 available' } });
  wrong.when(later, right(500, { replaces: 'p-9' })).then({ refused: 'not_found', faults: ['/replaces not_found'] });
});
