import { test } from 'tap';
import type { MemberCommand } from '../../src/engine/decide.ts';
import type { Condition } from '../../src/model/condition.ts';
import type { PutMember } from '../../src/model/member.ts';
import type { SetTier, Tier } from '../../src/model/tier.ts';
import { ada, close, type Given, given, nobody, purchase, put, settle, suspend } from '../helpers/given.ts';
import { fixed, type ProgramParts, perAmount, program, segmentOn, tier, tierOn } from '../helpers/programs.ts';

/* Tiers and segments by example, in Paris: an hour ahead of UTC, and two from March 29th to October 25th 2026. */

const bought = '2026-03-01T11:00:00Z';
const later = '2027-03-01T11:00:00Z';

/** Who spends 100 euros within a week. */
const weekly: Condition = { field: 'spend', window: '7d', op: 'gte', value: 10_000 };
const gold = (more: Partial<Tier> = {}) => program({ tiers: { gold: tierOn(1, weekly, more) } });

/** Everything that time does to the tiers and segments of a member from now until an instant. */
const told = (of: Given, at: string): string[] => of.when(at, settle).outcome.changes;
/** The same without what is told ahead of time. */
const until = (of: Given, at: string): string[] => told(of, at).filter((change) => !change.includes(' expires '));

const patch = (body: PutMember): MemberCommand => put(body, { replace: false });
const byHand = (request: Partial<SetTier> = {}, scheme = 'status'): MemberCommand => ({
  kind: 'set_tier',
  member_id: ada,
  scheme,
  request: { tier: 'gold', reason: 'Complaint', actor: 'jane', ...request },
});
const lift: MemberCommand = { kind: 'lift_tier', member_id: ada, scheme: 'status' };
const activity = (type: string, id: string, fields: Record<string, number> = {}): MemberCommand => ({
  kind: 'record_activity',
  member_id: ada,
  report: { id, member: 'ada', type, fields },
});
const segments = (parts: Record<string, Condition>, more: ProgramParts = {}) =>
  program({
    ...more,
    segments: Object.fromEntries(Object.entries(parts).map(([code, condition]) => [code, segmentOn(condition)])),
  });

test('without stay and grace a tier is left as soon as its entry is not true; with an exit, once that is', async (t) => {
  t.strictSame(until(given(t, gold()).and(bought, purchase(10_000)), later), ['2026-03-07T23:00Z status: gold → none']);
  const exit: Condition = { field: 'spend', window: '30d', op: 'lt', value: 10_000 };
  const member = given(t, gold({ exit })).and(bought, purchase(10_000));
  t.strictSame(until(member, later), ['2026-03-30T22:00Z status: gold → none']);
  const back = member.and('2026-03-20T11:00:00Z', purchase(9_999));
  t.strictSame(until(back, later), ['2026-03-30T22:00Z status: gold → none'], 'what is too little changes nothing');
  const whole = member.and('2026-03-20T11:00:00Z', purchase(10_000));
  t.strictSame(until(whole, later), ['2026-04-18T22:00Z status: gold → none']);
});

test('a minimum stay lasts to the end of its day, or of the month, quarter or year of that', async (t) => {
  for (const [after, round_up_to, left] of [
    ['P10D', null, '2026-03-11T23:00Z'],
    ['P1M', null, '2026-04-01T22:00Z'],
    ['P1M', 'month', '2026-04-30T22:00Z'],
    ['P1M', 'quarter', '2026-06-30T22:00Z'],
    ['P1M', 'year', '2026-12-31T23:00Z'],
    ['P1Y', 'year', '2027-12-31T23:00Z'],
    ['P1D', null, '2026-03-07T23:00Z'],
  ] as const) {
    const member = given(t, gold({ minimum_stay: { after, round_up_to } })).and(bought, purchase(10_000));
    t.strictSame(until(member, '2029-01-01T00:00:00Z'), [`${left} status: gold → none`], `${after} ${round_up_to}`);
  }
});

