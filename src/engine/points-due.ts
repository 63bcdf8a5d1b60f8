import { earlier, type Instant, instantText } from '../model/instant.ts';
import type { Allocation } from '../model/ledger-entry.ts';
import type { Lot } from '../model/lot.ts';
import type { OpenHold, OpenVoucher } from '../model/member-state.ts';
import { sumPoints } from '../model/sums.ts';
import { apply } from './apply.ts';
import { accountOf, addEvent, type Draft, holdsOf, lotOf, lotsAtHand, setAccount, vouchersOf } from './draft.ts';
import { endHold, lapsedBy } from './holds.ts';
import { announcementOf, noteExpiry, slidesAt, slidingOf, stillAnnounced } from './sliding.ts';
import { endVoucher, vouchersLapsed } from './vouchers.ts';

/* What time does to points: they are released, holds and vouchers lapse, points expire, and it is announced that they will. */

/** Points that became due. */
export type Due =
  | { readonly at: Instant; readonly kind: 'release' | 'expiry'; readonly lot: Lot }
  | { readonly at: Instant; readonly kind: 'lapse'; readonly hold: OpenHold }
  | { readonly at: Instant; readonly kind: 'slide'; readonly wallet: string }
  | { readonly at: Instant; readonly kind: 'voucher'; readonly voucher: OpenVoucher }
  | { readonly at: Instant; readonly kind: 'announcement'; readonly wallet: string; readonly expiry: Instant };

/** A lot that is still pending when it would expire is released first: points expire out of `available`. */
const expiryOf = (lot: Lot): Instant | null =>
  lot.expires_at === null ? null : Math.max(lot.expires_at, lot.available_at);

/** Of what is due at the same instant, what was taken or made first comes first. */
const numberOf = (due: Due): number => {
  switch (due.kind) {
    case 'release':
    case 'expiry':
      return due.lot.lot;
    case 'lapse':
      return due.hold.ordinal;
    case 'slide':
      return 0;
    case 'voucher':
      return due.voucher.number;
    case 'announcement':
      return due.expiry;
    default:
      return due satisfies never;
  }
};
const ORDER = { release: 0, lapse: 1, expiry: 2, slide: 3, voucher: 4, announcement: 5 } as const;

/** What slid up to now, and is not taken as gone yet. */
const slidesDue = ({ state, now }: Draft): Due[] =>
  Object.entries(state.accounts).flatMap(([wallet, account]): Due[] => {
    const { at } = slidingOf(account);
    return at !== null && at <= now ? [{ at, kind: 'slide', wallet }] : [];
  });

/**
 * What is announced after an instant and by now, an item for each wallet and expiry. Members whose rules have another
 * notice since are not told of what would have been announced before: it begins now.
 */
const announcementsDue = (draft: Draft, lots: readonly Lot[], after: Instant): Due[] => {
  const { rules, state, now, loaded } = draft;
  if (loaded.state.revision < rules.noticeRevision) return [];
  const due = new Map<string, Due>();
  const add = (wallet: string, expiry: Instant): void => {
    const key = `${wallet} ${expiry}`;
    if (due.has(key) || expiry <= (accountOf(state, wallet).announced_to ?? Number.NEGATIVE_INFINITY)) return;
    const at = announcementOf(rules, wallet, expiry);
    if (at !== null && at > after && at <= now) due.set(key, { at, kind: 'announcement', wallet, expiry });
  };
  for (const lot of lots)
    if (lot.pending + lot.available > 0 && lot.expires_at !== null && lot.expires_at > after)
      add(lot.wallet, lot.expires_at);
  for (const [wallet, account] of Object.entries(state.accounts)) {
    const at = slidesAt(account);
    if (at !== null) add(wallet, at);
  }
  return [...due.values()];
};

/** What becomes due by now, in time order; at one instant points are released, then holds lapse, then points expire. */
const dueOf = (draft: Draft, after: Instant): Due[] => {
  const due: Due[] = lapsedBy(holdsOf(draft.state), draft.now).map((hold) => ({
    at: hold.expires_at,
    kind: 'lapse',
    hold,
  }));
  const lots = lotsAtHand(draft);
  for (const lot of lots) {
    if (lot.pending > 0 && lot.available_at <= draft.now) due.push({ at: lot.available_at, kind: 'release', lot });
    const expiry = expiryOf(lot);
    if (lot.pending + lot.available > 0 && expiry !== null && expiry <= draft.now)
      due.push({ at: expiry, kind: 'expiry', lot });
  }
  for (const voucher of vouchersLapsed(vouchersOf(draft.state), draft.now))
    due.push({ at: voucher.expires_at, kind: 'voucher', voucher });
  due.push(...slidesDue(draft), ...announcementsDue(draft, lots, after));
  return due.sort((a, b) => a.at - b.at || ORDER[a.kind] - ORDER[b.kind] || numberOf(a) - numberOf(b));
};

/** Instants at which points become due, the earliest first. What was to be announced up to `after` has been. */
export const pointsDue = (draft: Draft, after: Instant): [Instant, Due[]][] => [
  ...Map.groupBy(dueOf(draft, after), (item) => item.at),
];

