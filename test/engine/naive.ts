import assert from 'node:assert/strict';
import { needsOf } from '../../src/engine/needs.ts';
import type { Command } from '../../src/model/command.ts';
import { type Comparison, ROLLING_DAYS, WINDOWS, type Window } from '../../src/model/condition.ts';
import type { Changes, LoadedMember, TierTransition } from '../../src/model/decision.ts';
import { dayText, type EpochDay, type Instant, parseDay } from '../../src/model/instant.ts';
import type { LedgerEntry } from '../../src/model/ledger-entry.ts';
import { inSpendingOrder, type Lot } from '../../src/model/lot.ts';
import { type Account, emptyAccount, type MemberState, noTotals, type Totals } from '../../src/model/member-state.ts';
import type { PurchaseRow } from '../../src/model/purchase.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { after } from '../helpers/given.ts';

/* A member kept whole in memory, loaded whole or only as far as the engine asks, and counted again from what happened. */

export interface Kept {
  readonly member: LoadedMember;
  readonly entries: readonly LedgerEntry[];
  readonly transitions: readonly TierTransition[];
  readonly purchases: readonly PurchaseRow[];
}

export const keep = (kept: Kept | null, changes: Changes): Kept => ({
  member: after(kept?.member ?? null, changes),
  entries: [...(kept?.entries ?? []), ...changes.entries],
  transitions: [...(kept?.transitions ?? []), ...changes.transitions],
  purchases: [...(kept?.purchases ?? []), ...(changes.purchase === null ? [] : [changes.purchase])],
});

const least = (instants: readonly (Instant | null)[]): Instant | null =>
  instants.reduce<Instant | null>((min, at) => (at === null ? min : Math.min(min ?? at, at)), null);

/** As JSON comes back from Postgres: names in an order of its own, shorter ones first. */
const asStored = <T>(value: T): T => {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(asStored) as T;
  const names = Object.entries(value).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  return Object.fromEntries(names.map(([name, item]) => [name, asStored(item)])) as T;
};

const only = <T>(all: ReadonlyMap<number, T>, numbers: readonly number[]): Map<number, T> =>
  new Map([...all].filter(([number]) => numbers.includes(number)));

/** What of the member a store loads for a batch of commands: not a lot and not a day more than the engine asks for. */
export const loadNeeded = (
  { member }: Pick<Kept, 'member'>,
  commands: readonly Command[],
  rules: Rules,
  now: Instant,
): LoadedMember => {
  const { state, lots, days } = member;
  const needs = commands.map((command) => needsOf(state, command, rules, now, member.redemptions));
  const all = [...lots.values()];
  const walletsDue = needs.flatMap((need) => need.due);
  const lotsDue = walletsDue.length > 0;
  const due = (lot: Lot) =>
    (lot.pending > 0 && lot.available_at <= now) ||
    (lot.available > 0 && lot.expires_at !== null && lot.expires_at <= now) ||
    walletsDue.some(
      ({ wallet, slides, announced: { after, until } }) =>
        lot.wallet === wallet &&
        lot.pending + lot.available > 0 &&
        ((lot.slides === true && slides) ||
          (lot.expires_at !== null && lot.expires_at > after && lot.expires_at <= until)),
    );
  const wanted = new Map<number, Lot>();
  const take = (some: readonly Lot[]) => {
    for (const lot of some) wanted.set(lot.lot, lot);
  };
  if (lotsDue) take(all.filter(due));
  for (const lot of needs.flatMap((need) => need.lots)) take([lots.get(lot)!]);
  if (needs.some((need) => need.allLots)) take(all.filter((lot) => lot.pending + lot.available > 0));
  const spend = new Map<string, number>();
  for (const need of needs)
    for (const [wallet, points] of need.spend) spend.set(wallet, points + (spend.get(wallet) ?? 0));
  for (const [wallet, points] of spend) {
    let left = Math.min(points, state.accounts[wallet]?.available ?? 0);
    const spendable = all.filter(
      (lot) => lot.wallet === wallet && lot.available > 0 && (lot.expires_at ?? Number.POSITIVE_INFINITY) > now,
    );
    for (const lot of spendable.sort(inSpendingOrder)) {
      if (left <= 0) break;
      take([lot]);
      left -= lot.available;
    }
  }
  const later = Object.keys(state.accounts).map((wallet) => {
    const others = all.filter((lot) => lot.wallet === wallet);
    const releases_from = least(
      others.filter((lot) => lot.pending > 0 && lot.available_at > now).map((lot) => lot.available_at),
    );
    const expires_from = least(
      others.filter((lot) => lot.available > 0 && (lot.expires_at ?? 0) > now).map((lot) => lot.expires_at),
    );
    const until = walletsDue.find((one) => one.wallet === wallet)?.announced.until ?? now;
    const beyond_notice = least(
      others
        .filter((lot) => lot.pending + lot.available > 0 && (lot.expires_at ?? 0) > until)
        .map((lot) => lot.expires_at),
    );
    return [wallet, { releases_from, expires_from, beyond_notice }] as const;
  });
  const asked = (day: EpochDay) => needs.some((need) => need.days.some(({ from, to }) => day >= from && day <= to));
  return {
    state: asStored(state),
    profile: needs.some((need) => need.person) ? member.profile : null,
    lots: new Map([...wanted].sort(([a], [b]) => a - b)),
    redemptions: member.redemptions,
    entitlements: only(
      member.entitlements,
      needs.flatMap((need) => need.entitlements),
    ),
    vouchers: only(
      member.vouchers,
      needs.flatMap((need) => need.vouchers),
    ),
    days: new Map([...days].filter(([day]) => asked(day))),
    later: new Map(lotsDue ? later : []),
  };
};

