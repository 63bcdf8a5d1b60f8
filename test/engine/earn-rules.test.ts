import { test } from 'tap';
import type { Milestone, Schedule } from '../../src/model/earn-limits.ts';
import { given, line, type Outcome, purchase } from '../helpers/given.ts';
import { fixed, granting, multiplier, perAmount, program, tierOn } from '../helpers/programs.ts';

const noon = '2026-03-10T11:00:00Z';
const euro = perAmount(1, 100);
const shoes = { category_in: ['shoes'] };
const basket = [line(1000, { sku: 'shoe', categories: ['shoes'] }), line(500, { sku: 'sock' })];

test('a condition on the member, the purchase and its lines decides whether a rule gives', async (t) => {
  const conditions = {
    'member-new': { field: 'purchases', op: 'eq', value: 0 },
    'first-here': { field: 'purchase.number', op: 'eq', value: 1 },
    web: { field: 'purchase.channel', op: 'eq', value: 'web' },
    'shoe-lines': { lines: 'some', where: { field: 'line.sku', op: 'eq', value: 'shoe' } },
    'many-shoes': { lines: 'sum', measure: 'quantity', op: 'gte', value: 5 },
    large: { field: 'purchase.spend', op: 'gt', value: 1500 },
  } as const;
  const rules = program({
    rules: Object.fromEntries(Object.entries(conditions).map(([code, condition]) => [code, fixed(1, { condition })])),
  });
  const ada = given(t, rules);
  ada.when(noon, purchase(basket, { channel: 'web' })).then({
    given: ['first-here 1', 'member-new 1', 'shoe-lines 1', 'web 1'],
    fields: { purchases: 0 },
  });
  ada
    .and(noon, purchase(100, { id: 'p-0' }))
    .when(noon, purchase(1501))
    .then({ given: ['large 1'], fields: { purchases: 1 } });
});

test('what is unknown does not match', async (t) => {
  const condition = { not: { field: 'purchase.channel', op: 'eq', value: 'web' } } as const;
  given(t, program({ rules: { offline: fixed(1, { condition }) } }))
    .when(noon, purchase(100))
    .then({ given: [] });
});

test('base rules add up; of an exclusive group only the best counts', async (t) => {
  const group = { exclusive_group: 'welcome' };
  const rules = { euro, small: fixed(10, group), part: perAmount(1, 50, group), large: fixed(15, group) };
  given(t, program({ rules }))
    .when(noon, purchase(1000))
    .then({ given: ['euro 10', 'part 20'], withheld: ['large exclusive_group', 'small exclusive_group'] });
  given(t, program({ rules }))
    .when(noon, purchase(500))
    .then({ given: ['euro 5', 'large 15'] });
});

test('equals of a group: by priority, then by code', async (t) => {
  const group = { exclusive_group: 'g' };
  given(t, program({ rules: { b: fixed(5, group), a: fixed(5, group), c: fixed(5, { ...group, priority: -1 }) } }))
    .when(noon, purchase(100))
    .then({ given: ['a 5'] });
  given(t, program({ rules: { b: fixed(5, { ...group, priority: 1 }), a: fixed(5, group) } }))
    .when(noon, purchase(100))
    .then({ given: ['b 5'] });
});

test('of a group the best after its own limits counts', async (t) => {
  const group = { exclusive_group: 'g' };
  const limits = [{ period: 'ever', times: null, points: 12 } as const];
  const ada = given(t, program({ rules: { large: fixed(10, { ...group, limits }), small: fixed(5, group) } }));
  ada.when(noon, purchase(100)).then({ given: ['large 10'] });
  ada
    .and(noon, purchase(100, { id: 'p-0' }))
    .when(noon, purchase(100))
    .then({ given: ['small 5'] });
});

test('multipliers combine as the best or as their product, and say what each added', async (t) => {
  const rules = { euro, hello: fixed(10), double: multiplier(200), half: multiplier(150) };
  given(t, program({ rules }))
    .when(noon, purchase(1000))
    .then({ given: ['euro 10', 'hello 10', 'double 20'] });
  given(t, program({ rules, policies: { multipliers: 'product' } }))
    .when(noon, purchase(1000))
    .then({ given: ['euro 10', 'hello 10', 'double 20', 'half 20'] });
});

