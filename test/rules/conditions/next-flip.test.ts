import { test } from 'tap';
import {
  type Comparison,
  type Condition,
  type FieldReference,
  WINDOWS,
  type Window,
} from '../../../src/model/condition.ts';
import { instantText, parseDay, parseInstant } from '../../../src/model/instant.ts';
import type { Totals, WindowTotals } from '../../../src/model/member-state.ts';
import { windowStart } from '../../../src/rules/conditions/civil-days.ts';
import { compileCondition } from '../../../src/rules/conditions/compile.ts';
import { dependenciesOf } from '../../../src/rules/conditions/dependencies.ts';
import { nextFlip } from '../../../src/rules/conditions/next-flip.ts';
import type { Subject } from '../../../src/rules/conditions/subject.ts';
import { aCondition, aMember, type GeneratedMember, randomOf, sumOf } from './generate.ts';
import { calendar, now, state, subject, today, totals, within } from './world.ts';

const DAY = 86_400_000;

const flipText = (
  condition: Condition,
  of: Subject,
  days: ReadonlyMap<number, Totals> | null = null,
): string | null => {
  const flip = nextFlip(condition, of, days, within());
  return flip === null ? null : instantText(flip);
};

test('instants flip a millisecond after so long, and when they come', async (t) => {
  const at = parseInstant('2028-02-01T10:00:00.000Z');
  const of = subject({ last_purchase_at: at });
  const field = 'last_purchase_at';
  t.equal(flipText({ field, op: 'within_last', value: '90d' }, of), '2028-05-01T10:00:00.001Z');
  t.equal(flipText({ field, op: 'older_than', value: '90d' }, of), '2028-05-01T10:00:00.001Z');
  t.equal(flipText({ field, op: 'within_last', value: '1d' }, of), null, 'over');
  t.equal(flipText({ field, op: 'older_than', value: '1d' }, of), null);
  t.equal(flipText({ field, op: 'before', value: '2029-01-01T00:00:00Z' }, of), null, 'time has nothing to do with it');
  t.equal(flipText({ field, op: 'older_than', value: '1d' }, subject()), null, 'absent');
  const ahead = subject({ last_purchase_at: now + 5 });
  t.equal(flipText({ field, op: 'within_last', value: '1d' }, ahead), instantText(now + 5));
  t.equal(flipText({ field, op: 'older_than', value: '1d' }, ahead), instantText(now + 5 + DAY + 1));
  const both: Condition = {
    any: [{ field, op: 'within_last', value: '90d' }, { not: { field, op: 'older_than', value: '60d' } }],
  };
  t.equal(flipText(both, of), instantText(at + 60 * DAY + 1), 'the earliest');
});

test('days enrolled flip at the beginning of a local day', async (t) => {
  // Enrolled on January 15th 2027: 410 days on February 29th 2028.
  const of = subject();
  const at = (op: Comparison['op'], value: Comparison['value']) => {
    const flip = nextFlip(
      { field: 'days_enrolled', op, ...(value === undefined ? {} : { value }) },
      of,
      null,
      within(),
    );
    return flip === null ? null : calendar.dayOf(flip) - today;
  };
  for (const [op, value, days] of [
    ['gte', 411, 1],
    ['gte', 410, null],
    ['gt', 410, 1],
    ['gt', 409, null],
    ['lt', 411, 1],
    ['lte', 410, 1],
    ['lte', 411, 2],
    ['eq', 410, 1],
    ['eq', 411, 1],
    ['eq', 412, 2],
    ['ne', 412, 2],
    ['between', [411, 500], 1],
    ['between', [400, 410], 1],
    ['between', [400, 409], null],
    ['in', [5, 415], 5],
    ['gte', { field: 'purchases' }, 1],
    ['gte', Number.MAX_SAFE_INTEGER, null],
    ['exists', undefined, null],
  ] as const)
    t.equal(at(op, value), days, `${op} ${value}`);
  t.equal(
    flipText({ field: 'days_enrolled', op: 'gte', value: 436 }, of),
    '2028-03-25T23:00:00.000Z',
    'the day of 23 hours begins in winter',
  );
  t.equal(flipText({ field: 'days_enrolled', op: 'gte', value: 437 }, of), '2028-03-26T22:00:00.000Z');
});

test('anniversaries flip at the beginning of a local day', async (t) => {
  const of = (birth_date: string) => subject({}, { person: { profile: { birth_date } } });
  const at = (birth: string, value: string) =>
    flipText({ field: 'birth_date', op: 'anniversary_within', value }, of(birth));
  t.equal(at('1990-03-10', '0d'), '2028-03-09T23:00:00.000Z');
  t.equal(at('1990-03-10', '5d'), '2028-03-04T23:00:00.000Z');
  t.equal(at('1990-03-10', '30d'), '2028-03-10T23:00:00.000Z', 'true now: over on the day after');
  t.equal(at('1988-02-29', '0d'), '2028-02-29T23:00:00.000Z', 'today');
});

