import type { Instant } from '../model/instant.ts';
import type { Allocation, Movement } from '../model/ledger-entry.ts';
import { sumPoints } from '../model/sums.ts';
import type { PointValue } from '../model/wallet.ts';
import { apply } from './apply.ts';
import { addEvent, type Draft, lotOf } from './draft.ts';
import { hasEnded } from './ended.ts';
import { hasExpired } from './sliding.ts';

/** Points that come back out of a redemption, in the lots they were taken from. */
export interface ComingBack {
  readonly movement: Extract<Movement, 'void' | 'lapse' | 'refund'>;
  readonly wallet: string;
  readonly from: 'held' | 'redeemed';
  readonly allocations: readonly Allocation[];
  readonly at: Instant;
}

const valueKey = (value: PointValue | null): string => (value === null ? '' : `${value.amount}/${value.points}`);

/** Points that just expired with their lots are given again in new ones: a lot for each value a point had. */
const grantGrace = (
  draft: Draft,
  { wallet, at }: ComingBack,
  expired: readonly Allocation[],
  graceDays: number,
): void => {
  const { calendar } = draft.rules;
  const expiresAt = calendar.startOf(calendar.dayOf(at) + graceDays + 1);
  for (const parts of Map.groupBy(expired, ({ lot }) => valueKey(lotOf(draft, lot).value)).values()) {
    const [first] = parts;
    if (first === undefined) continue;
    const entry = apply(draft, {
      movement: 'grace',
      wallet,
      from: 'expired',
      to: 'available',
      points: sumPoints(parts),
      occurredAt: at,
      makes: { value: lotOf(draft, first.lot).value, availableAt: at, expiresAt },
    });
    addEvent(draft, 'grace.granted', at, { wallet, points: entry.points, entry: entry.sequence });
  }
};

/**
 * Gives points back into the very lots they came from, which keep their expiry. What belongs to lots that have expired
 * meanwhile expires with them, named lot by lot; where the program gives grace it comes out of `expired` again at once,
 * into a new lot that begins with just these points. So no lot ever holds more than it began with, an entry never moves
 * points from one lot to another, and what expired in the end is what flowed in less what flowed out. On a closed
 * membership everything expires.
 */
export const giveBack = (draft: Draft, back: ComingBack): { readonly available: number; readonly expired: number } => {
  const { movement, wallet, from, allocations, at } = back;
  const isClosed = hasEnded(draft.state);
  const gone = allocations.filter(({ lot }) => isClosed || hasExpired(draft, lotOf(draft, lot), at));
  const alive = allocations.filter((part) => !gone.includes(part));
  const [available, expired] = [sumPoints(alive), sumPoints(gone)];
  if (available > 0)
    apply(draft, { movement, wallet, from, to: 'available', points: available, occurredAt: at, allocations: alive });
  if (expired > 0) {
    const entry = apply(draft, {
      movement,
      wallet,
      from,
      to: 'expired',
      points: expired,
      occurredAt: at,
      allocations: gone,
    });
    addEvent(draft, 'points.expired', at, { wallet, points: expired, entry: entry.sequence });
    const { expired_refund_grace_days: graceDays } = draft.rules.policies;
    if (graceDays !== null && !isClosed) grantGrace(draft, back, gone, graceDays);
  }
  return { available, expired };
};