test('a multiplier below one makes smaller what it works on', async (t) => {
  const rules = { euro, less: multiplier(50) };
  given(t, program({ rules }))
    .when(noon, purchase(1000))
    .then({ given: ['euro 5'], entries: ['earn 5 points issued→available 1:5'] });
  given(t, program({ rules: { ...rules, more: multiplier(300) }, policies: { multipliers: 'product' } }))
    .when(noon, purchase(1000))
    .then({ given: ['euro 5', 'more 10'] });
});

test('a multiplier with lines multiplies what amounts give on them, and nothing fixed', async (t) => {
  const rules = { euro, hello: fixed(10), double: multiplier(200, { lines: shoes }) };
  given(t, program({ rules }))
    .when(noon, purchase(basket, { shipping: 200 }))
    .then({ given: ['euro 15', 'hello 10', 'double 10'] });
  given(t, program({ rules }))
    .when(noon, purchase(1000))
    .then({ given: ['euro 10', 'hello 10'] });
});

test('a multiplier works on its wallet only', async (t) => {
  const rules = {
    euro,
    status: perAmount(1, 100, { wallet: 'status' }),
    double: multiplier(200, { wallet: 'status' }),
  };
  given(t, program({ wallets: { points: {}, status: {} }, rules }))
    .when(noon, purchase(1000))
    .then({ balances: { points: '10 available', status: '20 available' } });
});

test('the tier held before the purchase multiplies', async (t) => {
  const gold = tierOn(
    1,
    { field: 'spend', op: 'gte', value: 1000 },
    { benefits: { multiplier_percent: 150, perks: [] } },
  );
  const ada = given(t, program({ rules: { euro }, tiers: { gold } }));
  ada.when(noon, purchase(1000)).then({ given: ['euro 10'] });
  ada
    .and(noon, purchase(1000, { id: 'p-0' }))
    .when(noon, purchase(1050))
    .then({ given: ['euro 10', 'tier:gold 5'], facts: ['euro 10 on 1050', 'tier:gold 5 on 1050'] });
});

test('what becomes available or expires at another time is an entry of its own, rounded by itself', async (t) => {
  const life = { pending: null, expiry: { after: 'P10D', round_up_to: null } } as const;
  const rules = { half: perAmount(1, 200), short: perAmount(1, 200, { life }) };
  given(t, program({ rules })).when(noon, purchase(100)).then({ entries: [] });
  given(t, program({ rules, wallets: { points: { rounding: 'ceil' } } }))
    .when(noon, purchase(100))
    .then({ given: ['half 1', 'short 1'], lots: ['1: 1 of 1 for ever', '2: 1 of 1 until 2026-03-20T23:00Z'] });
});

test('limits: so often, so many points; then what is left, then nothing', async (t) => {
  const limits = [
    { period: 'day', times: 2, points: null } as const,
    { period: 'month', times: null, points: 25 } as const,
  ];
  let ada = given(t, program({ rules: { ten: fixed(10, { limits }) } }));
  const cases: [string, string, Partial<Outcome>][] = [
    ['2026-03-10T11:00:00Z', 'first of the day', { given: ['ten 10'], limited: {} }],
    ['2026-03-10T12:00:00Z', 'second', { given: ['ten 10'] }],
    ['2026-03-10T13:00:00Z', 'third', { given: [], withheld: ['ten limit'] }],
    ['2026-03-11T13:00:00Z', 'another day', { given: ['ten 5'], limited: { ten: 5 } }],
    ['2026-03-12T13:00:00Z', 'the month is used up', { given: [], withheld: ['ten limit'] }],
    ['2026-03-31T22:00:00Z', 'the next month has begun in Paris', { given: ['ten 10'] }],
  ];
  for (const [at, occurs, expected] of cases) {
    t.comment(occurs);
    ada.when(at, purchase(100)).then(expected);
    ada = ada.and(at, purchase(100, { id: at }));
  }
});

