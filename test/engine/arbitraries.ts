import fc from 'fast-check';
import type { MemberCommand } from '../../src/engine/decide.ts';
import { WINDOWS } from '../../src/model/condition.ts';
import type { LoadedMember } from '../../src/model/decision.ts';
import type { WalletExpiry } from '../../src/model/duration.ts';
import type { EarnRule } from '../../src/model/earn-rule.ts';
import { type Instant, instantText } from '../../src/model/instant.ts';
import type { LineFilter } from '../../src/model/line-filter.ts';
import { ROUNDINGS } from '../../src/model/points.ts';
import type { PurchaseLine } from '../../src/model/purchase.ts';
import type { Tier } from '../../src/model/tier.ts';
import type { Wallet } from '../../src/model/wallet.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { adjust, capture, hold, line, purchase, put, redeem, refund, voiding } from '../helpers/given.ts';
import { fixed, type ProgramParts, perAmount, tier } from '../helpers/programs.ts';

/* Random programs and random stories of a member, small enough that much happens in them. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const duration = fc.constantFrom('P1D', 'P2D', 'P7D', 'P2W', 'P1M', 'P3M', 'P1Y');
const expiry: fc.Arbitrary<WalletExpiry> = fc.record({
  after: duration,
  round_up_to: fc.constantFrom(null, null, 'month', 'quarter', 'year'),
  sliding: fc.constantFrom(
    null,
    null,
    { renewed_by: ['purchase'] },
    { renewed_by: ['redemption'] },
    { renewed_by: ['purchase', 'redemption'] },
  ),
});

const wallet: fc.Arbitrary<Partial<Wallet>> = fc.record({
  redeemable: fc.constantFrom(true, true, true, false),
  rounding: fc.constantFrom(...ROUNDINGS),
  pending: fc.oneof(fc.constant(null), duration),
  expiry: fc.oneof(fc.constant(null), expiry),
  value: fc.constantFrom(null, { points: 100, amount: 50 }),
});

const SKUS = ['shoe', 'sock', 'card'];
const CATEGORIES = ['wear', 'new'];

const earnRule = (wallets: readonly string[]): fc.Arbitrary<EarnRule> => {
  const parts = {
    wallet: fc.constantFrom(...wallets),
    lines: fc.constantFrom<LineFilter | null>(
      null,
      { sku_in: ['shoe'] },
      { category_in: ['new'] },
      { sku_not_in: ['card'], category_not_in: ['new'] },
    ),
    from: fc.constantFrom(null, null, '2026-03-01T00:00:00Z'),
    until: fc.constantFrom(null, null, '2026-09-01T00:00:00Z'),
  };
  const byAmount = fc
    .record({
      ...parts,
      points: fc.integer({ min: 1, max: 20 }),
      per: fc.constantFrom(1, 7, 100, 300),
      rounding: fc.constantFrom(null, ...ROUNDINGS),
    })
    .map(({ points, per, ...rest }) => perAmount(points, per, rest));
  const once = fc
    .record({ ...parts, points: fc.integer({ min: 1, max: 50 }) })
    .map(({ points, ...rest }) => fixed(points, rest));
  return fc.oneof(byAmount, once);
};

const tiers = (wallets: readonly string[]): fc.Arbitrary<Record<string, Tier>> => {
  const one = fc
    .record({
      scheme: fc.constantFrom('status', 'club'),
      field: fc.constantFrom('spend', 'purchases', 'earned_points'),
      value: fc.integer({ min: 1, max: 40 }),
      wallet: fc.constantFrom(...wallets),
      window: fc.constantFrom(undefined, ...WINDOWS, '7d', '30d'),
    })
    .map(({ field, value, wallet, window, scheme }) => ({ field, value, wallet, window, scheme }) as const);
  const unit = { spend: 250, purchases: 1, earned_points: 10 };
  return fc.array(one, { maxLength: 4 }).map((list) =>
    Object.fromEntries(
      list.map(({ field, value, wallet, window, scheme }, index) => [
        `t${index}`,
        tier(index + 1, field, field === 'purchases' ? Math.ceil(value / 8) : value * unit[field], {
          scheme,
          ...(field === 'earned_points' ? { wallet } : {}),
          ...(window === undefined ? {} : { window }),
        }),
      ]),
    ),
  );
};

const policies = fc.record({
  count_tax: fc.boolean(),
  count_shipping: fc.boolean(),
  sum_tolerance: fc.constantFrom(0, 0, 3),
  late_report_days: fc.constantFrom(null, 30, 400),
  debt_recovery_percent: fc.constantFrom(0, 33, 100),
  expired_refund_grace_days: fc.constantFrom(null, null, 1, 20),
  earn_on_points_paid: fc.boolean(),
});

const rulesAndTiers = (wallets: readonly string[]): fc.Arbitrary<ProgramParts> =>
  fc.record({
    rules: fc
      .array(earnRule(wallets), { maxLength: 5 })
      .map((list) => Object.fromEntries(list.map((rule, index) => [`r${index}`, rule]))),
    tiers: tiers(wallets),
    policies,
  });

/** A program in its first revision and in a second one, which other rules and tiers make. */
export const programs: fc.Arbitrary<readonly [ProgramParts, ProgramParts]> = fc
  .record({
    zone: fc.constantFrom('Europe/Paris', 'UTC', 'America/New_York', 'Pacific/Auckland'),
    wallets: fc.array(wallet, { minLength: 1, maxLength: 3 }),
  })
  .chain(({ zone, wallets: list }) => {
    const wallets = Object.fromEntries(list.map((item, index) => [['points', 'miles', 'status'][index], item]));
    const both = rulesAndTiers(Object.keys(wallets));
    return fc.tuple(both, both).map(
      ([a, b]) =>
        [
          { ...a, zone, wallets, revision: 1 },
          { ...b, zone, wallets, revision: 2 },
        ] as const,
    );
  });

