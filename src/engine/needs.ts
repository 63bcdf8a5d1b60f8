import type { Command } from '../model/command.ts';
import type { RedemptionRow } from '../model/decision.ts';
import { parseId } from '../model/ids.ts';
import { type EpochDay, type Instant, parseInstant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { Account, MemberState } from '../model/member-state.ts';
import type { MergedLot } from '../model/merge.ts';
import { UNDATED_DAY } from '../model/opening-balance.ts';
import { pointsByWallet } from '../model/sums.ts';
import type { Rules } from '../rules/rules.ts';
import type { GuestClaim } from './claim-purchase.ts';
import { holdsOf } from './draft.ts';
import { lapsedBy } from './holds.ts';
import { isPricedOtherwise, redemptionsNamed, rewardsRedeemed } from './named.ts';
import type { Returning } from './returning.ts';
import { noticeEnds, slidesAt } from './sliding.ts';
import { firstDayOf } from './totals.ts';

/** What has to be loaded besides the state row before a command can be decided. */
export interface Needs {
  /** Ranges of day buckets, both ends included. */
  readonly days: readonly { readonly from: EpochDay; readonly to: EpochDay }[];
  /** Whether some condition reads the person. */
  readonly person: boolean;
  /** Where lots may be due by now: all of the member's wallets, or none. */
  readonly due: readonly WalletDue[];
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

/** What of a wallet may be due besides what is released and expires by now. */
export interface WalletDue {
  readonly wallet: string;
  /** Whether the points whose expiry slides expire by now. */
  readonly slides: boolean;
  /** Lots that expire after the one instant and up to the other are announced by now. What expires later is yet to be. */
  readonly announced: { readonly after: Instant; readonly until: Instant };
}

/** Whether a command is about everything there is of the member: it is merged, or parted. */
const movesAll = (command: Command): boolean =>
  command.kind === 'merge_member' ||
  command.kind === 'unmerge_member' ||
  command.kind === 'give_back_merged' ||
  (command.kind === 'take_over' && command.of.kind === 'merge_member');

/** Whether a reassessment is due: with every bucket of the windows it finds the true instant of the next. */
export const wantsWholeWindows = (state: MemberState, command: Command | null, now: Instant): boolean =>
  command?.kind === 'settle_member' ||
  (command !== null && movesAll(command)) ||
  (state.reassess_at !== null && state.reassess_at <= now);

/** What a command takes back of what was given before: when, and as which lots. */
export interface Undone {
  readonly at: readonly Instant[];
  readonly given: readonly { readonly wallet: string; readonly points: number; readonly lot: number }[];
  /** Redemptions whose points it may give back. */
  readonly redemptions: readonly string[];
  /** Whether it may take from any lot points that are not told yet: a claim gives first, and then takes back. */
  readonly mayTakeAny?: boolean;
}

const nothingUndone: Undone = { at: [], given: [], redemptions: [] };

const entriesGiven = (entries: readonly LedgerEntry[]): Undone => ({
  at: entries.map(({ occurred_at }) => occurred_at),
  given: entries.map(({ wallet, points, sequence }) => ({ wallet, points, lot: sequence })),
  redemptions: [],
});

/** What a return, or the return of a friend's purchase, may take back. */
export const undoneBy = (
  returning: Pick<Returning, 'row' | 'given' | 'triggered' | 'entitlements'> | undefined,
  credited: readonly LedgerEntry[] = [],
): Undone => {
  const triggered = entriesGiven([...(returning?.triggered ?? []), ...credited]);
  if (returning === undefined) return triggered;
  const own = returning.given.map(({ wallet, points, entry }) => ({ wallet, points, lot: entry }));
  return {
    at: [returning.row.occurred_at, ...triggered.at],
    given: [...own, ...triggered.given],
    redemptions: [
      ...(returning.row.facts.on_return?.redemptions ?? []).map(({ id }) => id),
      ...returning.entitlements.flatMap(({ redemption_id: used }) => used ?? []),
    ],
  };
};

/** What a return takes back of a purchase that is not known is found out only when it is decided. */
export const undoneByUnknown: Undone = { ...nothingUndone, mayTakeAny: true };

/** Lots that go back when two members are parted. */
export const undoneByParting = (lots: readonly MergedLot[], which: 'lot' | 'source_lot'): Undone => ({
  ...nothingUndone,
  given: lots.map((one) => ({ wallet: '', points: 0, lot: one[which] })),
});

/** What a claim books late, and what of it came back. */
export const undoneByClaim = ({ row, returns }: GuestClaim): Undone => ({
  ...nothingUndone,
  at: [row.occurred_at],
  mayTakeAny: returns.length > 0,
});

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
  if (command.kind === 'record_past_purchase') return parseInstant(command.report.occurred_at);
  if (command.kind !== 'record_purchase' && command.kind !== 'record_activity') return null;
  return command.report.occurred_at === undefined ? null : parseInstant(command.report.occurred_at);
};

const allDays = (state: MemberState, command: Command, rules: Rules, now: Instant): Needs['days'] =>
  movesAll(command) ? [{ from: UNDATED_DAY, to: Math.max(state.day, rules.calendar.dayOf(now)) }] : [];

const reportDay = (state: MemberState, command: Command, rules: Rules, now: Instant): Needs['days'] => {
  const at = happenedAt(command);
  if (at === null) return [];
  const day = rules.calendar.dayOf(Math.min(at, now));
  return day === state.day ? [] : [{ from: day, to: day }];
};

/** What other systems counted has a bucket of its own. */
const undatedDay = ({ kind }: Command): Needs['days'] =>
  kind === 'open_balance' || kind === 'record_past_purchase' ? [{ from: UNDATED_DAY, to: UNDATED_DAY }] : [];

/** What rewards cost a member without a tier: the price of a tier is lower. */
const pricesOf = (command: Command, rules: Rules) =>
  rewardsRedeemed(command).flatMap(({ reward: code }) => {
    const { price = null, wallet = '' } = rules.rewards.get(code)?.reward ?? {};
    return price === null ? [] : [{ wallet, points: price }];
  });

const spendOf = (command: Command, rules: Rules, { given }: Undone): Needs['spend'] => {
  switch (command.kind) {
    case 'return_purchase':
    case 'credit_referrer':
    case 'take_over':
      return pointsByWallet(given);
    case 'record_purchase':
      return pointsByWallet([
        ...(command.report.redeem ?? []).map(({ wallet = 'points', points = 0 }) => ({ wallet, points })),
        ...pricesOf(command, rules),
        ...given,
      ]);
    case 'redeem_points':
    case 'transfer_points':
      return new Map([[command.request.wallet ?? 'points', command.request.points]]);
    case 'redeem_reward':
      return pointsByWallet(pricesOf(command, rules));
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

const lotsOfHolds = (state: MemberState, now: Instant, isNamed: (id: string) => boolean): number[] => {
  const holds = holdsOf(state);
  if (holds.length === 0) return [];
  const lapsed = new Set(lapsedBy(holds, now));
  return holds.filter((hold) => lapsed.has(hold) || isNamed(hold.id)).flatMap(({ lots }) => lots.map(({ lot }) => lot));
};

/** Whether a command ends the membership, and with it everything that is held or available. */
const ends = ({ kind }: Command): boolean => ['close_member', 'erase_member', 'merge_member'].includes(kind);

const lotsNamed = (
  state: MemberState,
  command: Command,
  now: Instant,
  redemptions: Redemptions,
  undone: Undone,
): number[] => {
  const named = redemptionsNamed(command);
  const ofHolds = lotsOfHolds(state, now, (id) => ends(command) || named.includes(id));
  const given = command.kind === 'refund_redemption' ? [command.id] : undone.redemptions;
  return [...ofHolds, ...given.flatMap((id) => redemptions.get(id)?.lots ?? []).map(({ lot }) => lot)];
};

const entitlementsNamed = ({ member_id }: MemberState, command: Command): number[] => {
  if (command.kind === 'revoke_entitlement') return [command.number];
  return rewardsRedeemed(command).flatMap(({ entitlement = '' }) => {
    const parsed = parseId('ett', entitlement);
    return parsed?.member === member_id ? [parsed.number] : [];
  });
};

/** Vouchers a command names, and those that go with redemptions it may give back. */
const vouchersNamed = (command: Command, redemptions: Redemptions, undone: Undone): number[] => {
  if (command.kind === 'use_voucher' || command.kind === 'cancel_voucher') return [command.number];
  const refunded = command.kind === 'refund_redemption' ? [command.id] : undone.redemptions;
  return refunded.flatMap((id) => redemptions.get(id)?.voucher ?? []);
};

const isDue = (at: Instant | null | undefined, now: Instant): boolean => (at ?? Number.POSITIVE_INFINITY) <= now;

const movesBy = (account: Account, now: Instant): boolean =>
  isDue(account.releases_from, now) || isDue(account.expires_from, now) || isDue(slidesAt(account), now);

/** Whether something may be announced by now, or when that is is not known: the program's notice is another since. */
const announcesBy = (account: Account, { revision }: MemberState, rules: Rules, now: Instant): boolean =>
  isDue(account.announces_from, now) ||
  (account.expires_from !== null && (account.announces_from === undefined || revision < rules.noticeRevision));

const walletsDue = (state: MemberState, rules: Rules, now: Instant, forReading: boolean): WalletDue[] => {
  const accounts = Object.entries(state.accounts);
  const due = accounts.some(
    ([, account]) => movesBy(account, now) || (!forReading && announcesBy(account, state, rules, now)),
  );
  if (!due) return [];
  return accounts.map(([wallet, account]) => {
    const until = Math.max(noticeEnds(rules, wallet, now), account.announced_to ?? Number.NEGATIVE_INFINITY);
    // A read shows no events.
    const after = forReading ? until : Math.min(noticeEnds(rules, wallet, state.recorded_at), until);
    return { wallet, slides: isDue(slidesAt(account), now), announced: { after, until } };
  });
};

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
      ...undatedDay(command),
      ...reportDay(state, command.kind === 'take_over' ? command.of : command, rules, now),
      ...allDays(state, command, rules, now),
      ...(command.kind === 'take_over' ? [{ from: UNDATED_DAY, to: UNDATED_DAY + 1 }] : []),
      ...undone.at.map((at) => rules.calendar.dayOf(at)).map((day) => ({ from: day, to: day })),
    ],
    person:
      rules.readsPerson ||
      command.kind === 'put_member' ||
      movesAll(command) ||
      ends(command) ||
      isPricedOtherwise(command) ||
      (rules.rewardsReadPerson && rewardsRedeemed(command).length > 0),
    due: walletsDue(state, rules, now, false),
    lots: [...lotsNamed(state, command, now, redemptions, undone), ...undone.given.map(({ lot }) => lot)],
    allLots:
      ends(command) ||
      undone.mayTakeAny === true ||
      (isPricedOtherwise(command) && rewardsRedeemed(command).length > 0),
    spend: spendOf(command, rules, undone),
    entitlements: entitlementsNamed(state, command),
    vouchers: vouchersNamed(command, redemptions, undone),
  };
};

/** What a read needs to show a member as of now. */
export const needsOfRead = (state: MemberState, rules: Rules, clock: Instant): Needs => {
  const now = nowFor(state, clock);
  return {
    days: windowDays(state, rules, now, wantsWholeWindows(state, null, now)),
    person: rules.readsPerson,
    due: walletsDue(state, rules, now, true),
    lots: lotsOfHolds(state, now, () => false),
    allLots: false,
    spend: new Map(),
    entitlements: [],
    vouchers: [],
  };
};
