import fc from 'fast-check';
import type { MemberCommand } from '../../src/engine/decide.ts';
import type { Attribute, AttributeValue } from '../../src/model/attribute.ts';
import { type Condition, WINDOWS, type Window } from '../../src/model/condition.ts';
import type { Configuration } from '../../src/model/configuration.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { ProgramId } from '../../src/model/ids.ts';
import { type Instant, instantText } from '../../src/model/instant.ts';
import type { MemberState } from '../../src/model/member-state.ts';
import type { Segment } from '../../src/model/segment.ts';
import { DOWNGRADES, type Tier } from '../../src/model/tier.ts';
import type { Wallet } from '../../src/model/wallet.ts';
import { compileRules, type Rules } from '../../src/rules/rules.ts';
import { ada, adjust, purchase, put, redeem } from '../helpers/given.ts';
import { configurationOf, perAmount, segmentOn, tierOn } from '../helpers/programs.ts';
import type { Fact, NaiveProgram } from './naive-status.ts';

/* Random tiers and segments that read each other without a circle, and what members do under them. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const SCHEMES = ['status', 'club'] as const;
const SEGMENTS = ['s0', 's1', 's2', 's3', 's4'] as const;

const window = fc.constantFrom<(Window | undefined)[]>(undefined, ...WINDOWS, '7d', '7d', '30d');
const windowed = <T extends object>(base: T, value: Window | undefined): T & { window?: Window } =>
  value === undefined ? base : { ...base, window: value };
const length = fc.constantFrom('1h', '1d', '36h', '7d', '30d', '90d');
const passed = fc.constantFrom('within_last', 'older_than');
const order = fc.constantFrom('gte', 'gte', 'gt', 'lt', 'lte');

/** A condition, or what becomes one once it is known which schemes and segments it may read. */
type Leaf = (may: Readable) => Condition;
interface Readable {
  readonly schemes: readonly { readonly code: string; readonly tiers: readonly string[] }[];
  readonly segments: readonly string[];
}
const plain = (arbitrary: fc.Arbitrary<Condition>): fc.Arbitrary<Leaf> => arbitrary.map((condition) => () => condition);

const spendOrCount: fc.Arbitrary<Leaf> = plain(
  fc.oneof(
    fc
      .record({ window, op: order, value: fc.integer({ min: 1, max: 40 }) })
      .map(({ window: of, op, value }) => windowed({ field: 'spend', op, value: value * 250 }, of)),
    fc
      .record({ window, op: order, value: fc.integer({ min: 1, max: 4 }) })
      .map(({ window: of, op, value }) => windowed({ field: 'purchases', op, value }, of)),
  ),
);

const entryLike: fc.Arbitrary<Leaf> = plain(
  fc.oneof(
    fc
      .record({ window, value: fc.integer({ min: 1, max: 24 }) })
      .map(({ window: of, value }) => windowed({ field: 'spend', op: 'gte', value: value * 250 } as const, of)),
    fc
      .record({ window, value: fc.integer({ min: 1, max: 3 }) })
      .map(({ window: of, value }) => windowed({ field: 'purchases', op: 'gte', value } as const, of)),
    fc.integer({ min: 1, max: 60 }).map((value) => ({ field: 'available_points', op: 'gte', value }) as const),
  ),
);