const inWindow = (name: Window, days: ReadonlyMap<number, Totals>, from: number | null): Subject => {
  const enrolled = calendar.dayOf(state().enrolled_at);
  const sum = sumOf([...days], windowStart(name, today, enrolled), today);
  return subject({ windows: { [name]: { ...sum, from } as WindowTotals } });
};

test('a window flips on the day on which enough has fallen out', async (t) => {
  const bucket = (spend: number) => totals({ spend, purchases: 1, earned: { points: spend } });
  const days = new Map([
    [today - 6, bucket(100)],
    [today - 3, bucket(-100)],
    [today - 1, bucket(50)],
    [today, bucket(10)],
  ]);
  const of = inWindow('7d', days, today - 6);
  const at = (
    reference: FieldReference,
    op: Comparison['op'],
    value: Comparison['value'],
    buckets: typeof days | null = days,
  ) => {
    const flip = nextFlip({ ...reference, window: '7d', op, value: value ?? 0 }, of, buckets, within());
    return flip === null ? null : calendar.dayOf(flip) - today;
  };
  const spend = { field: 'spend' };
  // 60 now; -40, 60, 10 and 0 when the buckets of 6, 3, 1 and 0 days ago fall out, on days 1, 4, 6 and 7.
  t.equal(at(spend, 'gte', 60), 1, 'down');
  t.equal(at(spend, 'gte', 61), null, 'never');
  t.equal(at(spend, 'lt', 0), 1);
  t.equal(at(spend, 'eq', 60), 1);
  t.equal(at(spend, 'in', [60, -40]), 6);
  t.equal(at(spend, 'gte', -40), null);
  t.equal(at(spend, 'eq', 10), 6);
  t.equal(at(spend, 'between', [-40, 10]), 1);
  t.equal(at({ field: 'purchases' }, 'gte', 4), 1);
  t.equal(at({ field: 'purchases' }, 'gte', 1), 7);
  t.equal(at({ field: 'earned_points' }, 'gte', 60), 1);
  t.equal(at({ field: 'earned_points', wallet: 'miles' }, 'gte', 1), null);
  t.equal(at({ field: 'average_purchase' }, 'gte', 15), 1);
  t.equal(at(spend, 'gte', 60, null), 1, 'without buckets: when the first may fall out');
  t.equal(at(spend, 'gte', 9_999, null), null, 'too little stays too little');
  t.equal(at(spend, 'gt', { field: 'purchases' }), 1, 'with something that is read: likewise');
  t.equal(
    nextFlip({ ...spend, window: '7d', op: 'gte', value: 1 }, inWindow('7d', new Map(), null), null, within()),
    null,
  );
  const average: Comparison = { field: 'average_purchase', window: '7d', op: 'exists' };
  t.equal(calendar.dayOf(nextFlip(average, of, days, within()) ?? 0) - today, 7);
});

test('years flip when they begin', async (t) => {
  const days = new Map([[today - 3, totals({ spend: 5 })]]);
  const spend = (window: Window): Condition => ({ field: 'spend', window, op: 'gte', value: 5 });
  for (const buckets of [days, null]) {
    t.equal(
      flipText(spend('calendar_year'), inWindow('calendar_year', days, today - 3), buckets),
      '2028-12-31T23:00:00.000Z',
    );
    // Enrolled on January 15th.
    t.equal(
      flipText(spend('membership_year'), inWindow('membership_year', days, today - 3), buckets),
      '2029-01-14T23:00:00.000Z',
    );
  }
  const never: Condition = { field: 'spend', window: 'calendar_year', op: 'gte', value: 6 };
  t.equal(flipText(never, inWindow('calendar_year', days, today - 3), days), null);
});

test('windows start on the first of their days', async (t) => {
  for (const [window, on, enrolled, first] of [
    ['7d', '2028-03-01', '2020-01-01', '2028-02-24'],
    ['365d', '2028-03-01', '2020-01-01', '2027-03-03'],
    ['calendar_year', '2028-03-01', '2020-01-01', '2028-01-01'],
    ['calendar_year', '2028-01-01', '2020-01-01', '2028-01-01'],
    ['membership_year', '2028-03-01', '2020-03-01', '2028-03-01'],
    ['membership_year', '2028-03-01', '2020-03-02', '2027-03-02'],
    ['membership_year', '2027-02-28', '2024-02-29', '2027-02-28'],
    ['membership_year', '2028-02-28', '2024-02-29', '2027-02-28'],
    ['membership_year', '2028-02-29', '2024-02-29', '2028-02-29'],
    ['membership_year', '2024-02-29', '2024-02-29', '2024-02-29'],
  ] as const)
    t.equal(windowStart(window, parseDay(on), parseDay(enrolled)), parseDay(first), `${window} on ${on}`);
});