test('a stay begins anew with each level, and when the tier is qualified for anew, not before', async (t) => {
  const stay = { minimum_stay: { after: 'P1M', round_up_to: null } };
  const member = given(t, gold(stay)).and(bought, purchase(10_000));
  const still = member.and('2026-03-05T11:00:00Z', purchase(10_000));
  t.strictSame(until(still, later), ['2026-04-01T22:00Z status: gold → none'], 'qualified all the while');
  const anew = member.and('2026-03-20T11:00:00Z', purchase(10_000));
  t.strictSame(until(anew, later), ['2026-04-20T22:00Z status: gold → none']);
  const levels = program({
    tiers: {
      silver: tierOn(1, { ...weekly, value: 5_000 } as Condition, stay),
      gold: tierOn(2, weekly, { ...stay, downgrade: 'one_level' }),
    },
  });
  const risen = given(t, levels).and(bought, purchase(5_000)).and('2026-03-10T11:00:00Z', purchase(10_000));
  t.strictSame(until(risen, later), [
    '2026-04-10T22:00Z status: gold → silver',
    '2026-05-11T22:00Z status: silver → none',
  ]);
});

test('grace begins when a tier would be left, lasts whole days, and ends with requalifying', async (t) => {
  const member = given(t, gold({ grace: 'P3D' })).and(bought, purchase(10_000));
  t.match(member.and('2026-03-07T22:59:59.999Z', settle).member?.state.tiers, { status: { leaves_at: null } });
  const inGrace = member.and('2026-03-10T11:00:00Z', settle);
  t.match(inGrace.member?.state.tiers, {
    status: { tier: 'gold', qualified_since: null, leaves_at: Date.parse('2026-03-11T23:00Z') },
  });
  t.strictSame(until(inGrace, later), ['2026-03-11T23:00Z status: gold → none']);
  const requalified = inGrace.and('2026-03-10T11:00:00Z', purchase(10_000));
  t.match(requalified.member?.state.tiers, { status: { leaves_at: null } });
  t.strictSame(until(requalified, later), ['2026-03-20T23:00Z status: gold → none']);
  const stay = gold({ grace: 'P3D', minimum_stay: { after: 'P1M', round_up_to: null } });
  const after = given(t, stay).and(bought, purchase(10_000));
  t.strictSame(until(after, later), ['2026-04-05T22:00Z status: gold → none'], 'after the stay');
});

test('a tier is left for the highest whose entry is true, for the next below, or never', async (t) => {
  for (const [downgrade, expected] of [
    ['reassess', ['2026-03-07T23:00Z status: gold → bronze']],
    ['one_level', ['2026-03-07T23:00Z status: gold → silver', '2026-03-08T23:00Z status: silver → bronze']],
    ['none', []],
  ] as const) {
    const levels = program({
      tiers: {
        bronze: tier(1, 'purchases', 1),
        silver: tierOn(2, weekly, { downgrade }),
        gold: tierOn(3, weekly, { downgrade }),
      },
    });
    t.strictSame(until(given(t, levels).and(bought, purchase(10_000)), later), expected, downgrade);
  }
  const earned = program({
    tiers: { silver: tier(1, 'spend', 5_000), gold: tierOn(2, weekly, { downgrade: 'one_level' }) },
  });
  t.strictSame(until(given(t, earned).and(bought, purchase(10_000)), later), [
    '2026-03-07T23:00Z status: gold → silver',
  ]);
});