const others: fc.Arbitrary<Leaf> = plain(
  fc.oneof(
    fc
      .record({ window, op: order, value: fc.integer({ min: 1, max: 60 }) })
      .map(({ window: of, op, value }) => windowed({ field: 'average_purchase', op, value: value * 100 }, of)),
    fc
      .record({ window, op: order, value: fc.integer({ min: 1, max: 90 }) })
      .map(({ window: of, op, value }) => windowed({ field: 'earned_points', op, value }, of)),
    fc
      .record({ window, activity: fc.constantFrom('review', 'visit'), value: fc.integer({ min: 1, max: 2 }) })
      .map(({ window: of, activity, value }) =>
        windowed({ field: 'activities', activity, op: 'gte', value } as const, of),
      ),
    fc.record({ field: fc.constant('available_points'), op: order, value: fc.integer({ min: 0, max: 60 }) }),
    fc.record({
      field: fc.constantFrom('last_purchase_at', 'last_purchase_at', 'first_purchase_at', 'nps_at', 'enrolled_at'),
      op: passed,
      value: length,
    }),
    fc.record({ field: fc.constant('attributes.renewal'), op: passed, value: length }),
    fc.constantFrom<Condition>(
      { field: 'attributes.vip', op: 'eq', value: true },
      { field: 'attributes.plan', op: 'eq', value: 'pro' },
      { field: 'attributes.plan', op: 'ne', value: 'pro' },
      { field: 'attributes.plan', op: 'not_in', value: ['pro', 'max'] },
      { field: 'attributes.plan', op: 'exists' },
      { field: 'attributes.level', op: 'between', value: [2, 4] },
      { field: 'attributes.tags', op: 'has', value: 'red' },
      { field: 'attributes.tags', op: 'has_any', value: ['red', 'blue'] },
      { field: 'nps', op: 'gte', value: 7 },
      { field: 'nps', op: 'between', value: [0, 6] },
      { field: 'status', op: 'eq', value: 'suspended' },
      { field: 'spend', window: '30d', op: 'gt', value: { field: 'spend', window: 'calendar_year' } },
      {
        calc: '-',
        of: [
          { field: 'spend', window: '30d' },
          { calc: '*', of: [{ field: 'purchases' }, 700] },
        ],
        op: 'gte',
        value: 0,
      },
      { calc: '/', of: [{ field: 'spend' }, { field: 'purchases', window: '7d' }], op: 'gte', value: 3_000 },
    ),
    fc
      .constantFrom('0d', '3d', '30d')
      .map((value) => ({ field: 'birth_date', op: 'anniversary_within', value }) as const),
    fc.oneof(
      fc.record({ field: fc.constant('days_enrolled'), op: order, value: fc.integer({ min: 0, max: 120 }) }),
      fc.nat(90).map((from) => ({ field: 'days_enrolled', op: 'between', value: [from, from + 9] }) as const),
      fc.nat(90).map((value) => ({ field: 'days_enrolled', op: 'eq', value }) as const),
    ),
  ),
);

const fallback: Condition = { field: 'purchases', op: 'gte', value: 1 };

const heldOnes: fc.Arbitrary<Leaf> = fc
  .record({
    kind: fc.constantFrom('tier', 'since', 'segment'),
    pick: fc.nat(20),
    second: fc.nat(20),
    op: fc.constantFrom('eq', 'ne', 'in', 'exists', 'not_in'),
    passed,
    length,
    any: fc.boolean(),
  })
  .map((chosen) => ({ schemes, segments }) => {
    const scheme = schemes[chosen.pick % Math.max(1, schemes.length)];
    const segment = segments[chosen.pick % Math.max(1, segments.length)];
    if (chosen.kind === 'segment' && segment !== undefined) {
      const other = segments[chosen.second % segments.length] ?? segment;
      return chosen.any
        ? { field: 'segments', op: 'has_any', value: [...new Set([segment, other])] }
        : { field: 'segments', op: 'has', value: segment };
    }
    if (scheme === undefined) return fallback;
    if (chosen.kind === 'since')
      return { field: 'tier_since', scheme: scheme.code, op: chosen.passed as 'within_last', value: chosen.length };
    const tier = scheme.tiers[chosen.second % scheme.tiers.length]!;
    const base = { field: 'tier', scheme: scheme.code } as const;
    if (chosen.op === 'exists') return { ...base, op: 'exists' };
    return { ...base, op: chosen.op as 'eq', value: chosen.op.endsWith('in') ? [tier] : tier };
  });

const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  { weight: 3, arbitrary: spendOrCount },
  { weight: 4, arbitrary: others },
  { weight: 4, arbitrary: heldOnes },
);

const combined = (of: fc.Arbitrary<Leaf>): fc.Arbitrary<Leaf> =>
  fc.oneof(
    { weight: 4, arbitrary: of },
    {
      weight: 2,
      arbitrary: fc.record({ list: fc.array(of, { minLength: 2, maxLength: 3 }), all: fc.boolean() }).map(
        ({ list, all }): Leaf =>
          (may) => {
            const children = list.map((child) => child(may));
            return all ? { all: children } : { any: children };
          },
      ),
    },
    {
      weight: 1,
      arbitrary: of.map(
        (child): Leaf =>
          (may) => ({ not: child(may) }),
      ),
    },
  );

const condition = combined(combined(leaf));

