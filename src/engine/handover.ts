import { type MemberId, makeId } from '../model/ids.ts';
import type { EpochDay } from '../model/instant.ts';
import { noTotals, type Totals } from '../model/member-state.ts';
import type { Counters, DebtHandedOver, Handover, LotHandedOver, MergedAccount, Person } from '../model/merge.ts';
import { UNDATED_DAY } from '../model/opening-balance.ts';
import { sumBy, sumPoints } from '../model/sums.ts';
import { isNothing, minus } from '../model/totals.ts';
import { apply } from './apply.ts';
import { addEvent, type Draft, lotsAtHand } from './draft.ts';
import { expiryOfLot } from './sliding.ts';

/*
 * A merged member keeps its records: purchases, redemptions, vouchers, entries. Whatever a command about those does to it
 * is decided on it, as if it stood alone, and then passed on: points, debt, sums and counters leave it in the same breath
 * for the member it is merged into. So what the survivor has of it is, at any time, what it would have itself.
 */

export const mergeId = (source: MemberId, ordinal: number): string => makeId('mrg', source, ordinal);

export const countersOf = ({ limits = {}, burn_limits = {}, reward_limits = {} }: Draft['state']): Counters => ({
  limits,
  burn_limits,
  reward_limits,
});

const noCounters: Counters = { limits: {}, burn_limits: {}, reward_limits: {} };

const BUCKETS = ['pending', 'available'] as const;

const lotsOf = (draft: Draft): LotHandedOver[] =>
  lotsAtHand(draft)
    .sort((a, b) => a.lot - b.lot)
    .flatMap((lot) =>
      BUCKETS.flatMap((bucket): LotHandedOver[] => {
        const { lot: number, wallet, value, earned_at, available_at } = lot;
        // What slides with this account would never expire with another's: it keeps the instant it has now.
        const expires_at = expiryOfLot(draft.state, lot);
        const kept = { lot: number, wallet, value, earned_at, available_at, expires_at };
        return lot[bucket] === 0 ? [] : [{ ...kept, bucket, points: lot[bucket] }];
      }),
    );

const debtsOf = ({ state, owing }: Draft): DebtHandedOver[] =>
  Object.entries(state.accounts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([wallet, { debt }]) => (debt === 0 ? [] : [{ wallet, points: debt, lots: owing.get(wallet) ?? [] }]));

const dayBefore = ({ loaded }: Draft, day: EpochDay): Totals =>
  loaded.days.get(day) ?? (day === loaded.state.day ? loaded.state.today : noTotals);

/** By how much days changed; of a member that is merged right now, all there is of each. */
const changedDays = (draft: Draft, person: Person | null): Handover['days'] => {
  const days = person === null ? draft.days : draft.buckets;
  return [...days]
    .sort(([a], [b]) => a - b)
    .map(([day, totals]) => [day, person === null ? minus(totals, dayBefore(draft, day)) : totals] as const)
    .filter(([, totals]) => !isNothing(totals));
};

/**
 * The day under which the one who stays counts a day of the other. What has no day counts on the one behind, in no window
 * either: what the member itself brought from another system is known by its own.
 */
export const dayTakenOver = (day: EpochDay): EpochDay => (day <= UNDATED_DAY ? UNDATED_DAY + 1 : day);

/** What lots and debts come to, by wallet. */
export const accountsOf = (
  lots: readonly Pick<LotHandedOver, 'wallet' | 'bucket' | 'points'>[],
  debts: readonly Pick<DebtHandedOver, 'wallet' | 'points'>[],
): MergedAccount[] => {
  const wallets = [...new Set([...lots, ...debts].map(({ wallet }) => wallet))].sort();
  const sum = (some: readonly { readonly wallet: string; readonly points: number }[], wallet: string) =>
    sumPoints(some.filter((one) => one.wallet === wallet));
  return wallets.map((wallet) => ({
    wallet,
    pending: sum(
      lots.filter(({ bucket }) => bucket === 'pending'),
      wallet,
    ),
    available: sum(
      lots.filter(({ bucket }) => bucket === 'available'),
      wallet,
    ),
    debt: sum(debts, wallet),
  }));
};

/** Tells what passed, a wallet at a time. Debt that passes is shown positive. */
export const tellPassed = (
  draft: Draft,
  merge: string,
  side: 'sent' | 'received',
  accounts: readonly MergedAccount[],
): void => {
  for (const { wallet, pending, available, debt } of accounts)
    addEvent(draft, 'points.merged', draft.now, { merge, side, wallet, points: available, pending, debt });
};

/** Points leave lots for the other side of a merge, or come back into them: an entry for each wallet and bucket. */
export const moveLots = (
  draft: Draft,
  movement: 'merge' | 'unmerge',
  direction: 'out' | 'in',
  lots: readonly Pick<LotHandedOver, 'lot' | 'wallet' | 'bucket' | 'points'>[],
): void => {
  const together = Map.groupBy(lots, ({ wallet, bucket }) => `${wallet} ${bucket}`);
  for (const some of together.values()) {
    const [first] = some;
    if (first === undefined) continue;
    const { wallet, bucket } = first;
    const allocations = [
      ...sumBy(
        some,
        ({ lot }) => `${lot}`,
        ({ points }) => points,
      ),
    ].map(([lot, points]) => ({ lot: Number(lot), points }));
    apply(draft, {
      movement,
      wallet,
      from: direction === 'out' ? bucket : 'transferred',
      to: direction === 'out' ? 'transferred' : bucket,
      points: sumPoints(some),
      occurredAt: draft.now,
      allocations,
    });
  }
};

/** Debt passes: whoever takes it over owes it, whoever passes it on does so no more. */
export const moveDebts = (
  draft: Draft,
  movement: 'merge' | 'unmerge',
  direction: 'out' | 'in',
  debts: readonly Pick<DebtHandedOver, 'wallet' | 'points'>[],
): void => {
  for (const { wallet, points } of debts)
    apply(draft, {
      movement,
      wallet,
      from: direction === 'out' ? 'transferred' : 'debt',
      to: direction === 'out' ? 'debt' : 'transferred',
      points,
      occurredAt: draft.now,
    });
};

/** Passes on what a merged member has, if it has anything. `person` is what else goes with it when it is merged. */
export const handOver = (draft: Draft, person: Person | null = null): Handover | null => {
  const { state, loaded } = draft;
  if (state.merged === undefined) return null;
  const { into, ordinal } = state.merged;
  const id = mergeId(state.member_id, ordinal);
  const lots = lotsOf(draft);
  const debts = debtsOf(draft);
  draft.cause = { cause: 'merge', cause_id: id };
  moveLots(draft, 'merge', 'out', lots);
  moveDebts(draft, 'merge', 'out', debts);
  tellPassed(draft, id, 'sent', accountsOf(lots, debts));
  const { first_purchase_at, last_purchase_at } = state;
  const days = changedDays(draft, person);
  const before = person === null ? countersOf(loaded.state) : noCounters;
  const counters = { before, after: countersOf(state) };
  const changed = (['limits', 'burn_limits', 'reward_limits'] as const).some(
    (key) => before[key] !== counters.after[key],
  );
  if (person === null && lots.length + debts.length + days.length === 0 && !changed) return null;
  return {
    id,
    from: state.member_id,
    ordinal,
    into,
    lots,
    debts,
    days,
    counters,
    first_purchase_at,
    last_purchase_at,
    person,
  };
};