test('a late report counts where it belongs; of a period that is not kept any more nothing is given', async (t) => {
  const limits = [{ period: 'day', times: 1, points: null } as const];
  const day = (number: number) => `2026-03-${`${number}`.padStart(2, '0')}T09:00:00Z`;
  let ada = given(t, program({ rules: { daily: fixed(10, { limits }) } }));
  for (const number of [10, 11, 13]) ada = ada.and(day(number), purchase(100, { id: `p-${number}` }));
  for (const [number, gives] of [
    [9, false],
    [10, false],
    [11, false],
    [12, true],
    [13, false],
  ] as const)
    ada
      .when('2026-03-13T10:00:00Z', purchase(100, { occurred_at: day(number) }))
      .then({ given: gives ? ['daily 10'] : [] });
});

test('the two latest periods are counted: a report that is late by one finds what is left of it', async (t) => {
  const limits = [{ period: 'day', times: 2, points: null } as const];
  const day = (number: number, hour = 9) => `2026-03-${number}T${`${hour}`.padStart(2, '0')}:00:00Z`;
  let ada = given(t, program({ rules: { daily: fixed(10, { limits }) } }));
  for (const number of [10, 11, 12]) ada = ada.and(day(number), purchase(100, { id: `p-${number}` }));
  ada.when(day(12), purchase(100, { occurred_at: day(11, 8) })).then({ given: ['daily 10'] });
  ada
    .and(day(12), purchase(100, { id: 'late', occurred_at: day(11, 8) }))
    .when(day(12), purchase(100, { occurred_at: day(11, 7) }))
    .then({ given: [] });
});

test('a late report does not let a rule rest shorter', async (t) => {
  const rare = fixed(10, { cool_down: 'P5D' });
  const late = { occurred_at: '2026-03-01T09:00:00Z' };
  given(t, program({ rules: { rare } }))
    .and(noon, purchase(100, { id: 'p-0' }))
    .and(noon, purchase(100, { id: 'p-1', ...late }))
    .when('2026-03-12T11:00:00Z', purchase(100))
    .then({ given: [] });
});

test('after it gave a rule rests until the local day so long after', async (t) => {
  const ada = given(t, program({ rules: { rare: fixed(10, { cool_down: 'P2D' }) } })).and(
    noon,
    purchase(100, { id: 'p-0' }),
  );
  ada.when('2026-03-11T22:59:59Z', purchase(100)).then({ given: [], withheld: ['rare cool_down'] });
  ada.when('2026-03-11T23:00:00Z', purchase(100)).then({ given: ['rare 10'] });
});

test('a budget is for all, and a rule gives what is left of it', async (t) => {
  const budget = { points: 15, period: 'month' } as const;
  let ada = given(t, program({ rules: { ten: fixed(10, { budget }) } }));
  for (const expected of [
    { given: ['ten 10'] },
    { given: ['ten 5'], limited: { ten: 5 } },
    { given: [], withheld: ['ten budget'] },
  ]) {
    ada.when(noon, purchase(100)).then(expected);
    ada = ada.and(noon, purchase(100));
  }
});

test('what a multiplier adds has limits of its own', async (t) => {
  const limits = [{ period: 'ever', times: null, points: 15 } as const];
  const ada = given(t, program({ rules: { euro, double: multiplier(200, { limits }) } }));
  ada.when(noon, purchase(1000)).then({ given: ['euro 10', 'double 10'] });
  ada
    .and(noon, purchase(1000, { id: 'p-0' }))
    .when(noon, purchase(1000))
    .then({ given: ['euro 10', 'double 5'], limited: { double: 5 } });
});

test('what a multiplier adds to several entries is together within its limit, however each is rounded', async (t) => {
  const life = { pending: 'P1D', expiry: null } as const;
  const limits = [{ period: 'ever', times: null, points: 1 } as const];
  const rules = { a: perAmount(1, 150), b: perAmount(1, 150, { life }), double: multiplier(200, { limits }) };
  given(t, program({ rules, wallets: { points: { rounding: 'ceil' } } }))
    .when(noon, purchase(100))
    .then({ given: ['a 1', 'double 1', 'b 1'], limited: { double: 1 } });
});

test('what a milestone gives is not multiplied', async (t) => {
  const milestone = { every_purchases: 1, every_spend: null, window: null };
  given(t, program({ rules: { euro, double: multiplier(200), each: fixed(7, { trigger: 'milestone', milestone }) } }))
    .when(noon, purchase(100))
    .then({ given: ['each 7', 'euro 1', 'double 1'] });
});

