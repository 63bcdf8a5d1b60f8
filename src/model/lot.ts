import type { Instant } from './instant.ts';
import type { PointValue } from './wallet.ts';

/** Points from one source that expire together. `lot` is the sequence of the entry that made it. */
export interface Lot {
  readonly lot: number;
  readonly wallet: string;
  readonly original: number;
  readonly pending: number;
  readonly available: number;
  readonly held: number;
  /** Money value of a point when it was issued. */
  readonly value: PointValue | null;
  readonly earned_at: Instant;
  readonly available_at: Instant;
  /** Null: never. */
  readonly expires_at: Instant | null;
}

/** Lots are spent soonest to expire first, then oldest. */
export const inSpendingOrder = (a: Lot, b: Lot): number => {
  if (a.expires_at === b.expires_at) return a.lot - b.lot;
  return (a.expires_at ?? Number.POSITIVE_INFINITY) - (b.expires_at ?? Number.POSITIVE_INFINITY);
};
