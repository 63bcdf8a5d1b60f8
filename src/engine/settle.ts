import { earlier, type Instant } from '../model/instant.ts';
import type { Allocation } from '../model/ledger-entry.ts';
import type { Lot } from '../model/lot.ts';
import type { OpenHold, OpenVoucher } from '../model/member-state.ts';
import { sumPoints } from '../model/sums.ts';
import { apply } from './apply.ts';
import { accountOf, addEvent, type Draft, holdsOf, lotsAtHand, setAccount, vouchersOf } from './draft.ts';
import { evaluate } from './evaluate.ts';
import { endHold, lapsedBy } from './holds.ts';
import { reassess } from './reassess.ts';
import { statusInstants } from './status-due.ts';
import { alignWindows, moveToDay } from './totals.ts';
import { endVoucher, vouchersLapsed } from './vouchers.ts';
import { fireYearly, nextYearly } from './yearly.ts';

/** What became due. */
type Due =
  | { readonly at: Instant; readonly kind: 'release' | 'expiry'; readonly lot: Lot }
  | { readonly at: Instant; readonly kind: 'lapse'; readonly hold: OpenHold }
  | { readonly at: Instant; readonly kind: 'voucher'; readonly voucher: OpenVoucher };

/** A lot that is still pending when it would expire is released first: points expire out of `available`. */
const expiryOf = (lot: Lot): Instant | null =>
  lot.expires_at === null ? null : Math.max(lot.expires_at, lot.available_at);

const lapsesOf = (draft: Draft): Due[] =>
  lapsedBy(holdsOf(draft.state), draft.now).map((hold) => ({ at: hold.expires_at, kind: 'lapse', hold }));

const vouchersDue = (draft: Draft): Due[] =>
  vouchersLapsed(vouchersOf(draft.state), draft.now).map((voucher) => ({
    at: voucher.expires_at,
    kind: 'voucher',
    voucher,
  }));

/** Of what is due at the same instant, what was taken or made first comes first. */
const numberOf = (due: Due): number => {
  if (due.kind === 'lapse') return due.hold.ordinal;
  return due.kind === 'voucher' ? due.voucher.number : due.lot.lot;
};
const ORDER = { release: 0, lapse: 1, expiry: 2, voucher: 3 } as const;

