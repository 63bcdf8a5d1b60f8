import type { Command } from '../model/command.ts';
import { type EpochDay, type Instant, parseInstant } from '../model/instant.ts';
import type { MemberState } from '../model/member-state.ts';
import type { Rules } from '../rules/rules.ts';
import { firstDayOf } from './totals.ts';

/** What has to be loaded besides the state row before a command can be decided. */
export interface Needs {
  /** Ranges of day buckets, both ends included. */
  readonly days: readonly { readonly from: EpochDay; readonly to: EpochDay }[];
  /** Whether some condition reads the person. */
  readonly person: boolean;
  /** Whether lots may be due by now. */
  readonly lotsDue: boolean;
  /** Whether every lot that still holds points is needed. */
  readonly allLots: boolean;
  /** Points to be taken from lots in spending order, by wallet. */
  readonly spend: ReadonlyMap<string, number>;
}

/** Whether a reassessment is due: with every bucket of the windows it finds the true instant of the next. */
export const wantsWholeWindows = (state: MemberState, command: Command | null, now: Instant): boolean =>
  command?.kind === 'settle_member' || (state.reassess_at !== null && state.reassess_at <= now);

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

const spendOf = (command: Command): Needs['spend'] => {
  switch (command.kind) {
    case 'redeem_points':
      return new Map([[command.request.wallet ?? 'points', command.request.points]]);
    case 'adjust_points':
      return command.request.points < 0
        ? new Map([[command.request.wallet ?? 'points', -command.request.points]])
        : new Map();
    default:
      return new Map();
  }
};

const lotsDueBy = (state: MemberState, now: Instant): boolean =>
  Object.values(state.accounts).some(
    (account) =>
      (account.releases_from ?? Number.POSITIVE_INFINITY) <= now ||
      (account.expires_from ?? Number.POSITIVE_INFINITY) <= now,
  );

/** The engine decides no earlier than it last did for this member, even if this instance's clock is behind. */
export const nowFor = (state: MemberState, now: Instant): Instant => Math.max(now, state.recorded_at);

/** What a command needs to see of a member. The common purchase needs nothing but the state row. */
export const needsOf = (state: MemberState, command: Command, rules: Rules, clock: Instant): Needs => {
  const now = nowFor(state, clock);
  return {
    days: [
      ...windowDays(state, rules, now, wantsWholeWindows(state, command, now)),
      ...reportDay(state, command, rules, now),
    ],
    person: rules.readsPerson || command.kind === 'put_member',
    lotsDue: lotsDueBy(state, now),
    allLots: command.kind === 'close_member',
    spend: spendOf(command),
  };
};

/** What a read needs to show a member as of now. */
export const needsOfRead = (state: MemberState, rules: Rules, clock: Instant): Needs => {
  const now = nowFor(state, clock);
  return {
    days: windowDays(state, rules, now, wantsWholeWindows(state, null, now)),
    person: rules.readsPerson,
    lotsDue: lotsDueBy(state, now),
    allLots: false,
    spend: new Map(),
  };
};