const duration = fc.constantFrom('P1D', 'P3D', 'P7D', 'P2W', 'P1M', 'P3M');

const tier = fc.record({
  entry: fc.oneof({ weight: 3, arbitrary: entryLike }, { weight: 2, arbitrary: condition }),
  exit: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: condition }),
  rest: fc.record({
    minimum_stay: fc.oneof(
      { weight: 2, arbitrary: fc.constant(null) },
      {
        weight: 1,
        arbitrary: fc.record({ after: duration, round_up_to: fc.constantFrom(null, null, 'month', 'quarter', 'year') }),
      },
    ) as fc.Arbitrary<Tier['minimum_stay']>,
    grace: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: duration }),
    downgrade: fc.constantFrom(...DOWNGRADES, 'reassess', 'reassess', 'one_level'),
  }),
});

const segment = fc.record({
  condition,
  exit: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: condition }),
});

interface Parts {
  readonly order: readonly string[];
  readonly tiers: Record<string, Tier>;
  readonly segments: Record<string, Segment>;
}

/** Tiers and segments, each reading only what comes before it in `order`. */
const parts: fc.Arbitrary<Parts> = fc
  .record({
    status: fc.array(tier, { minLength: 1, maxLength: 3 }),
    club: fc.array(tier, { maxLength: 2 }),
    segments: fc.array(segment, { minLength: 1, maxLength: 5 }),
    which: fc.shuffledSubarray([...SEGMENTS], { minLength: 5 }),
    order: fc.shuffledSubarray([...SCHEMES, ...SEGMENTS], { minLength: 7 }),
  })
  .map((drawn) => {
    const may = { schemes: [] as { code: string; tiers: string[] }[], segments: [] as string[] };
    const made: Parts & { order: string[] } = { order: [], tiers: {}, segments: {} };
    for (const code of drawn.order) {
      if (code === 'status' || code === 'club') {
        const tiers = drawn[code].map(
          (one, index) =>
            [
              `${code}-${index + 1}`,
              tierOn(index + 1, one.entry(may), { ...one.rest, scheme: code, exit: one.exit?.(may) ?? null }),
            ] as const,
        );
        if (tiers.length === 0) continue;
        Object.assign(made.tiers, Object.fromEntries(tiers));
        made.order.push(`scheme:${code}`);
        may.schemes.push({ code, tiers: tiers.map(([name]) => name) });
      } else {
        const one = drawn.segments[drawn.which.indexOf(code)];
        if (one === undefined) continue;
        made.segments[code] = segmentOn(one.condition(may), one.exit?.(may) ?? null);
        made.order.push(`segment:${code}`);
        may.segments.push(code);
      }
    }
    return made;
  });

const attribute = (type: Attribute['type'], values: string[] | null = null): Attribute => ({
  name: 'Attribute',
  type,
  values,
  personal: false,
});

/** A program in one of its two revisions: for the engine, for a database, and for whoever counts again. */
export interface StatusProgram {
  readonly zone: string;
  readonly configuration: Configuration;
  readonly rules: Rules;
  readonly naive: NaiveProgram;
}

const statusProgram = (
  { zone, expiringDays, wallet }: Pick<StatusParts, 'zone' | 'expiringDays' | 'wallet'>,
  revision: number,
  { order: ofNodes, tiers, segments }: Parts,
  before: Parts | null,
): StatusProgram => {
  const made = configurationOf({
    revision,
    wallets: { points: wallet },
    rules: { base: perAmount(1, 100) },
    tiers,
    segments,
    attributes: {
      vip: attribute('boolean'),
      plan: attribute('string', ['free', 'pro', 'max']),
      level: attribute('integer'),
      tags: attribute('set'),
      renewal: attribute('instant'),
    },
    policies: { tier_expiring_days: expiringDays, late_report_days: 400 },
  });
  const archived = <B>(bodies: Readonly<Record<string, B>>, kept: object) =>
    Object.fromEntries(
      Object.entries(bodies)
        .filter(([code]) => !(code in kept))
        .map(([code, body]) => [code, { revision, archived: true, body }]),
    );
  const configuration: Configuration = {
    ...made,
    tiers: { ...archived(before?.tiers ?? {}, tiers), ...made.tiers },
    segments: { ...archived(before?.segments ?? {}, segments), ...made.segments },
  };
  return {
    zone,
    configuration,
    rules: compileRules({ program_id: 1 as ProgramId, currency: 'EUR', time_zone: zone }, revision, configuration),
    naive: { zone, order: ofNodes, tiers, segments, expiringDays },
  };
};