const expire = (draft: Draft, wallet: string, allocations: readonly Allocation[], at: Instant): void => {
  const points = sumPoints(allocations);
  const entry = apply(draft, {
    movement: 'expire',
    wallet,
    from: 'available',
    to: 'expired',
    points,
    occurredAt: at,
    allocations,
  });
  addEvent(draft, 'points.expired', at, { wallet, points, entry: entry.sequence });
};

const release = (draft: Draft, wallet: string, allocations: readonly Allocation[], at: Instant): void => {
  const points = sumPoints(allocations);
  const entry = apply(draft, {
    movement: 'release',
    wallet,
    from: 'pending',
    to: 'available',
    points,
    occurredAt: at,
    allocations,
  });
  addEvent(draft, 'points.released', at, { wallet, points, entry: entry.sequence });
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
  if (allocations.length === 0) return;
  const move = kind === 'release' ? release : expire;
  move(draft, wallet, allocations, at);
};

/** From now on a lot has an instant of its own. */
const fixExpiry = (draft: Draft, { slides: _, ...lot }: Lot, at: Instant): void => {
  draft.lots.set(lot.lot, { ...lot, expires_at: at });
};

/** The sliding points of a wallet expire together: see `sliding.ts`. */
const expireSliding = (draft: Draft, wallet: string, at: Instant): void => {
  const lots = lotsAtHand(draft).filter((lot) => lot.wallet === wallet && lot.slides === true);
  const available = lots.filter((lot) => lot.available > 0).sort((a, b) => a.lot - b.lot);
  if (available.length > 0)
    expire(
      draft,
      wallet,
      available.map((lot) => ({ lot: lot.lot, points: lot.available })),
      at,
    );
  const account = accountOf(draft.state, wallet);
  const waiting = lots.filter(({ pending }) => pending > 0);
  const left = slidingOf(account);
  // Nothing is left of either; were a lot missing, the invariants would say that points slide nowhere.
  const pending = waiting.reduce((points, lot) => points - lot.pending, left.pending);
  const gone = { at, entry: draft.state.entries };
  setAccount(draft, wallet, { ...account, sliding: { at: null, pending, available: left.available, gone } });
  for (const { lot } of available) fixExpiry(draft, lotOf(draft, lot), at);
  for (const lot of waiting) {
    fixExpiry(draft, lot, lot.available_at);
    noteExpiry(draft, wallet, lot.available_at);
  }
};

/** Tells how many points of a wallet expire at an instant, if there are any left. */
const announce = (draft: Draft, wallet: string, expiry: Instant, at: Instant): void => {
  const account = accountOf(draft.state, wallet);
  const sliding = slidesAt(account) === expiry ? slidingOf(account) : null;
  let { pending, available } = sliding ?? { pending: 0, available: 0 };
  for (const lot of lotsAtHand(draft)) {
    if (lot.wallet !== wallet || lot.expires_at !== expiry) continue;
    pending += lot.pending;
    available += lot.available;
  }
  if (pending + available === 0) return;
  setAccount(draft, wallet, { ...account, announced_to: expiry });
  addEvent(draft, 'points.expiring', at, { wallet, points: available, pending, expires_at: instantText(expiry) });
};

/** Moves what is due at an instant. Returns whether other points may be due by now with that. */
export const movePoints = (draft: Draft, at: Instant, due: readonly Due[]): boolean => {
  const move = (kind: 'release' | 'expiry'): void => {
    const lots = due.flatMap((item) => (item.kind === kind ? [item.lot] : []));
    for (const [wallet, together] of Map.groupBy(lots, (lot) => lot.wallet))
      moveTogether(draft, kind, wallet, together, at);
  };
  const holds = due.flatMap((item) => (item.kind === 'lapse' ? [item.hold] : []));
  const slides = due.flatMap((item) => (item.kind === 'slide' ? [item.wallet] : []));
  move('release');
  for (const hold of holds) endHold(draft, hold, { status: 'lapsed', captured: 0, at });
  move('expiry');
  for (const wallet of slides) expireSliding(draft, wallet, at);
  for (const item of due) if (item.kind === 'voucher') endVoucher(draft, item.voucher, 'lapsed', at);
  for (const item of due) if (item.kind === 'announcement') announce(draft, item.wallet, item.expiry, at);
  return holds.length + slides.length > 0;
};

/** After settling, the accounts know again when a lot is next due: out of the lots at hand and what the load said of the others. */
export const renewLotInstants = (draft: Draft): void => {
  for (const [wallet, { beyond_notice, ...later }] of draft.loaded.later) {
    let { releases_from, expires_from } = later;
    const account = accountOf(draft.state, wallet);
    const announced = (expiry: Instant | null): Instant | null =>
      expiry === null ? null : stillAnnounced(draft, wallet, expiry);
    let announces_from = earlier(announced(beyond_notice), announced(slidesAt(account)));
    for (const lot of lotsAtHand(draft)) {
      if (lot.wallet !== wallet || lot.pending + lot.available === 0) continue;
      if (lot.pending > 0) releases_from = earlier(releases_from, lot.available_at);
      expires_from = earlier(expires_from, lot.expires_at);
      announces_from = earlier(announces_from, announced(lot.expires_at));
    }
    setAccount(draft, wallet, { ...account, releases_from, expires_from, announces_from });
  }
};
