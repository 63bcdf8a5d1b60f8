import fc from 'fast-check';
import { test } from 'tap';
import type { MemberCommand } from '../../src/engine/decide.ts';
import type { LoadedMember } from '../../src/model/decision.ts';
import { instantText } from '../../src/model/instant.ts';
import type { MemberState } from '../../src/model/member-state.ts';
import { isNothing } from '../../src/model/totals.ts';
import { given, settle } from '../helpers/given.ts';
import { opening, past } from '../helpers/moving.ts';
import { perAmount, program, segmentOn, tier, tierOn } from '../helpers/programs.ts';

/* Whatever is imported in whichever order, members stand the same. */

const NOW = Date.parse('2026-03-10T10:00:00Z');
const DAY = 86_400_000;

const rules = program({
  rules: { base: perAmount(1, 100) },
  wallets: {
    points: { expiry: { after: 'P1Y', round_up_to: null } },
    miles: { expiry: { after: 'P2Y', round_up_to: null, sliding: { renewed_by: ['purchase'] } } },
  },
  tiers: {
    silver: tier(1, 'purchases', 3),
    gold: tier(2, 'purchases', 6),
    bronze: tierOn(1, { field: 'spend', window: '365d', op: 'gte', value: 5_000 }, { scheme: 'year' }),
  },
  segments: { regulars: segmentOn({ field: 'earned_points', wallet: 'points', op: 'gte', value: 100 }) },
});

const ago = (days: number): string => instantText(NOW - days * DAY);
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const days = fc.integer({ min: 0, max: 1_500 });
type Sparse<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const sparse = <T extends object>(value: T): Sparse<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Sparse<T>;

const openings = (wallet: 'points' | 'miles') =>
  fc
    .record({
      lots: fc.array(
        fc.tuple(fc.integer({ min: 1, max: 1_000 }), days, fc.integer({ min: -400, max: 900 }), fc.boolean()),
      ),
      debt: optional(fc.integer({ min: 1, max: 50 })),
      lifetime: fc.record({
        spend: optional(fc.integer({ min: 0, max: 20_000 })),
        purchases: optional(fc.integer({ min: 0, max: 9 })),
        earned: optional(fc.integer({ min: 0, max: 300 })),
        first_purchase_at: optional(days.map(ago)),
        last_purchase_at: optional(days.map(ago)),
      }),
      tier: optional(fc.record({ tier: fc.constantFrom('silver', 'gold'), since: days, until: optional(days) })),
    })
    .map(({ lots, debt, lifetime, tier: held }): MemberCommand => {
      const status =
        held === undefined
          ? {}
          : {
              tiers: {
                status: {
                  tier: held.tier,
                  since: ago(held.since),
                  until: held.until === undefined ? null : ago(-held.until),
                },
              },
            };
      return opening(
        lots.map(([points, earned, expires, never]) => [
          points,
          ago(earned),
          never ? null : ago(-Math.max(expires, 1 - earned)),
        ]),
        { wallet, ...sparse({ debt }), lifetime: sparse(lifetime), ...status },
      );
    });

const purchases = fc
  .array(
    fc.record({
      total: fc.integer({ min: 0, max: 4_000 }),
      day: days,
      given: optional(fc.integer({ min: 1, max: 60 })),
    }),
    {
      maxLength: 7,
    },
  )
  .map((some) =>
    some.map(({ total, day, given: points }, index) =>
      past(total, ago(day), { id: `p-${index}`, ...(points === undefined ? {} : { given: [{ points }] }) }),
    ),
  );

const imports = fc.tuple(openings('points'), openings('miles'), purchases).chain(([points, miles, bought]) => {
  const all = [points, miles, ...bought];
  const order = fc.shuffledSubarray(all, { minLength: all.length });
  return fc.tuple(fc.constant(all), order);
});

/** Of a tier: what it is worth. When it was found, and how often it changed on the way, depends on the order. */
const heldOf = ({ tiers }: MemberState) =>
  Object.fromEntries(
    Object.entries(tiers).flatMap(([scheme, { tier: code, manual }]) =>
      code === null ? [] : [[scheme, { code, manual }]],
    ),
  );

const standing = ({ state, lots, days: buckets }: LoadedMember) => ({
  accounts: Object.fromEntries(
    Object.entries(state.accounts).map(([code, { pending, available, debt, expired, sliding }]) => [
      code,
      { pending, available, debt, expired, slides: sliding?.at },
    ]),
  ),
  lots: [...lots.values()].map(({ lot: _, ...rest }) => JSON.stringify(rest)).sort(),
  days: [...buckets].filter(([, totals]) => !isNothing(totals)).sort(([a], [b]) => a - b),
  totals: state.totals,
  windows: state.windows,
  times: [state.first_purchase_at, state.last_purchase_at],
  tiers: heldOf(state),
  segments: Object.keys(state.segments).sort(),
});

/** Names in one order. */
const sorted = (value: unknown): unknown =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? Array.isArray(value)
      ? value.map(sorted)
      : value
    : Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, one]) => [name, sorted(one)]),
      );

const DATES = [0, 90, 400, 1_000];

test('in whichever order openings and past purchases come, members stand the same, now and later', async (t) => {
  fc.assert(
    fc.property(imports, ([commands, order]) => {
      const run = (some: readonly MemberCommand[]) =>
        some.reduce((story, command) => story.and(instantText(NOW), command), given(t, rules));
      const [one, other] = [run(commands), run(order)];
      for (const date of DATES) {
        const seen = [one, other].map((story) => {
          const { member } = story.and(instantText(NOW + date * DAY), settle);
          return JSON.stringify(sorted(standing(member!)));
        });
        if (seen[0] !== seen[1]) throw new Error(`after ${date} days: ${seen.join('\n')}`);
      }
    }),
    { numRuns: 150 },
  );
  t.pass('they do');
});

test('an opening balance is exact: what was said is there, pending, expired or to be spent', async (t) => {
  fc.assert(
    fc.property(openings('points'), (command) => {
      if (command.kind !== 'open_balance') return;
      const { member } = given(t, rules).and(instantText(NOW), command);
      const { lots, debt = 0 } = command.request;
      const account = member!.state.accounts['points'];
      const alive = lots.filter(({ expires_at: at }) => at === null || at === undefined || Date.parse(at) > NOW);
      const sum = (some: typeof lots) => some.reduce((total, { points }) => total + points, 0);
      if ((account?.available ?? 0) !== sum(alive) || (account?.expired ?? 0) !== sum(lots) - sum(alive))
        throw new Error('other points than were said');
      if ((account?.debt ?? 0) !== debt) throw new Error('another debt');
    }),
    { numRuns: 100 },
  );
  t.pass('it is');
});
