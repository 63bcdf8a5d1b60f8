import type { Calc, Condition, FieldReference, NumberOperand, Operator } from '../../../src/model/condition.ts';
import { WINDOWS } from '../../../src/model/condition.ts';
import type { MemberId } from '../../../src/model/ids.ts';
import { dayText, instantText } from '../../../src/model/instant.ts';
import { emptyAccount, type MemberState, type Totals } from '../../../src/model/member-state.ts';
import { windowStart } from '../../../src/rules/conditions/civil-days.ts';
import type { Person } from '../../../src/rules/conditions/subject.ts';
import { calendar, now, state, tierHeld, today, totals } from './world.ts';

/* Members and conditions that meet: values come from small sets, and from the edges of what conditions ask. */

const DAY = 86_400_000;

/** A generator of numbers that gives the same ones for the same seed (mulberry32). */
export const randomOf = (seed: number) => {
  let at = seed;
  const next = (): number => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const chance = (part: number): boolean => next() < part;
  return { below, pick, chance };
};
export type Random = ReturnType<typeof randomOf>;

const AMOUNTS = [
  0,
  1,
  2,
  3,
  5,
  100,
  499,
  500,
  1000,
  50_000,
  -1,
  -250,
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
];
const TEXTS = ['Ada', 'ada', 'a', 'éa', '%', '_a', "o'a", '\\', '😀a', 'a"b', '{a,b}', 'null'];
const LENGTHS = ['1d', '24h', '7d', '30d', '90d', '365d', '36500d', '1h'];
const DATES = [
  '1988-02-29',
  '2000-02-28',
  '1999-03-01',
  '2028-02-29',
  '1970-12-31',
  '2030-01-01',
  '0001-05-05',
  '2027-03-30',
];

const anInstant = (random: Random): number => {
  const length = random.pick([0, 1, 7, 30, 90, 365]) * DAY;
  return random.chance(0.5)
    ? now - length + random.pick([-1, 0, 1])
    : now - random.below(400) * DAY - random.below(DAY);
};

const STRANGE: readonly unknown[] = [
  1.5,
  1e300,
  '12',
  true,
  [],
  {},
  '2026-02-30',
  '2026-02-30T00:00:00Z',
  '',
  null,
  [1, 'vegan'],
  1e16,
  '0000-01-01',
];

const attributesOf = (random: Random): Person['attributes'] => {
  const values: Record<string, unknown> = {
    shop: random.pick(['lyon', 'paris', 'nice']),
    nickname: random.pick(TEXTS),
    children: random.pick(AMOUNTS),
    newsletter: random.chance(0.5),
    seen_at: instantText(anInstant(random)),
    wedding: random.pick(DATES),
    tags: ['vegan', 'runner', 'reader'].filter(() => random.chance(0.4)),
  };
  for (const code of Object.keys(values)) {
    if (random.chance(0.3)) delete values[code];
    else if (random.chance(0.05)) values[code] = random.pick(STRANGE);
  }
  return values as Person['attributes'];
};

const personOf = (random: Random): Person => {
  const profile: Record<string, string> = {};
  if (random.chance(0.7)) profile['birth_date'] = random.pick(DATES);
  if (random.chance(0.7)) profile['language'] = random.pick(['fr', 'en', 'fr-FR']);
  if (random.chance(0.7)) profile['country'] = random.pick(['FR', 'BE', 'IT']);
  return {
    profile,
    attributes: attributesOf(random),
    consents: random.chance(0.7) ? { news: { granted: random.chance(0.5), changed_at: instantText(now) } } : {},
    acquisition: random.chance(0.7)
      ? { source: random.pick(['web', 'shop']), ...(random.chance(0.5) ? { medium: 'email' } : {}) }
      : null,
    tags: ['vip', 'press', 'staff'].filter(() => random.chance(0.3)),
  };
};

const bucket = (random: Random): Totals =>
  totals({
    spend: random.pick([0, 1, 100, 500, -250, 499, 50_000]),
    purchases: random.pick([0, 1, 2, 1, -1]),
    earned: random.chance(0.5)
      ? { points: random.pick([1, 100, -5]), ...(random.chance(0.3) ? { miles: 3 } : {}) }
      : {},
    activities: random.chance(0.3) ? { visit: random.pick([1, 2]), workshop: 1 } : {},
  });

/** What the tests add up by themselves. */
export const sumOf = (buckets: readonly (readonly [number, Totals])[], from: number, to: number): Totals => {
  const sum = {
    spend: 0,
    purchases: 0,
    earned: {} as Record<string, number>,
    activities: {} as Record<string, number>,
  };
  for (const [day, one] of buckets) {
    if (day < from || day > to) continue;
    sum.spend += one.spend;
    sum.purchases += one.purchases;
    for (const kind of ['earned', 'activities'] as const)
      for (const [key, count] of Object.entries(one[kind])) sum[kind][key] = (sum[kind][key] ?? 0) + count;
  }
  return sum;
};