/** The member later on, nothing having happened in between. */
const later = ({ state: before, person: who, days }: GeneratedMember, at: number): Subject => {
  const day = calendar.dayOf(at);
  const enrolled = calendar.dayOf(before.enrolled_at);
  const windows = Object.fromEntries(
    WINDOWS.map((window) => {
      const first = windowStart(window, day, enrolled);
      const from = [...days.keys()].filter((one) => one >= first && one <= day).sort((a, b) => a - b)[0] ?? null;
      return [window, { ...sumOf([...days], first, day), from }];
    }),
  );
  return { state: { ...before, day, windows }, person: who, now: at, today: day, trigger: null };
};

/** What is returned is taken off the day of its purchase: no day of a real member is below nothing. */
const isNegative = ({ days }: ReturnType<typeof aMember>): boolean =>
  [...days.values()].some(({ spend, earned }) => spend < 0 || Object.values(earned).some((points) => points < 0));

test('between now and the next flip the answer stays as it is', async (t) => {
  const random = randomOf(11);
  let changes = 0;
  for (let run = 0; run < 8_000; run++) {
    const member = aMember(random, 1);
    if (isNegative(member)) continue;
    const condition = aCondition(random, 3);
    if (!dependenciesOf(condition, within()).time && random.chance(0.9)) continue;
    const matches = compileCondition(condition, within());
    const of = later(member, now);
    const buckets = random.chance(0.5) ? member.days : null;
    const flip = nextFlip(condition, of, buckets, within());
    if (flip !== null && flip <= now) t.fail('the past is no flip', { found: condition });
    const until = Math.min(flip ?? Number.POSITIVE_INFINITY, now + 800 * DAY);
    const before = matches(of);
    const instants = [until - 1, ...Array.from({ length: 12 }, () => now + random.below(until - now))];
    for (const at of instants) {
      if (at <= now || matches(later(member, at)) === before) continue;
      t.fail('it changed earlier', {
        found: { condition, at: instantText(at), flip, buckets: buckets !== null, member },
      });
      return;
    }
    if (flip !== null && matches(later(member, flip)) !== before) changes += 1;
  }
  t.ok(changes > 200, `${changes} of the flips changed the answer`);
});

test('one comparison of a window with a number flips exactly when told, buckets being known', async (t) => {
  const random = randomOf(12);
  let flips = 0;
  for (let run = 0; run < 1_500; run++) {
    const member = aMember(random, 1);
    const condition: Condition = {
      field: random.pick(['spend', 'purchases', 'earned_points', 'average_purchase']),
      window: random.pick(WINDOWS),
      op: random.pick(['eq', 'ne', 'lt', 'lte', 'gt', 'gte']),
      value: random.pick([0, 1, 2, 100, 500, -250]),
    };
    const flip = nextFlip(condition, later(member, now), member.days, within());
    if (flip === null) continue;
    flips += 1;
    const matches = compileCondition(condition, within());
    if (matches(later(member, flip)) === matches(later(member, now)))
      t.fail('nothing changed', { found: { condition, member } });
  }
  t.ok(flips > 200, `${flips} flips`);
});

test('dependencies: what a condition reads', async (t) => {
  const condition: Condition = {
    all: [
      { field: 'earned_points', wallet: 'miles', window: '30d', op: 'gte', value: { field: 'spend', window: '7d' } },
      { not: { field: 'tier', op: 'eq', value: 'gold' } },
      {
        any: [
          { field: 'segments', op: 'has_any', value: ['vip', 'new'] },
          { field: 'segments', op: 'has', value: 'vip' },
        ],
      },
      {
        calc: '+',
        of: [{ field: 'activities', activity: 'visit' }, { field: 'available_points' }],
        op: 'gt',
        value: 1,
      },
    ],
  };
  t.strictSame(dependenciesOf(condition, within()), {
    fields: ['activities', 'available_points', 'earned_points', 'segments', 'spend', 'tier'],
    windows: ['7d', '30d'],
    wallets: ['miles', 'points'],
    schemes: ['status'],
    segments: ['new', 'vip'],
    activities: ['visit'],
    person: false,
    time: true,
  });
  const read = (leaf: Condition) => dependenciesOf(leaf, within());
  t.equal(read({ field: 'country', op: 'exists' }).person, true);
  t.equal(read({ field: 'consents.news', op: 'eq', value: true }).person, true);
  t.equal(read({ field: 'country', op: 'exists' }).time, false);
  t.equal(read({ field: 'days_enrolled', op: 'gte', value: 1 }).time, true);
  t.equal(read({ field: 'enrolled_at', op: 'older_than', value: '1d' }).time, true);
  t.equal(read({ field: 'enrolled_at', op: 'before', value: '2026-01-01T00:00:00Z' }).time, false);
  t.equal(read({ field: 'birth_date', op: 'anniversary_within', value: '1d' }).time, true);
});