/** What two revisions of a program are made of: few words, for whoever reads a counterexample. */
export interface StatusParts {
  readonly zone: string;
  readonly expiringDays: number | null;
  readonly wallet: Pick<Wallet, 'pending' | 'expiry'>;
  readonly first: Parts;
  readonly second: Parts;
}

export const statusParts: fc.Arbitrary<StatusParts> = fc.record({
  zone: fc.constantFrom('Europe/Paris', 'UTC', 'America/New_York', 'Pacific/Auckland', 'America/Santiago'),
  expiringDays: fc.constantFrom(null, 1, 7, 30),
  wallet: fc.record({
    pending: fc.constantFrom(null, null, 'P1D', 'P7D'),
    expiry: fc.constantFrom(
      null,
      null,
      { after: 'P7D', round_up_to: null },
      { after: 'P1M', round_up_to: null },
      { after: 'P1D', round_up_to: 'month' as const },
    ),
  }),
  first: parts,
  second: parts,
});

/** A program as it is first, and as an edit of its tiers and segments makes it. */
export const statusPrograms = ({ first, second, ...frame }: StatusParts): readonly [StatusProgram, StatusProgram] => [
  statusProgram(frame, 1, first, null),
  statusProgram(frame, 2, second, first),
];

export type StatusDeed =
  | { readonly kind: 'buy'; readonly cents: number; readonly late: number | null }
  | {
      readonly kind: 'do';
      readonly type: 'review' | 'visit' | 'survey';
      readonly nps: number;
      readonly late: number | null;
    }
  | { readonly kind: 'redeem'; readonly percent: number }
  | { readonly kind: 'adjust'; readonly points: number }
  | {
      readonly kind: 'attribute';
      readonly name: string;
      readonly value: AttributeValue | null | { readonly in: number };
    }
  | { readonly kind: 'birth'; readonly date: string | null }
  | { readonly kind: 'set'; readonly pick: number; readonly lasts: number | null }
  | { readonly kind: 'lift'; readonly pick: number }
  | { readonly kind: 'suspend_member' | 'reactivate_member' | 'settle_member' | 'revise' };

const late = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 3 * DAY }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 40 * DAY }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 390 * DAY }) },
);

const attributeDeed = fc
  .constantFrom<[string, AttributeValue | null | { in: number }][]>(
    ['vip', true],
    ['vip', false],
    ['vip', null],
    ['plan', 'free'],
    ['plan', 'pro'],
    ['plan', null],
    ['level', 1],
    ['level', 3],
    ['level', null],
    ['tags', ['red', 'green']],
    ['tags', ['blue']],
    ['tags', null],
    ['renewal', { in: 0 }],
    ['renewal', { in: -2 * DAY }],
    ['renewal', { in: 3 * DAY + 1 }],
    ['renewal', null],
  )
  .map(([name, value]) => ({ kind: 'attribute', name, value }) as const);

export const statusDeeds: fc.Arbitrary<StatusDeed> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constant('buy' as const), cents: fc.integer({ min: 0, max: 6_000 }), late }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('do' as const),
      type: fc.constantFrom('review', 'visit', 'survey'),
      nps: fc.integer({ min: 0, max: 10 }),
      late,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('redeem' as const), percent: fc.constantFrom(10, 50, 100, 120) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('adjust' as const), points: fc.constantFrom(-20, -1, 5, 30) }),
  },
  { weight: 4, arbitrary: attributeDeed },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('birth' as const),
      date: fc.constantFrom('1992-02-29', '1988-02-29', '1970-01-20', '1999-03-01', '2001-12-31', null),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      pick: fc.nat(20),
      lasts: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 60 * DAY }), fc.constantFrom(1, DAY, 7 * DAY)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lift' as const), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'settle_member' as const }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { kind: 'revise' as const },
      { kind: 'suspend_member' as const },
      { kind: 'reactivate_member' as const },
    ),
  },
);

/** How far the clock moves: by so much, or to what an instant is due at, or just before. */
export type Move = number | 'to midnight' | 'to due' | 'before due';

