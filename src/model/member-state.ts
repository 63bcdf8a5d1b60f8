import type { Window } from './condition.ts';
import type { MemberId } from './ids.ts';
import type { EpochDay, Instant } from './instant.ts';
import type { MemberStatus } from './member.ts';

/** One member's wallet: balances, lifetime totals, and when time next moves points. */
export interface Account {
  readonly pending: number;
  readonly available: number;
  readonly held: number;
  /** At most what was taken without being there; shown positive. */
  readonly debt: number;
  readonly redeemed: number;
  readonly expired: number;
  /** The earliest instants at which a lot of this account may be released, and may expire. May be early, never late. */
  readonly releases_from: Instant | null;
  readonly expires_from: Instant | null;
}

export const emptyAccount: Account = {
  pending: 0,
  available: 0,
  held: 0,
  debt: 0,
  redeemed: 0,
  expired: 0,
  releases_from: null,
  expires_from: null,
};

/** What a member did: over one local day, over a window, or ever. `earned` is by wallet. */
export interface Totals {
  readonly spend: number;
  readonly purchases: number;
  readonly earned: Readonly<Record<string, number>>;
}

export const noTotals: Totals = { spend: 0, purchases: 0, earned: {} };

export interface TierHeld {
  readonly tier: string | null;
  readonly since: Instant;
  /** How many times the member changed tier in this scheme. */
  readonly changes: number;
}

/** Everything the common write needs to know about a member, in one row. */
export interface MemberState {
  readonly member_id: MemberId;
  readonly external_id: string;
  readonly status: MemberStatus;
  readonly enrolled_at: Instant;
  /** When the engine last took something for this member; monotone. */
  readonly recorded_at: Instant;
  /** The member's ledger entries, accepted commands and events so far. */
  readonly entries: number;
  readonly commands: number;
  readonly events: number;
  readonly accounts: Readonly<Record<string, Account>>;
  readonly totals: Totals;
  readonly first_purchase_at: Instant | null;
  readonly last_purchase_at: Instant | null;
  /** The local day up to which the window totals are rolled, and what happened on it. */
  readonly day: EpochDay;
  readonly today: Totals;
  /** Totals over the windows the rules read, as of `day`. */
  readonly windows: Readonly<Partial<Record<Window, Totals>>>;
  readonly tiers: Readonly<Record<string, TierHeld>>;
  /** The earliest instant at which time alone may change a tier. May be early, never late. */
  readonly tier_due_at: Instant | null;
  /** What the due table says: the earliest instant at which a job should look at the member. */
  readonly due_at: Instant | null;
  /** The revision the member was last evaluated under. */
  readonly revision: number;
}