test('a tier set by hand is entered at once and not left before its date, nor before it is taken back', async (t) => {
  const levels = program({
    tiers: { silver: tierOn(1, { ...weekly, value: 5_000 } as Condition), gold: tierOn(2, weekly) },
  });
  const dated = given(t, levels).when(bought, byHand({ until: '2026-04-01T12:34:56.789Z' }));
  dated.then({
    refused: null,
    events: ['tier.set', 'tier.upgraded'],
    changes: ['2026-03-01T11:00Z status: none → gold'],
    due: '2026-04-01T12:34:56.789Z',
  });
  const held = given(t, levels).and(bought, byHand({ until: '2026-04-01T12:34:56.789Z' }));
  t.strictSame(until(held, '2026-04-01T12:34:56.788Z'), []);
  t.strictSame(until(held, later), ['2026-04-01T12:34:56.789Z status: gold → none']);
  const qualified = held.and('2026-03-29T11:00:00Z', purchase(10_000));
  t.strictSame(until(qualified, later), ['2026-04-04T22:00Z status: gold → none'], 'qualified for by then');

  const endless = given(t, levels).and(bought, byHand({ tier: 'silver' }));
  t.strictSame(until(endless, later), []);
  const risen = endless.and('2026-03-10T11:00:00Z', purchase(10_000));
  const announced = '2026-03-13T23:00Z status: gold expires 2026-03-16T23:00Z';
  t.strictSame(until(risen, later), ['2026-03-16T23:00Z status: gold → silver'], 'not below it');
  risen.when(later, lift).then({
    changes: [announced, '2026-03-16T23:00Z status: gold → silver', '2027-03-01T11:00Z status: silver → none'],
  });
  risen.when('2026-03-11T11:00:00Z', lift).then({ changes: [] });

  given(t, levels)
    .when(bought, byHand({ tier: 'glod' }))
    .then({ refused: 'unknown_tier', faults: ['/tier unknown_tier'] });
  given(t, levels).when(bought, byHand({}, 'club')).then({ refused: 'not_found' });
  given(t, levels)
    .when(bought, byHand({ until: bought }))
    .then({ refused: 'not_in_future' });
  given(t, levels).and(bought, close).when(later, byHand()).then({ refused: 'member_closed' });
});

test('years are those of the calendar and of the membership', async (t) => {
  const inYear = (window: 'calendar_year' | 'membership_year') =>
    nobody(t, program({ tiers: { gold: tier(1, 'spend', 10_000, { window }) } }))
      .and('2024-05-10T10:00:00Z', put({}, { member_id: null }))
      .and(bought, purchase(10_000));
  t.strictSame(until(inYear('calendar_year'), later), ['2026-12-31T23:00Z status: gold → none']);
  t.strictSame(until(inYear('membership_year'), later), ['2026-05-09T22:00Z status: gold → none']);
});

test('that a tier will be left is told ahead of time, once for each instant it would be left at', async (t) => {
  const policies = { tier_expiring_days: 10 };
  const stay = tierOn(1, weekly, { minimum_stay: { after: 'P1M', round_up_to: null } });
  const announcing = program({ policies, tiers: { gold: stay } });
  const member = given(t, announcing).and(bought, purchase(10_000));
  const ahead = '2026-03-22T22:00Z status: gold expires 2026-04-01T22:00Z';
  t.strictSame(told(member, '2026-03-22T21:59:59.999Z'), []);
  t.strictSame(told(member, '2026-03-22T22:00:00Z'), [ahead]);
  t.strictSame(told(member.and('2026-03-22T22:00:00Z', settle), '2026-03-30T22:00:00Z'), []);
  t.strictSame(told(member, later), [ahead, '2026-04-01T22:00Z status: gold → none']);
  const anew = member.and('2026-03-25T11:00:00Z', purchase(10_000));
  t.strictSame(told(anew, later), [
    '2026-04-15T22:00Z status: gold expires 2026-04-25T22:00Z',
    '2026-04-25T22:00Z status: gold → none',
  ]);
  const grace = given(t, program({ policies, tiers: { gold: tierOn(1, weekly, { grace: 'P3D' }) } }));
  t.strictSame(told(grace.and(bought, purchase(10_000)), later), [
    '2026-03-07T23:00Z status: gold expires 2026-03-11T23:00Z',
    '2026-03-11T23:00Z status: gold → none',
  ]);
});