export interface GeneratedMember {
  readonly state: MemberState;
  readonly person: Person | null;
  readonly days: ReadonlyMap<number, Totals>;
}

export const aMember = (random: Random, id: number): GeneratedMember => {
  const days = new Map<number, Totals>();
  for (let left = random.below(6); left > 0; left--) {
    const age = random.chance(0.5)
      ? random.pick([0, 6, 7, 29, 30, 59, 60, 364, 365, 89, 90, 58, 57])
      : random.below(400);
    days.set(today - age, bucket(random));
  }
  const enrolled_at = random.chance(0.2)
    ? Date.parse(`202${random.pick([4, 5, 7])}-02-28T${random.pick(['22:59:59.999', '23:00:00.000', '10:00:00.000'])}Z`)
    : anInstant(random);
  const enrolledDay = calendar.dayOf(enrolled_at);
  const windows = Object.fromEntries(
    WINDOWS.map((window) => [
      window,
      { ...sumOf([...days], windowStart(window, today, enrolledDay), today), from: today - 500 },
    ]),
  );
  const maybe = <T>(value: T): T | null => (random.chance(0.7) ? value : null);
  const account = () => ({
    ...emptyAccount,
    available: random.pick(AMOUNTS.filter((amount) => amount >= 0)),
    pending: random.below(4),
    debt: random.below(3),
    redeemed: random.below(1000),
    expired: random.below(3),
  });
  return {
    days,
    person: random.chance(0.02) ? null : personOf(random),
    state: state({
      member_id: id as MemberId,
      external_id: `m-${id}`,
      status: random.pick(['active', 'active', 'suspended', 'closed']),
      enrolled_at,
      accounts: { points: account(), ...(random.chance(0.5) ? { miles: account() } : {}) },
      totals: {
        ...sumOf([...days], 0, today),
        spend: random.pick(AMOUNTS),
        purchases: random.pick([0, 0, 1, 2, 3, 7]),
      },
      first_purchase_at: maybe(anInstant(random)),
      last_purchase_at: maybe(anInstant(random)),
      windows,
      tiers: {
        ...(random.chance(0.7)
          ? { status: tierHeld(maybe(random.pick(['bronze', 'silver', 'gold', 'platinum'])), anInstant(random)) }
          : {}),
        ...(random.chance(0.5) ? { club: tierHeld(maybe(random.pick(['friend', 'insider'])), anInstant(random)) } : {}),
      },
      segments: Object.fromEntries(
        ['lapsed', 'vip', 'new'].filter(() => random.chance(0.4)).map((code) => [code, { since: now, number: 1 }]),
      ),
      nps: maybe({ score: random.below(11), at: anInstant(random) }),
    }),
  };
};

const WITH_WINDOW = ['spend', 'purchases', 'earned_points', 'average_purchase', 'activities'];
const WITH_WALLET = [
  'earned_points',
  'available_points',
  'pending_points',
  'debt_points',
  'redeemed_points',
  'expired_points',
];
const INTEGERS = [...WITH_WINDOW, ...WITH_WALLET, 'days_enrolled', 'nps', 'attributes.children', 'spend', 'purchases'];
/** Members are enrolled so many days ago, or a day more. */
const DAYS = [0, 1, 2, 7, 8, 30, 90, 365, 366, 2 ** 40];
const INSTANTS = ['enrolled_at', 'tier_since', 'first_purchase_at', 'last_purchase_at', 'nps_at', 'attributes.seen_at'];
const STRINGS: Record<string, readonly string[]> = {
  status: ['active', 'suspended', 'closed'],
  tier: ['bronze', 'silver', 'gold'],
  language: ['fr', 'en', 'FR'],
  country: ['FR', 'BE'],
  acquisition_source: ['web', 'shop'],
  acquisition_medium: ['email', 'x'],
  acquisition_campaign: ['x'],
  'attributes.shop': ['lyon', 'paris', 'nice'],
  'attributes.nickname': TEXTS,
};
const SEARCHED = ['s', 'a', 'f', 'A', '%', '_', '\\', "'", '😀', 'old'];

const integerReference = (random: Random): FieldReference => {
  const field = random.pick(INTEGERS);
  return {
    field,
    ...(WITH_WINDOW.includes(field) && random.chance(0.25) ? { window: random.pick(WINDOWS) } : {}),
    ...(WITH_WALLET.includes(field) && random.chance(0.4) ? { wallet: random.pick(['points', 'miles']) } : {}),
    ...(field === 'activities' ? { activity: random.pick(['visit', 'workshop', 'review']) } : {}),
  };
};

