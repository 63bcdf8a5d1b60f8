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
  /** Null: never, or with all others of the wallet whose expiry slides. */
  readonly expires_at: Instant | null;
  /** Whether it expires when the account's sliding points do. */
  readonly slides?: true;
}

/**
 * Where a lot stands among those to be spent. What slides comes after all that has an instant of its own, which nothing
 * renews, and before what never expires: a year no caller can name.
 */
export const SLIDING_YEAR = Date.UTC(10_000, 0);
const spendingPlace = ({ expires_at, slides }: Lot): number =>
  slides === true ? SLIDING_YEAR : (expires_at ?? Number.POSITIVE_INFINITY);

/** Lots are spent soonest to expire first, then oldest. */
export const inSpendingOrder = (a: Lot, b: Lot): number => {
  const [one, other] = [spendingPlace(a), spendingPlace(b)];
  return one === other ? a.lot - b.lot : one - other;
};