/** What becomes due by now, in time order; at one instant points are released, then holds lapse, then points expire, then vouchers. */
const dueOf = (draft: Draft): Due[] => {
  const due = [...lapsesOf(draft), ...vouchersDue(draft)];
  for (const lot of lotsAtHand(draft)) {
    if (lot.pending > 0 && lot.available_at <= draft.now) due.push({ at: lot.available_at, kind: 'release', lot });
    const expiry = expiryOf(lot);
    if (lot.pending + lot.available > 0 && expiry !== null && expiry <= draft.now)
      due.push({ at: expiry, kind: 'expiry', lot });
  }
  return due.sort((a, b) => a.at - b.at || ORDER[a.kind] - ORDER[b.kind] || numberOf(a) - numberOf(b));
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
  const points = sumPoints(allocations);
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

/** Moves what is due at an instant. Returns whether a hold lapsed: its points may be due by now as well. */
const moveLots = (draft: Draft, at: Instant, due: readonly Due[]): boolean => {
  const move = (kind: 'release' | 'expiry'): void => {
    const lots = due.flatMap((item) => (item.kind === kind ? [item.lot] : []));
    for (const [wallet, together] of byWallet(lots)) moveTogether(draft, kind, wallet, together, at);
  };
  const holds = due.flatMap((item) => (item.kind === 'lapse' ? [item.hold] : []));
  move('release');
  for (const hold of holds) endHold(draft, hold, { status: 'lapsed', captured: 0, at });
  move('expiry');
  for (const item of due) if (item.kind === 'voucher') endVoucher(draft, item.voucher, 'lapsed', at);
  return holds.length > 0;
};

/** After settling, the accounts know again when a lot is next due: out of the lots at hand and what the load said of the others. */
const renewLotInstants = (draft: Draft): void => {
  for (const [wallet, later] of draft.loaded.later) {
    let { releases_from, expires_from } = later;
    for (const lot of lotsAtHand(draft)) {
      if (lot.wallet !== wallet) continue;
      if (lot.pending > 0) releases_from = earlier(releases_from, lot.available_at);
      if (lot.pending + lot.available > 0) expires_from = earlier(expires_from, lot.expires_at);
    }
    setAccount(draft, wallet, { ...accountOf(draft.state, wallet), releases_from, expires_from });
  }
};

/** Instants at which lots become due, the earliest first. */
const pointsDue = (draft: Draft): [Instant, Due[]][] => [...Map.groupBy(dueOf(draft), (item) => item.at)];

const or = (at: Instant | null | undefined): Instant => at ?? Number.POSITIVE_INFINITY;

/**
 * An instant up to now at which points move, time changes what a condition says, or a birthday begins: it is decided
 * as if it were a command of its own. Returns whether there are points that may be due by now as well.
 */
const settleAt = (draft: Draft, at: Instant, due: readonly Due[]): boolean => {
  moveToDay(draft, draft.rules.calendar.dayOf(at));
  const lapsed = moveLots(draft, at, due);
  const moved = draft.lots.size;
  fireYearly(draft, at);
  evaluate(draft, at);
  draft.fired.clear();
  return lapsed || draft.lots.size > moved;
};

/**
 * Everything up to now, in time order. Where time changes tiers and segments, the next such instant is sought again
 * after each: what happens at one can bring another. Where neither points nor time changed anything, there is nothing
 * to be evaluated: the last command did.
 */
const settleInOrder = (draft: Draft): void => {
  let points = pointsDue(draft);
  const { reassess_at, recorded_at } = draft.loaded.state;
  let timeMatters = reassess_at !== null && reassess_at <= draft.now;
  const statusAfter = statusInstants(draft);
  for (let from = recorded_at; ; ) {
    const [next] = points;
    const yearly = or(nextYearly(draft));
    const at = Math.min(or(next?.[0]), timeMatters ? or(statusAfter(from)) : or(null), yearly);
    if (at > draft.now) return;
    const due = next?.[0] === at ? points.shift()?.[1] : undefined;
    const more = settleAt(draft, at, due ?? []);
    if (more) points = pointsDue(draft);
    // What begins with points that move or with a birthday can end by now, too: a grace, or being new to a tier.
    timeMatters = true;
    from = Math.max(from, at);
  }
};

/** Points and birthdays in time order, without a look at tiers and segments. */
const moveInOrder = (draft: Draft): void => {
  for (let points = pointsDue(draft); ; ) {
    const [next] = points;
    const yearly = or(nextYearly(draft));
    const at = Math.min(or(next?.[0]), yearly);
    if (at > draft.now) return;
    const lapsed = next?.[0] === at && moveLots(draft, at, points.shift()?.[1] ?? []);
    if (lapsed) points = pointsDue(draft);
    if (yearly !== at) continue;
    moveToDay(draft, draft.rules.calendar.dayOf(at));
    fireYearly(draft, at);
    draft.fired.clear();
    points = pointsDue(draft);
  }
};

/** Rules that are new to the member say nothing about instants before: points move in their order, then only the present is looked at. */
const settleUnderNewRules = (draft: Draft): void => {
  moveInOrder(draft);
  moveToDay(draft, draft.rules.calendar.dayOf(draft.now));
  draft.backfill = true;
  reassess(draft, draft.now);
  draft.backfill = false;
  draft.entered.length = 0;
};

/**
 * Brings a member up to now, in time order, each thing at its own instant: points released and expired, holds and
 * vouchers lapsed, tiers and segments reassessed. What is written is due to time, whatever command brought it forward.
 */
export const settle = (draft: Draft): void => {
  draft.cause = { cause: 'time', cause_id: null };
  alignWindows(draft);
  if (draft.loaded.state.status_revision === draft.rules.statusRevision) settleInOrder(draft);
  else settleUnderNewRules(draft);
  moveToDay(draft, draft.rules.calendar.dayOf(draft.now));
  renewLotInstants(draft);
};

/** A late report may give points that have expired by now. */
export const settleLatePoints = (draft: Draft): void => {
  const { accounts } = draft.state;
  if (!Object.values(accounts).some(({ expires_from }) => expires_from !== null && expires_from <= draft.now)) return;
  draft.cause = { cause: 'time', cause_id: null };
  moveInOrder(draft);
  renewLotInstants(draft);
  evaluate(draft, draft.now);
};