test('tiers read segments and segments read tiers, in one go whatever their names; schemes stand side by side', async (t) => {
  const chain = program({
    tiers: {
      vip: tierOn(1, { field: 'segments', op: 'has', value: 'fans' }, { scheme: 'club' }),
      silver: tierOn(
        1,
        { field: 'tier', scheme: 'club', op: 'eq', value: 'vip' },
        { minimum_stay: { after: 'P1M', round_up_to: null } },
      ),
    },
    segments: {
      fans: segmentOn({ field: 'purchases', window: '7d', op: 'gte', value: 2 }),
      at_the_top: segmentOn({
        all: [
          { field: 'tier', scheme: 'club', op: 'eq', value: 'vip' },
          { field: 'tier', scheme: 'status', op: 'exists' },
        ],
      }),
    },
  });
  const member = given(t, chain).and(bought, purchase(1));
  const inOrder = (at: string, words: string[]) => words.map((word) => `${at} ${word}`);
  member.when('2026-03-02T11:00:00Z', purchase(1)).then({
    changes: inOrder('2026-03-02T11:00Z', [
      'fans entered',
      'club: none → vip',
      'status: none → silver',
      'at_the_top entered',
    ]),
  });
  t.strictSame(until(member.and('2026-03-02T11:00:00Z', purchase(1)), later), [
    ...inOrder('2026-03-07T23:00Z', ['fans left', 'club: vip → none', 'at_the_top left']),
    '2026-04-02T22:00Z status: silver → none',
  ]);
});

test('older_than and within_last change at the exact millisecond', async (t) => {
  const timed = segments({
    gone: { field: 'last_purchase_at', op: 'older_than', value: '90d' },
    fresh: { field: 'last_purchase_at', op: 'within_last', value: '36h' },
  });
  const member = given(t, timed).and('2026-03-01T11:00:00.500Z', purchase(1));
  t.match(Object.keys(member.member?.state.segments ?? {}), ['fresh']);
  t.strictSame(until(member, '2026-03-02T23:00:00.500Z'), []);
  t.strictSame(until(member, '2026-03-02T23:00:00.501Z'), ['2026-03-02T23:00:00.501Z fresh left']);
  const gone = member.and('2026-03-03T00:00:00Z', settle);
  t.strictSame(until(gone, '2026-05-30T11:00:00.500Z'), []);
  t.strictSame(until(gone, '2026-06-30T11:00:00Z'), ['2026-05-30T11:00:00.501Z gone entered']);
  gone.when('2026-06-30T11:00:00Z', purchase(1)).then({
    changes: [
      '2026-05-30T11:00:00.501Z gone entered',
      '2026-06-30T11:00Z fresh entered',
      '2026-06-30T11:00Z gone left',
    ],
  });
  const late = purchase(1, { occurred_at: '2026-03-01T12:00:00Z' });
  t.strictSame(until(gone.and('2026-03-20T00:00:00Z', late), later), ['2026-05-30T12:00:00.001Z gone entered']);
});

test('a segment without an exit is left with its condition, one with an exit when that is true as well', async (t) => {
  const winBack: Condition = {
    all: [
      { field: 'purchases', op: 'gte', value: 2 },
      { field: 'last_purchase_at', op: 'older_than', value: '90d' },
    ],
  };
  const both = program({
    segments: {
      plain: segmentOn(winBack),
      sticky: segmentOn(winBack, { field: 'purchases', window: '30d', op: 'gte', value: 2 }),
    },
  });
  const once = given(t, both).and(bought, purchase(1));
  t.strictSame(until(once, later), [], 'one purchase is not two');
  const member = once.and(bought, purchase(1));
  const at = '2026-05-30T11:00:00.001Z';
  t.strictSame(until(member, later), [`${at} plain entered`, `${at} sticky entered`]);
  const back = member.and('2026-07-01T11:00:00Z', purchase(1));
  t.strictSame(Object.keys(back.member?.state.segments ?? {}), ['sticky']);
  back.when('2026-07-02T11:00:00Z', purchase(1)).then({ changes: ['2026-07-02T11:00Z sticky left'] });
  t.strictSame(until(back, '2026-12-01T00:00:00Z'), ['2026-09-29T11:00:00.001Z plain entered']);
});

