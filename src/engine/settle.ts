import type { Instant } from '../model/instant.ts';
import type { Allocation } from '../model/ledger-entry.ts';
import type { Lot } from '../model/lot.ts';
import { apply } from './apply.ts';
import { accountOf, addEvent, type Draft, lotsAtHand, setAccount } from './draft.ts';
import { reassess } from './reassess.ts';
import { alignWindows, daysOnWhichWindowsShrink, moveToDay } from './totals.ts';

/** Something that became due: points released, points expired, or a day on which a window shrank. */
type Due =
  | { readonly at: Instant; readonly order: 0; readonly kind: 'window' }
  | { readonly at: Instant; readonly order: 1; readonly kind: 'release'; readonly lot: Lot }
  | { readonly at: Instant; readonly order: 2; readonly kind: 'expiry'; readonly lot: Lot };

/** A lot that is still pending when it would expire is released first: points expire out of `available`. */
const expiryOf = (lot: Lot): Instant | null =>
  lot.expires_at === null ? null : Math.max(lot.expires_at, lot.available_at);

const dueOf = (draft: Draft): Due[] => {
  const due: Due[] = daysOnWhichWindowsShrink(draft, draft.rules.calendar.dayOf(draft.now)).map((day) => ({
    at: draft.rules.calendar.startOf(day),
    order: 0,
    kind: 'window',
  }));
  for (const lot of lotsAtHand(draft)) {
    if (lot.pending > 0 && lot.available_at <= draft.now)
      due.push({ at: lot.available_at, order: 1, kind: 'release', lot });
    const expiry = expiryOf(lot);
    if (lot.pending + lot.available > 0 && expiry !== null && expiry <= draft.now)
      due.push({ at: expiry, order: 2, kind: 'expiry', lot });
  }
  return due.sort(
    (a, b) =>
      a.at - b.at || a.order - b.order || (a.kind !== 'window' && b.kind !== 'window' ? a.lot.lot - b.lot.lot : 0),
  );
};

/** Lots of one wallet that are due at the same instant move in one entry. */
const moveTogether = (
  draft: Draft,
  kind: 'release' | 'expiry',
  wallet: string,
  lots: readonly Lot[],
  at: Instant,
): void => {
  const current = lots.map((lot) => draft.lots.get(lot.lot) ?? lot);
  const allocations: Allocation[] = current
    .map((lot) => ({ lot: lot.lot, points: kind === 'release' ? lot.pending : lot.available }))
    .filter((allocation) => allocation.points > 0);
  const points = allocations.reduce((sum, allocation) => sum + allocation.points, 0);
  if (points === 0) return;
  const entry =
    kind === 'release'
      ? apply(draft, {
          movement: 'release',
          wallet,
          from: 'pending',
          to: 'available',
          points,
          occurredAt: at,
          allocations,
        })
      : apply(draft, {
          movement: 'expire',
          wallet,
          from: 'available',
          to: 'expired',
          points,
          occurredAt: at,
          allocations,
        });
  addEvent(draft, kind === 'release' ? 'points.released' : 'points.expired', at, {
    wallet,
    points,
    entry: entry.sequence,
  });
};

const byWallet = (lots: readonly Lot[]): Map<string, Lot[]> => Map.groupBy(lots, (lot) => lot.wallet);

const settleAt = (draft: Draft, at: Instant, due: readonly Due[]): void => {
  if (due.some((item) => item.kind === 'window')) {
    moveToDay(draft, draft.rules.calendar.dayOf(at));
    // Rules that are new to the member say nothing about instants before: only the present is looked at.
    if (draft.loaded.state.revision === draft.rules.revision) reassess(draft, at);
  }
  for (const kind of ['release', 'expiry'] as const) {
    const lots = due.flatMap((item) => (item.kind === kind ? [item.lot] : []));
    for (const [wallet, together] of byWallet(lots)) moveTogether(draft, kind, wallet, together, at);
  }
};

const min = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

/** After settling, the accounts know again when a lot is next due: out of the lots at hand and what the load said of the others. */
const renewLotInstants = (draft: Draft): void => {
  for (const [wallet, later] of draft.loaded.later) {
    let { releases_from, expires_from } = later;
    for (const lot of lotsAtHand(draft)) {
      if (lot.wallet !== wallet) continue;
      if (lot.pending > 0) releases_from = min(releases_from, lot.available_at);
      if (lot.pending + lot.available > 0) expires_from = min(expires_from, lot.expires_at);
    }
    setAccount(draft, wallet, { ...accountOf(draft.state, wallet), releases_from, expires_from });
  }
};

/**
 * Brings a member up to now, in time order, each thing at its own instant: points released and expired, and tiers
 * reassessed whenever a window shrinks. What is written is due to time, whatever command brought it forward.
 */
export const settle = (draft: Draft): void => {
  draft.cause = { cause: 'time', cause_id: null };
  alignWindows(draft);
  const due = dueOf(draft);
  for (const [at, together] of Map.groupBy(due, (item) => item.at)) settleAt(draft, at, together);
  moveToDay(draft, draft.rules.calendar.dayOf(draft.now));
  renewLotInstants(draft);
  reassess(draft, draft.now);
};