const price = fc.oneof(fc.nat(300), fc.nat(5_000), fc.constant(0));
const lines: fc.Arbitrary<PurchaseLine[]> = fc.array(
  fc
    .record({
      total: price,
      sku: fc.constantFrom(...SKUS),
      categories: fc.constantFrom([], ['wear'], ['new'], CATEGORIES),
    })
    .map(({ total, ...more }) => line(total, more)),
  { minLength: 1, maxLength: 4 },
);

/** What a member does next. Amounts that depend on the balance are shares of it, in percent. */
export type Deed =
  | {
      readonly kind: 'buy';
      readonly lines: PurchaseLine[];
      readonly lateDays: number | null;
      readonly shipping: number;
      readonly tax: number;
      readonly included: boolean;
      readonly wrong: boolean;
      /** What is paid with points, in percent, and which holds are captured. */
      readonly paid: number;
      readonly captures: readonly number[];
    }
  | { readonly kind: 'hold'; readonly percent: number; readonly wallet: number; readonly hours: number | null }
  | { readonly kind: 'capture' | 'refund'; readonly percent: number | null; readonly which: number }
  | { readonly kind: 'void'; readonly which: number }
  | { readonly kind: 'redeem' | 'take'; readonly percent: number; readonly wallet: number; readonly allowDebt: boolean }
  | {
      readonly kind: 'give';
      readonly points: number;
      readonly wallet: number;
      readonly days: number | null | undefined;
    }
  | { readonly kind: 'suspend_member' | 'reactivate_member' | 'close_member' | 'settle_member' | 'put' | 'revise' };

/** What may become of points held and captured. */
export const redemptionDeeds: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('hold'),
      percent: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(100, 101)),
      wallet: fc.nat(12),
      hours: fc.constantFrom(null, 1, 30, 24 * 7, 24 * 30, 24 * 31),
    }) as fc.Arbitrary<Deed>,
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('capture', 'refund', 'refund', 'void'),
      percent: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 110 })),
      which: fc.nat(30),
    }) as fc.Arbitrary<Deed>,
  },
);

export const deeds: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('buy'),
      lines,
      lateDays: fc.oneof(
        { weight: 4, arbitrary: fc.constant(null) },
        { weight: 3, arbitrary: fc.integer({ min: 0, max: 3 }) },
        { weight: 2, arbitrary: fc.integer({ min: 0, max: 40 }) },
        { weight: 1, arbitrary: fc.integer({ min: -1, max: 390 }) },
      ),
      shipping: fc.constantFrom(0, 0, 490),
      tax: fc.constantFrom(0, 0, 20),
      included: fc.boolean(),
      wrong: fc.constantFrom(...Array(12).fill(false), true),
      paid: fc.constantFrom(0, 0, 0, 30, 100),
      captures: fc.oneof(
        { weight: 5, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(fc.nat(30), { maxLength: 2 }) },
      ),
    }) as fc.Arbitrary<Deed>,
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('redeem', 'take'),
      percent: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(100, 101, 150)),
      wallet: fc.nat(12),
      allowDebt: fc.boolean(),
    }) as fc.Arbitrary<Deed>,
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('give'),
      points: fc.integer({ min: 1, max: 200 }),
      wallet: fc.nat(12),
      days: fc.constantFrom(undefined, null, 1, 10, 60),
    }) as fc.Arbitrary<Deed>,
  },
  { weight: 6, arbitrary: redemptionDeeds },
  { weight: 2, arbitrary: fc.constant<Deed>({ kind: 'settle_member' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Deed>(
      { kind: 'put' },
      { kind: 'revise' },
      { kind: 'suspend_member' },
      { kind: 'reactivate_member' },
      { kind: 'reactivate_member' },
    ),
  },
);
export const closings = fc.constantFrom<Deed>({ kind: 'close_member' }, { kind: 'settle_member' });

/** How far the clock moves before the next deed. Instances' clocks differ, so it may move back a little. */
export type Advance = number | 'to midnight';

export const advances: fc.Arbitrary<Advance> = fc.oneof(
  fc.constant(0),
  fc.constant<Advance>('to midnight'),
  fc.integer({ min: 0, max: 2 * HOUR }),
  fc.integer({ min: 0, max: 3 * DAY }),
  fc.integer({ min: 0, max: 40 * DAY }),
  fc.constantFrom(DAY, 10 * DAY, 60 * DAY),
  fc.constantFrom(-1, -2 * HOUR, -3 * DAY, 400 * DAY),
);

/** Much happens at midnight, so stories often stand exactly there. */
export const moved = (now: Instant, advance: Advance, { calendar }: Rules): Instant =>
  advance === 'to midnight' ? calendar.startOf(calendar.dayOf(now) + 1) : now + advance;

export interface Step {
  readonly advance: Advance;
  readonly deed: Deed;
}

export const steps = (maxLength: number): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      fc.array(fc.record({ advance: advances, deed: deeds }), { minLength: 3, maxLength, size: 'max' }),
      fc.record({ advance: advances, deed: closings }),
    )
    .map(([list, last]) => [...list, last]);