test('attributes count at once; one that is cleared keeps nobody, unless the exit reads it', async (t) => {
  const attributes = { vip: { name: 'VIP', type: 'boolean' as const, values: null, personal: false } };
  const isVip: Condition = { field: 'attributes.vip', op: 'eq', value: true };
  const notVip: Condition = { field: 'attributes.vip', op: 'eq', value: false };
  for (const [exit, cleared, refused] of [
    [null, ['2026-03-02T11:00Z status: gold → none'], ['2026-03-02T11:00Z status: gold → none']],
    [notVip, [], ['2026-03-02T11:00Z status: gold → none']],
  ] as const) {
    const rules = program({ attributes, tiers: { gold: tierOn(1, isVip, { exit }) } });
    const nobodyYet = given(t, rules);
    nobodyYet.when(bought, patch({ attributes: { vip: false } })).then({ changes: [] });
    const member = nobodyYet.and(bought, patch({ attributes: { vip: true } }));
    t.match(member.member?.state.tiers, { status: { tier: 'gold' } });
    member.when('2026-03-02T11:00:00Z', patch({ attributes: { vip: null } })).then({ changes: [...cleared] });
    member.when('2026-03-02T11:00:00Z', patch({ attributes: { vip: false } })).then({ changes: [...refused] });
  }
});

test('activities, surveys, days enrolled and the status of the member count', async (t) => {
  const rules = segments({
    reviewers: { field: 'activities', activity: 'review', window: '7d', op: 'gte', value: 2 },
    promoters: { field: 'nps', op: 'gte', value: 9 },
    asked: { field: 'nps_at', op: 'within_last', value: '30d' },
    second_week: { field: 'days_enrolled', op: 'between', value: [7, 13] },
    suspended: { field: 'status', op: 'eq', value: 'suspended' },
  });
  const member = nobody(t, rules).and('2026-03-10T11:00:00Z', put({}, { member_id: null }));
  t.strictSame(until(member, later), ['2026-03-16T23:00Z second_week entered', '2026-03-23T23:00Z second_week left']);
  const old = member.and('2026-04-01T10:00:00Z', activity('review', 'a'));
  old.when('2026-04-02T10:00:00Z', activity('visit', 'b')).then({ changes: [] });
  const reviewed = old.and('2026-04-02T10:00:00Z', activity('review', 'b'));
  t.strictSame(until(reviewed, later), ['2026-04-07T22:00Z reviewers left']);
  const promoter = old.and('2026-04-02T10:00:00Z', activity('survey', 'c', { nps: 9 }));
  t.strictSame(Object.keys(promoter.member?.state.segments ?? {}).sort(), ['asked', 'promoters']);
  t.strictSame(until(promoter, later), ['2026-05-02T10:00:00.001Z asked left']);
  promoter
    .when('2026-04-02T10:00:00Z', activity('survey', 'd', { nps: 6 }))
    .then({ changes: ['2026-04-02T10:00Z promoters left'] });
  old.when('2026-04-02T10:00:00Z', suspend).then({ changes: ['2026-04-02T10:00Z suspended entered'] });
});

test('anniversaries of a birth date come each year, the 29th of February on the 28th', async (t) => {
  for (const [birth_date, within, expected] of [
    ['1990-05-17', '3d', ['2026-05-13T22:00Z soon entered', '2026-05-17T22:00Z soon left']],
    ['1992-02-29', '0d', ['2027-02-27T23:00Z soon entered', '2027-02-28T23:00Z soon left']],
  ] as const) {
    const rules = segments({ soon: { field: 'birth_date', op: 'anniversary_within', value: within } });
    const member = given(t, rules).and(bought, patch({ profile: { birth_date } }));
    t.strictSame(until(member, '2027-04-01T00:00:00Z'), expected);
  }
});