/** A copy that throws when anybody writes to it. */
export const frozen = <T>(value: T): T => {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Map) {
    const copy = new Map([...value].map(([key, item]) => [key, frozen(item)]));
    for (const name of ['set', 'delete', 'clear'])
      Object.defineProperty(copy, name, { value: () => assert.fail(`the input’s map was written to: ${name}`) });
    return copy as T;
  }
  if (Array.isArray(value)) return Object.freeze(value.map(frozen)) as T;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, frozen(item)]))) as T;
};

/** Without the instants that may be early: they depend on what was loaded, not on what happened. */
export const withoutHints = (state: MemberState): object => {
  const { reassess_at: _tier, due_at: _due, accounts, ...rest } = state;
  const windows = Object.entries(rest.windows).map(([name, { from: _from, ...totals }]) => [name, totals]);
  const bare = ({
    releases_from: _releases,
    expires_from: _expires,
    announces_from: _announces,
    ...account
  }: Account) => account;
  return {
    ...rest,
    windows: Object.fromEntries(windows),
    accounts: Object.fromEntries(Object.entries(accounts).map(([code, account]) => [code, bare(account)])),
  };
};

const dates = new Map<string, Intl.DateTimeFormat>();

/** The local day of an instant, by another implementation than the engine's. */
const localDay = (zone: string, at: Instant): EpochDay => {
  const format = dates.get(zone) ?? new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short' });
  dates.set(zone, format);
  return parseDay(format.format(at));
};

type Counts = Readonly<Record<string, number>>;

const addCounts = (a: Counts, b: Counts): Counts => {
  const sums: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
};

const add = (a: Totals, b: Totals): Totals => ({
  spend: a.spend + b.spend,
  purchases: a.purchases + b.purchases,
  earned: addCounts(a.earned, b.earned),
  activities: addCounts(a.activities, b.activities),
});

/** What was earned by wallet: by what the ledger says of the purchase, not by what the engine told itself. */
const earnedBy = (purchase: PurchaseRow, entries: readonly LedgerEntry[]): Record<string, number> => {
  const earned: Record<string, number> = {};
  for (const entry of entries)
    if (entry.cause === 'purchase' && entry.ordinal === purchase.ordinal)
      earned[entry.wallet] = (earned[entry.wallet] ?? 0) + entry.points;
  return earned;
};

const isNothing = ({ spend, purchases, activities }: Totals): boolean =>
  spend === 0 && purchases === 0 && Object.keys(activities).length === 0;