export const startsAt = Date.parse('2026-01-15T10:00:00Z');

const shareOf = (points: number, percent: number | null): number | undefined =>
  percent === null ? undefined : Math.max(1, Math.floor((points * percent) / 100));

/** The command a deed comes to for a member as it stands. The rules are revised before the command that `revise` is. */
export const commandOf = (
  deed: Deed,
  { state, redemptions }: Pick<LoadedMember, 'state' | 'redemptions'>,
  now: Instant,
  id: string,
): MemberCommand => {
  const known = [...Object.keys(state.accounts), 'points'];
  const walletOf = (index: number) => (index === 0 ? 'nowhere' : known[index % known.length]!);
  const holds = (state.holds ?? []).map((open) => open.id);
  const heldAs = (which: number) =>
    holds[which % Math.max(1, holds.length)] ?? [...redemptions.keys()][which] ?? 'none';
  switch (deed.kind) {
    case 'hold': {
      const wallet = walletOf(deed.wallet);
      const points = Math.max(1, Math.floor(((state.accounts[wallet]?.available ?? 0) * deed.percent) / 100));
      const until = deed.hours === null ? {} : { hold: { expires_at: instantText(now + deed.hours * HOUR) } };
      return hold(id, points, { wallet, ...until });
    }
    case 'void':
      return voiding(heldAs(deed.which));
    case 'capture': {
      const name = heldAs(deed.which);
      const held = (state.holds ?? []).find((open) => open.id === name)?.points ?? 1;
      return capture(name, shareOf(held, deed.percent));
    }
    case 'refund': {
      const all = [...redemptions.values()];
      const row = all[deed.which % Math.max(1, all.length)];
      return refund(row?.redemption_id ?? 'none', shareOf(row?.points ?? 1, deed.percent));
    }
    case 'buy': {
      const net = deed.lines.reduce((sum, { total }) => sum + total, deed.shipping);
      const tax = { amount: Math.floor((net * deed.tax) / 100), included: deed.included };
      const total = net + (deed.included ? 0 : tax.amount) + (deed.wrong ? 7 : 0);
      const captures = [...new Set(deed.captures.map(heldAs))];
      const more = {
        id,
        shipping: deed.shipping,
        tax,
        total,
        ...(deed.paid === 0 ? {} : { paid_with_points: Math.floor((total * deed.paid) / 100) }),
        ...(captures.length === 0 ? {} : { capture_redemptions: captures }),
      };
      return purchase(
        deed.lines,
        deed.lateDays === null ? more : { ...more, occurred_at: instantText(now - deed.lateDays * DAY) },
      );
    }
    case 'redeem':
    case 'take': {
      const wallet = walletOf(deed.wallet);
      const available = state.accounts[wallet]?.available ?? 0;
      const points = Math.max(1, Math.floor((available * deed.percent) / 100));
      const command =
        deed.kind === 'redeem' ? redeem(points, wallet) : adjust(-points, { wallet, allow_debt: deed.allowDebt });
      return command.kind === 'redeem_points' ? { ...command, request: { ...command.request, id } } : command;
    }
    case 'give': {
      const wallet = walletOf(deed.wallet);
      const expires =
        deed.days === undefined ? {} : { expires_at: deed.days === null ? null : instantText(now + deed.days * DAY) };
      return adjust(deed.points, { wallet, ...expires });
    }
    case 'put':
    case 'revise':
      return put({ profile: { given_name: id } }, { replace: false });
    default:
      return { kind: deed.kind, member_id: state.member_id };
  }
};