test('milestones: each so many purchases, each so much spent', async (t) => {
  const every = (milestone: Partial<Milestone>) => ({
    trigger: 'milestone' as const,
    milestone: { every_purchases: null, every_spend: null, window: null, ...milestone },
  });
  const rules = program({
    rules: { third: fixed(30, every({ every_purchases: 3 })), tenner: fixed(5, every({ every_spend: 1000 })) },
  });
  let ada = given(t, rules);
  for (const [amount, expected] of [
    [900, []],
    [100, ['tenner 5']],
    [2500, ['tenner 10', 'third 30']],
    [499, []],
    [1, ['tenner 5']],
  ] as const) {
    ada.when(noon, purchase(amount)).then({ given: [...expected] });
    ada = ada.and(noon, purchase(amount));
  }
});

test('milestones in a window count what is in it', async (t) => {
  const milestone = { every_purchases: 2, every_spend: null, window: '7d' } as const;
  const second = fixed(1, { trigger: 'milestone', milestone });
  let ada = given(t, program({ rules: { second } }));
  for (const [at, gives] of [
    ['2026-03-01T12:00:00Z', false],
    ['2026-03-09T12:00:00Z', false],
    ['2026-03-15T12:00:00Z', true],
    ['2026-03-16T12:00:00Z', true],
  ] as const) {
    ada.when(at, purchase(100)).then({ given: gives ? ['second 1'] : [] });
    ada = ada.and(at, purchase(100));
  }
});

test('of milestones reached at once no more are given than the limit leaves', async (t) => {
  const milestone = { every_purchases: null, every_spend: 100, window: null };
  const limits = [{ period: 'month', times: 3, points: null } as const];
  const parts = { trigger: 'milestone', milestone, limits } as const;
  const ada = given(t, program({ rules: { each: fixed(7, parts), bag: granting('bag', null, parts) } }));
  ada.when(noon, purchase(200)).then({ given: ['each 14'], granted: ['bag by bag', 'bag by bag'] });
  ada
    .and(noon, purchase(200, { id: 'p-0' }))
    .when(noon, purchase(500))
    .then({ given: ['each 7'], granted: ['bag by bag'] });
});

test('a purchase from before the window reaches nothing in it', async (t) => {
  const milestone = { every_purchases: 2, every_spend: null, window: '7d' } as const;
  given(t, program({ rules: { second: fixed(1, { trigger: 'milestone', milestone }) } }))
    .and(noon, purchase(100, { id: 'p-0' }))
    .when(noon, purchase(100, { occurred_at: '2026-03-01T09:00:00Z' }))
    .then({ given: [] });
});

test('what comes to less than a point does not count as a time', async (t) => {
  const limits = [{ period: 'ever', times: 1, points: null } as const];
  given(t, program({ rules: { euro: perAmount(1, 100, { limits }) } }))
    .and(noon, purchase(99, { id: 'p-0' }))
    .when(noon, purchase(100))
    .then({ given: ['euro 1'] });
});

test('a schedule is in the zone of the program, and the night belongs to the day before', async (t) => {
  const cases: [Partial<Schedule>, string, boolean][] = [
    [{ weekdays: ['tuesday'] }, '2026-03-09T22:59:59Z', false],
    [{ weekdays: ['tuesday'] }, '2026-03-09T23:00:00Z', true],
    [{ hours: { from: '12:00', until: '13:00' } }, '2026-03-10T10:59:59Z', false],
    [{ hours: { from: '12:00', until: '13:00' } }, '2026-03-10T11:59:59Z', true],
    [{ hours: { from: '12:00', until: '13:00' } }, '2026-03-10T12:00:00Z', false],
    [{ weekdays: ['friday'], hours: { from: '22:00', until: '02:00' } }, '2026-03-14T00:30:00Z', true],
    [{ weekdays: ['friday'], hours: { from: '22:00', until: '02:00' } }, '2026-03-14T01:00:00Z', false],
    [{ weekdays: ['saturday'], hours: { from: '22:00', until: '02:00' } }, '2026-03-14T00:30:00Z', false],
    // The night the clocks go forward: 01:59:59 is followed by 03:00.
    [{ hours: { from: '03:00', until: '04:00' } }, '2026-03-29T00:59:59Z', false],
    [{ hours: { from: '03:00', until: '04:00' } }, '2026-03-29T01:00:00Z', true],
    [{ hours: { from: '12:00', until: '13:00' } }, '2026-03-29T10:00:00Z', true],
    [{ hours: { from: '12:00', until: '13:00' } }, '2026-03-29T11:00:00Z', false],
  ];
  for (const [schedule, occurred_at, applies] of cases)
    given(t, program({ rules: { happy: fixed(1, { schedule: { weekdays: null, hours: null, ...schedule } }) } }))
      .when('2026-03-30T12:00:00Z', purchase(100, { occurred_at }))
      .then({ given: applies ? ['happy 1'] : [] });
});