export const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<Move[]>(0, 1, 'to midnight') },
  { weight: 3, arbitrary: fc.constantFrom<Move[]>('to due', 'before due') },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2 * HOUR }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 3 * DAY }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 40 * DAY }) },
  { weight: 1, arbitrary: fc.constantFrom<Move[]>(DAY, 7 * DAY, 30 * DAY, 90 * DAY, -1, -2 * HOUR) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 800 * DAY }) },
);

export const afterMove = (now: Instant, move: Move, { calendar }: Rules, due: Instant | null): Instant => {
  switch (move) {
    case 'to midnight':
      return calendar.startOf(calendar.dayOf(now) + 1);
    case 'to due':
      return Math.max(now, due ?? now);
    case 'before due':
      return Math.max(now, (due ?? now) - 1);
    default:
      return now + move;
  }
};

export const statusStartsAt = Date.parse('2026-01-15T10:00:00Z');

/** The command a deed comes to, and what it means once it is accepted. */
export const statusCommand = (
  deed: StatusDeed,
  state: MemberState,
  now: Instant,
  id: string,
  { rules }: StatusProgram,
): { command: MemberCommand; fact: (decision: Decision) => Fact } => {
  const at = Math.max(now, state.recorded_at);
  const occurredAt = (since: number | null) => (since === null ? {} : { occurred_at: instantText(at - since) });
  const occurred = (since: number | null) => (since === null ? at : at - since);
  const schemes = rules.schemes;
  const to = <F extends Fact>(command: MemberCommand, fact: F) => ({ command, fact: () => fact });
  switch (deed.kind) {
    case 'buy':
      return to(purchase(deed.cents, { id, ...occurredAt(deed.late) }), {
        kind: 'purchase',
        occurred: occurred(deed.late),
        spend: deed.cents,
        earned: Math.floor(deed.cents / 100),
      });
    case 'do':
      return to(
        {
          kind: 'record_activity',
          member_id: ada,
          report: {
            id,
            member: 'ada',
            type: deed.type,
            ...occurredAt(deed.late),
            ...(deed.type === 'survey' ? { fields: { nps: deed.nps } } : {}),
          },
        },
        {
          kind: 'activity',
          occurred: occurred(deed.late),
          type: deed.type,
          nps: deed.type === 'survey' ? deed.nps : null,
        },
      );
    case 'redeem': {
      const points = Math.max(1, Math.floor(((state.accounts['points']?.available ?? 0) * deed.percent) / 100));
      const command = redeem(points);
      if (command.kind !== 'redeem_points') throw new Error('it is a redemption');
      return to({ ...command, request: { ...command.request, id } }, { kind: 'nothing' });
    }
    case 'adjust':
      return to(adjust(deed.points), { kind: 'nothing' });
    case 'attribute': {
      const { name } = deed;
      const value =
        typeof deed.value === 'object' && deed.value !== null && 'in' in deed.value
          ? instantText(at + deed.value.in)
          : deed.value;
      return to(put({ attributes: { [name]: value } }, { replace: false }), {
        kind: 'profile',
        attributes: { [name]: value },
        birthDate: undefined,
      });
    }
    case 'birth':
      return to(put({ profile: { birth_date: deed.date } }, { replace: false }), {
        kind: 'profile',
        attributes: {},
        birthDate: deed.date,
      });
    case 'set': {
      const scheme = schemes[deed.pick % schemes.length]!;
      const tier = scheme.tiers[deed.pick % scheme.tiers.length]!.code;
      const until = deed.lasts === null ? null : at + deed.lasts;
      const request = { tier, until: until === null ? null : instantText(until), reason: 'because', actor: 'jane' };
      return to(
        { kind: 'set_tier', member_id: ada, scheme: scheme.code, request },
        { kind: 'by hand', scheme: scheme.code, tier, until },
      );
    }
    case 'lift': {
      const scheme = schemes[deed.pick % schemes.length]!.code;
      return to({ kind: 'lift_tier', member_id: ada, scheme }, { kind: 'lifted', scheme });
    }
    case 'suspend_member':
    case 'reactivate_member':
      return to(
        { kind: deed.kind, member_id: ada },
        { kind: 'status', status: deed.kind === 'suspend_member' ? 'suspended' : 'active' },
      );
    case 'settle_member':
    case 'revise':
      return to({ kind: 'settle_member', member_id: ada }, { kind: 'nothing' });
    default:
      return deed satisfies never;
  }
};