test('what begins with points that are released or expire ends in its own time, though nobody looked in between', async (t) => {
  const released = program({
    wallets: { points: { pending: 'P7D' } },
    rules: { euro: perAmount(1, 100) },
    tiers: { rich: tierOn(1, { field: 'available_points', op: 'gte', value: 10 }) },
    segments: { risen: segmentOn({ field: 'tier_since', op: 'within_last', value: '1d' }) },
  });
  t.strictSame(until(given(t, released).and(bought, purchase(1_000)), later), [
    '2026-03-07T23:00Z status: none → rich',
    '2026-03-07T23:00Z risen entered',
    '2026-03-08T23:00:00.001Z risen left',
  ]);
  const expiring = program({
    wallets: { points: { expiry: { after: 'P7D', round_up_to: null } } },
    rules: { euro: perAmount(1, 100) },
    tiers: { rich: tierOn(1, { field: 'available_points', op: 'gte', value: 10 }, { grace: 'P3D' }) },
  });
  const member = given(t, expiring).and(bought, purchase(1_000));
  t.strictSame(until(member, later), ['2026-03-12T23:00Z status: rich → none'], 'grace began when they expired');
});

/** Tiers of what was ever spent, with points for whoever enters one, and a segment likewise. */
const giving = (silver: number, segment: Record<string, number>, revision: number) =>
  program({
    revision,
    rules: {
      welcome: fixed(50, { trigger: 'tier.entered', tier: 'silver' }),
      hello: fixed(5, { trigger: 'segment.entered', segment: 'spenders' }),
    },
    tiers: { silver: tier(1, 'spend', silver) },
    segments: Object.fromEntries(
      Object.entries(segment).map(([code, value]) => [code, segmentOn({ field: 'spend', op: 'gte', value })]),
    ),
  });

test('edited rules count for whoever is there already, are marked, and set off no earn rule', async (t) => {
  const first = giving(10_000, { spenders: 20_000 }, 1);
  const member = given(t, first).and(bought, purchase(5_000));
  member.when('2026-03-02T11:00:00Z', purchase(5_000)).then({
    changes: ['2026-03-02T11:00Z status: none → silver'],
    given: ['welcome 50'],
  });
  const edited = member.under(giving(5_000, { spenders: 5_000 }, 2));
  edited.when('2026-03-02T11:00:00Z', settle).then({
    changes: ['2026-03-02T11:00Z status: none → silver, backfill', '2026-03-02T11:00Z spenders entered, backfill'],
    given: [],
  });
  const inside = edited.and('2026-03-02T11:00:00Z', settle);
  inside.when('2026-03-03T11:00:00Z', settle).then({ changes: [], given: [] });
  inside
    .under(giving(5_001, {}, 3))
    .when('2026-03-03T11:00:00Z', settle)
    .then({
      changes: ['2026-03-03T11:00Z status: silver → none, backfill', '2026-03-03T11:00Z spenders left, backfill'],
    });
  inside
    .under(giving(5_001, {}, 3))
    .when('2026-03-03T11:00:00Z', purchase(1))
    .then({
      changes: [
        '2026-03-03T11:00Z status: silver → none, backfill',
        '2026-03-03T11:00Z spenders left, backfill',
        '2026-03-03T11:00Z status: none → silver',
      ],
      given: ['welcome 50'],
    });
});

test('a stay and a tier by hand outlast an edit that leaves the tier in place', async (t) => {
  const stay = { minimum_stay: { after: 'P1M', round_up_to: null } };
  const under = (value: number, revision: number) =>
    program({ revision, tiers: { gold: tierOn(1, { ...weekly, value } as Condition, stay) } });
  const member = given(t, under(10_000, 1)).and(bought, purchase(10_000));
  t.strictSame(until(member.under(under(20_000, 2)).and('2026-03-02T11:00:00Z', settle), later), [
    '2026-04-01T22:00Z status: gold → none',
  ]);
  const held = given(t, under(10_000, 1)).and(bought, byHand({ until: '2026-08-01T00:00:00Z' }));
  t.strictSame(until(held.under(under(20_000, 2)).and('2026-03-02T11:00:00Z', settle), later), [
    '2026-08-01T00:00Z status: gold → none',
  ]);
});