test('a reward is granted as an entitlement, for so long', async (t) => {
  const limits = [{ period: 'ever', times: 1, points: null } as const];
  const rules = program({ rules: { coffee: granting('free-coffee', 'P7D', { limits, lines: shoes }) } });
  const ada = given(t, rules);
  const { outcome, then } = ada.when(noon, purchase(basket));
  t.strictSame(ada.and(noon, purchase(basket)).member?.state.limits?.['coffee']?.periods.ever?.kept, [
    { from: 0, times: 1, points: 0 },
  ]);
  t.match(outcome.entitled, [
    { reward: 'free-coffee', cause: 'purchase', cause_id: 'p-1', expires_at: Date.parse('2026-03-17T23:00:00Z') },
  ]);
  then({
    granted: ['free-coffee by coffee'],
    entries: [],
    events: ['purchase.recorded', 'reward.granted'],
  });
  t.equal(outcome.refused, null);
  ada.when(noon, purchase(100)).then({ granted: [] });
  ada
    .and(noon, purchase(basket, { id: 'p-0' }))
    .when(noon, purchase(basket))
    .then({ granted: [], withheld: ['coffee limit'] });
});

test('a rule is set off once a command, though its points enter a further tier', async (t) => {
  const earned = (value: number) => ({ field: 'earned_points', op: 'gte', value }) as const;
  const rules = program({
    rules: { euro, enter: fixed(100, { trigger: 'tier.entered' }) },
    tiers: { silver: tierOn(1, earned(10)), gold: tierOn(2, earned(100)) },
  });
  const { outcome } = given(t, rules).when(noon, purchase(1000));
  t.strictSame(outcome.given, ['euro 10', 'enter 100']);
  t.strictSame(outcome.causes, ['purchase p-1', 'tier.entered silver']);
  t.equal(outcome.state?.tiers['status']?.tier, 'gold');
  t.strictSame(outcome.state?.totals.earned, { points: 110 });
});

test('conditions see the member as now, also where the report is late', async (t) => {
  const days = Math.round((Date.parse('2026-03-10') - Date.parse('2020-01-01')) / 86_400_000);
  const condition = { field: 'days_enrolled', op: 'eq', value: days } as const;
  given(t, program({ rules: { today: fixed(1, { condition }) } }))
    .when(noon, purchase(100, { occurred_at: '2026-03-01T09:00:00Z' }))
    .then({ given: ['today 1'] });
});

test('entering a tier or segment sets rules off, once a command', async (t) => {
  const rules = program({
    rules: {
      euro,
      'any-tier': fixed(100, { trigger: 'tier.entered' }),
      'to-gold': fixed(50, { trigger: 'tier.entered', tier: 'gold' }),
      'to-silver': fixed(7, { trigger: 'tier.entered', tier: 'silver' }),
      big: granting('bag', null, { trigger: 'segment.entered', segment: 'big' }),
    },
    tiers: {
      silver: tierOn(1, { field: 'spend', op: 'gte', value: 500 }),
      gold: tierOn(2, { field: 'spend', op: 'gte', value: 1000 }),
    },
    segments: { big: { name: 'Big', condition: { field: 'earned_points', op: 'gte', value: 100 }, exit: null } },
  });
  given(t, rules)
    .when(noon, purchase(1000))
    .then({
      given: ['euro 10', 'any-tier 100', 'to-gold 50'],
      granted: ['bag by big'],
      balances: { points: '160 available' },
    });
  given(t, rules)
    .when(noon, purchase(500))
    .then({ given: ['euro 5', 'any-tier 100', 'to-silver 7'] });
});
