import type { Command } from '../model/command.ts';
import type { RedemptionRow } from '../model/decision.ts';
import { parseId } from '../model/ids.ts';
import { type EpochDay, type Instant, parseInstant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { MemberState } from '../model/member-state.ts';
import type { RedeemReward } from '../model/redemption.ts';
import { pointsByWallet } from '../model/sums.ts';
import type { Rules } from '../rules/rules.ts';
import { holdsOf } from './draft.ts';
import { lapsedBy } from './holds.ts';
import type { Returning } from './returning.ts';
import { firstDayOf } from './totals.ts';

/** What has to be loaded besides the state row before a command can be decided. */
export interface Needs {
  /** Ranges of day buckets, both ends included. */
  readonly days: readonly { readonly from: EpochDay; readonly to: EpochDay }[];
  /** Whether some condition reads the person. */
  readonly person: boolean;
  /** Whether lots may be due by now. */
  readonly lotsDue: boolean;
  /** Lots by number: those of holds that are due or named, and those a refund goes back into. */
  readonly lots: readonly number[];
  /** Whether every lot that still holds points is needed. */
  readonly allLots: boolean;
  /** Points to be taken from lots in spending order, by wallet. */
  readonly spend: ReadonlyMap<string, number>;
  /** Entitlements and vouchers by number. */
  readonly entitlements: readonly number[];
  readonly vouchers: readonly number[];
}

/** Whether a reassessment is due: with every bucket of the windows it finds the true instant of the next. */
export const wantsWholeWindows = (state: MemberState, command: Command | null, now: Instant): boolean =>
  command?.kind === 'settle_member' || (state.reassess_at !== null && state.reassess_at <= now);

/** What a command takes back of what was given before: when, and as which lots. */
export interface Undone {
  readonly at: readonly Instant[];
  readonly given: readonly { readonly wallet: string; readonly points: number; readonly lot: number }[];
}

const nothingUndone: Undone = { at: [], given: [] };

const entriesGiven = (entries: readonly LedgerEntry[]): Undone => ({
  at: entries.map(({ occurred_at }) => occurred_at),
  given: entries.map(({ wallet, points, sequence }) => ({ wallet, points, lot: sequence })),
});

/** What a return, or the return of a friend's purchase, may take back. */
export const undoneBy = (
  returning: Pick<Returning, 'row' | 'given' | 'triggered'> | undefined,
  credited: readonly LedgerEntry[] = [],
): Undone => {
  const triggered = entriesGiven([...(returning?.triggered ?? []), ...credited]);
  if (returning === undefined) return triggered;
  const own = returning.given.map(({ wallet, points, entry }) => ({ wallet, points, lot: entry }));
  return { at: [returning.row.occurred_at, ...triggered.at], given: [...own, ...triggered.given] };
};

/** The days that fall out of each window by now, the whole window where its totals or its buckets are wanted. */
const windowDays = (state: MemberState, rules: Rules, now: Instant, whole: boolean): Needs['days'] => {
  const today = rules.calendar.dayOf(now);
  return rules.windows.flatMap((window) => {
    const totals = state.windows[window];
    const first = firstDayOf(state, window, state.day);
    // Nothing can fall out of a window in which nothing is.
    if (totals !== undefined && totals.from === null) return [];
    const from = totals?.from ?? first;
    const last = totals === undefined || whole ? state.day - 1 : firstDayOf(state, window, today) - 1;
    const to = Math.min(last, state.day - 1);
    return to >= from ? [{ from, to }] : [];
  });
};

const happenedAt = (command: Command): Instant | null => {
  if (command.kind === 'credit_referrer') return command.followUp.at;
  if (command.kind !== 'record_purchase' && command.kind !== 'record_activity') return null;
  return command.report.occurred_at === undefined ? null : parseInstant(command.report.occurred_at);
};

const reportDay = (state: MemberState, command: Command, rules: Rules, now: Instant): Needs['days'] => {
  const at = happenedAt(command);
  if (at === null) return [];
  const day = rules.calendar.dayOf(Math.min(at, now));
  return day === state.day ? [] : [{ from: day, to: day }];
};

const spendOf = (command: Command, rules: Rules, { given }: Undone): Needs['spend'] => {
  switch (command.kind) {
    case 'return_purchase':
    case 'credit_referrer':
      return pointsByWallet(given);
    case 'redeem_points':
      return new Map([[command.request.wallet ?? 'points', command.request.points]]);
    case 'redeem_reward': {
      // The price of a tier is lower.
      const reward = rules.rewards.get(command.request.reward)?.reward;
      return new Map(reward?.price == null ? [] : [[reward.wallet, reward.price]]);
    }
    case 'adjust_points':
      return command.request.points < 0
        ? new Map([[command.request.wallet ?? 'points', -command.request.points]])
        : new Map();
    default:
      return new Map();
  }
};

type Redemptions = ReadonlyMap<string, RedemptionRow>;
const none: Redemptions = new Map();

/** Redemptions a command names, by the caller's id. */
export const redemptionsNamed = (command: Command): readonly string[] => {
  switch (command.kind) {
    case 'capture_redemption':
    case 'void_redemption':
    case 'refund_redemption':
      return [command.id];
    case 'record_purchase':
      return command.report.capture_redemptions ?? [];
    default:
      return [];
  }
};

const lotsOfHolds = (state: MemberState, now: Instant, isNamed: (id: string) => boolean): number[] => {
  const holds = holdsOf(state);
  if (holds.length === 0) return [];
  const lapsed = new Set(lapsedBy(holds, now));
  return holds.filter((hold) => lapsed.has(hold) || isNamed(hold.id)).flatMap(({ lots }) => lots.map(({ lot }) => lot));
};

const lotsNamed = (state: MemberState, command: Command, now: Instant, redemptions: Redemptions): number[] => {
  const named = redemptionsNamed(command);
  const ofHolds = lotsOfHolds(state, now, (id) => command.kind === 'close_member' || named.includes(id));
  if (command.kind !== 'refund_redemption') return ofHolds;
  return [...ofHolds, ...(redemptions.get(command.id)?.lots ?? []).map(({ lot }) => lot)];
};

/** Rewards a command redeems. */
export const rewardsRedeemed = (command: Command): readonly Pick<RedeemReward, 'reward' | 'entitlement'>[] =>
  command.kind === 'redeem_reward' ? [command.request] : [];

const entitlementsNamed = ({ member_id }: MemberState, command: Command): number[] => {
  if (command.kind === 'revoke_entitlement') return [command.number];
  return rewardsRedeemed(command).flatMap(({ entitlement = '' }) => {
    const parsed = parseId('ett', entitlement);
    return parsed?.member === member_id ? [parsed.number] : [];
  });
};

const vouchersNamed = (command: Command, redemptions: Redemptions): number[] => {
  if (command.kind === 'use_voucher' || command.kind === 'cancel_voucher') return [command.number];
  if (command.kind !== 'refund_redemption') return [];
  const voucher = redemptions.get(command.id)?.voucher;
  return voucher == null ? [] : [voucher];
};

const lotsDueBy = (state: MemberState, now: Instant): boolean =>
  Object.values(state.accounts).some(
    (account) =>
      (account.releases_from ?? Number.POSITIVE_INFINITY) <= now ||
      (account.expires_from ?? Number.POSITIVE_INFINITY) <= now,
  );

/** The engine decides no earlier than it last did for this member, even if this instance's clock is behind. */
export const nowFor = (state: MemberState, now: Instant): Instant => Math.max(now, state.recorded_at);

/** What a command needs to see of a member; `redemptions` are those it names. The common purchase needs nothing but the state row. */
export const needsOf = (
  state: MemberState,
  command: Command,
  rules: Rules,
  clock: Instant,
  redemptions: Redemptions = none,
  undone: Undone = nothingUndone,
): Needs => {
  const now = nowFor(state, clock);
  return {
    days: [
      ...windowDays(state, rules, now, wantsWholeWindows(state, command, now)),
      ...reportDay(state, command, rules, now),
      ...undone.at.map((at) => rules.calendar.dayOf(at)).map((day) => ({ from: day, to: day })),
    ],
    person:
      rules.readsPerson ||
      command.kind === 'put_member' ||
      (rules.rewardsReadPerson && rewardsRedeemed(command).length > 0),
    lotsDue: lotsDueBy(state, now),
    lots: [...lotsNamed(state, command, now, redemptions), ...undone.given.map(({ lot }) => lot)],
    allLots: command.kind === 'close_member',
    spend: spendOf(command, rules, undone),
    entitlements: entitlementsNamed(state, command),
    vouchers: vouchersNamed(command, redemptions),
  };
};

/** What a read needs to show a member as of now. */
export const needsOfRead = (state: MemberState, rules: Rules, clock: Instant): Needs => {
  const now = nowFor(state, clock);
  return {
    days: windowDays(state, rules, now, wantsWholeWindows(state, null, now)),
    person: rules.readsPerson,
    lotsDue: lotsDueBy(state, now),
    lots: lotsOfHolds(state, now, () => false),
    allLots: false,
    spend: new Map(),
    entitlements: [],
    vouchers: [],
  };
};