/** Numbers alone are no calculation that is taken when it overflows, nor is a division by 0. */
const aCalculation = (random: Random, depth: number): Calc => {
  const calc = random.pick(['+', '-', '*', '/'] as const);
  const [left, right] = [anOperand(random, depth + 1), anOperand(random, depth + 1)];
  return {
    calc,
    of: [typeof left === 'number' ? integerReference(random) : left, calc === '/' && right === 0 ? 3 : right],
  };
};

const anOperand = (random: Random, depth: number): NumberOperand => {
  const kind = random.below(depth > 2 ? 2 : 3);
  if (kind === 0) return random.pick(AMOUNTS);
  return kind === 1 ? integerReference(random) : aCalculation(random, depth);
};

const some = <T>(random: Random, values: readonly T[]): T[] =>
  Array.from({ length: 1 + random.below(6) }, () => random.pick(values));

const integerTest = (
  random: Random,
  amounts: readonly number[] = AMOUNTS,
): { op: Operator; value: NumberOperand | number[] } => {
  const op = random.pick(['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'not_in', 'between'] as const);
  if (op === 'between') {
    const [a, b] = [random.pick(amounts), random.pick(amounts)];
    return { op, value: [Math.min(a, b), Math.max(a, b)] };
  }
  if (op === 'in' || op === 'not_in') return { op, value: some(random, amounts) };
  return { op, value: random.chance(0.8) ? random.pick(amounts) : anOperand(random, 1) };
};

const schemed = (random: Random, field: string) =>
  field.startsWith('tier') && random.chance(0.4) ? { scheme: random.pick(['status', 'club']) } : {};

const aString = (random: Random): Condition => {
  const field = random.pick(Object.keys(STRINGS));
  const scheme = schemed(random, field);
  const values = 'scheme' in scheme && scheme.scheme === 'club' ? ['friend', 'insider'] : (STRINGS[field] ?? []);
  const op = random.pick(['eq', 'ne', 'in', 'not_in', 'starts_with', 'contains'] as const);
  const value =
    op === 'in' || op === 'not_in' ? some(random, values) : random.pick(op === 'eq' || op === 'ne' ? values : SEARCHED);
  return { field, ...scheme, op, value };
};

const anInstantTest = (random: Random): Condition => {
  const field = random.pick(INSTANTS);
  const op = random.pick(['before', 'after', 'within_last', 'older_than'] as const);
  const value = op === 'before' || op === 'after' ? instantText(anInstant(random)) : random.pick(LENGTHS);
  return { field, ...schemed(random, field), op, value };
};

const aDate = (random: Random): Condition => {
  const field = random.pick(['birth_date', 'attributes.wedding']);
  if (random.chance(0.5)) return { field, op: 'anniversary_within', value: `${random.pick([0, 1, 2, 30, 364, 365])}d` };
  return {
    field,
    op: random.pick(['before', 'after']),
    value: random.chance(0.5) ? random.pick(DATES) : dayText(today),
  };
};

const aSet = (random: Random): Condition => {
  const segments = random.chance(0.5);
  const [field, values] = segments
    ? ['segments', ['lapsed', 'vip', 'new']]
    : ['attributes.tags', ['vegan', 'runner', 'reader']];
  return random.chance(0.5)
    ? { field, op: 'has', value: random.pick(values) }
    : { field, op: 'has_any', value: some(random, values) };
};

const aLeaf = (random: Random): Condition => {
  const kind = random.below(12);
  if (kind < 3) {
    const reference = integerReference(random);
    return { ...reference, ...integerTest(random, reference.field === 'days_enrolled' ? DAYS : AMOUNTS) };
  }
  if (kind < 5) return aString(random);
  if (kind < 7) return anInstantTest(random);
  if (kind === 7) return aDate(random);
  if (kind === 8) return aSet(random);
  if (kind === 9)
    return {
      field: random.pick(['attributes.newsletter', 'consents.news', 'consents.other']),
      op: random.pick(['eq', 'ne']),
      value: random.chance(0.5),
    };
  if (kind === 10) return { ...aCalculation(random, 0), ...integerTest(random) };
  const field = random.pick([
    ...INSTANTS,
    ...Object.keys(STRINGS),
    'birth_date',
    'consents.news',
    'nps',
    'average_purchase',
  ]);
  return { field, ...schemed(random, field), op: 'exists' };
};

export const aCondition = (random: Random, depth = 1): Condition => {
  const kind = random.below(depth > 3 ? 2 : 5);
  if (kind < 2) return aLeaf(random);
  if (kind === 2) return { not: aCondition(random, depth + 1) };
  const children = Array.from({ length: 1 + random.below(3) }, () => aCondition(random, depth + 1));
  return kind === 3 ? { all: children } : { any: children };
};