/** A window's first day, counted on calendar text. */
const firstDay = (window: Window, today: EpochDay, enrolled: EpochDay): EpochDay => {
  const year = Number(dayText(today).slice(0, 4));
  if (window === 'calendar_year') return parseDay(`${year}-01-01`);
  if (window !== 'membership_year') return today - ROLLING_DAYS[window] + 1;
  const [, month, day] = dayText(enrolled).split('-');
  const anniversary = (of: number) => {
    const found = parseDay(`${of}-${month}-${day}`);
    return dayText(found).endsWith(`-${day}`) ? found : parseDay(`${of}-02-28`);
  };
  return anniversary(year) <= today ? anniversary(year) : anniversary(year - 1);
};

/** Day buckets, windows and totals, folded from the enrolment and the purchases alone. */
export const countAgain = ({ member, entries, purchases }: Kept, rules: Rules) => {
  const enrolled = localDay(rules.time_zone, member.state.enrolled_at);
  const days = new Map<EpochDay, Totals>([[enrolled, { ...noTotals, activities: { enrolment: 1 } }]]);
  for (const purchase of purchases) {
    const day = localDay(rules.time_zone, purchase.occurred_at);
    const what = { spend: purchase.spend, purchases: 1, earned: earnedBy(purchase, entries), activities: {} };
    days.set(day, add(days.get(day) ?? noTotals, what));
  }
  const today = localDay(rules.time_zone, member.state.recorded_at);
  const since = (from: EpochDay) =>
    [...days].filter(([day]) => day >= from).reduce((sum, [, totals]) => add(sum, totals), noTotals);
  return {
    days,
    today,
    totals: since(Number.NEGATIVE_INFINITY),
    /** The earliest day of each window with something on it. */
    from: Object.fromEntries(
      WINDOWS.map((window) => {
        const first = firstDay(window, today, enrolled);
        const inside = [...days.keys()].filter((day) => day >= first && !isNothing(days.get(day) ?? noTotals));
        return [window, inside.length === 0 ? null : Math.min(...inside)];
      }),
    ) as Record<string, EpochDay | null>,
    windows: Object.fromEntries(WINDOWS.map((window) => [window, since(firstDay(window, today, enrolled))])),
  };
};

/** The highest tier of each scheme whose threshold the totals reach. */
export const tiersDue = (rules: Rules, counted: ReturnType<typeof countAgain>): Record<string, string> =>
  Object.fromEntries(
    rules.schemes.flatMap((scheme) => {
      const reached = scheme.tiers
        .filter(({ entry: { condition } }) => {
          const entry = condition as Comparison & { field: 'spend' | 'purchases' | 'earned_points'; value: number };
          const totals = entry.window === undefined ? counted.totals : counted.windows[entry.window]!;
          const count =
            entry.field === 'earned_points' ? (totals.earned[entry.wallet ?? 'points'] ?? 0) : totals[entry.field];
          return count >= entry.value;
        })
        .sort((a, b) => b.rank - a.rank)[0];
      return reached === undefined ? [] : [[scheme.code, reached.code] as const];
    }),
  );

/** Accounts and lots, folded from the ledger alone; every entry must say the balances it left. */
export const foldLedger = (entries: readonly LedgerEntry[]) => {
  const accounts: Record<string, Record<string, number>> = {};
  const lots = new Map<number, Record<string, number>>();
  entries.forEach((entry, index) => {
    assert.equal(entry.sequence, index + 1, 'sequences have no gap');
    const account = accounts[entry.wallet] ?? { pending: 0, available: 0, held: 0, debt: 0 };
    accounts[entry.wallet] = account;
    const move = (of: Record<string, number>, points: number) => {
      if (entry.from_bucket in of) of[entry.from_bucket]! -= entry.from_bucket === 'debt' ? -points : points;
      if (entry.to_bucket in of) of[entry.to_bucket]! += entry.to_bucket === 'debt' ? -points : points;
    };
    move(account, entry.points);
    const { pending_after, available_after, held_after, debt_after } = entry;
    assert.deepEqual(
      account,
      { pending: pending_after, available: available_after, held: held_after, debt: debt_after },
      `entry ${entry.sequence} says the balances it left`,
    );
    for (const { lot, points } of entry.allocations) {
      const left = lots.get(lot) ?? {
        pending: 0,
        available: 0,
        held: 0,
        original: lot === entry.sequence ? points : 0,
      };
      lots.set(lot, left);
      move(left, points);
    }
  });
  return { accounts, lots };
};

export const accountOf = (state: MemberState, wallet: string): Account => state.accounts[wallet] ?? emptyAccount;
