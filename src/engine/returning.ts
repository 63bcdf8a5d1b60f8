import type { Entitlement } from '../model/decision.ts';
import type { Instant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { GivenPoints } from '../model/purchase.ts';
import type { ReturnRow } from '../model/purchase-return.ts';
import type { Recorded } from './purchase-worth.ts';

/** A purchase of which something comes back, with everything that was loaded for it. */
export interface Returning extends Recorded {
  /** What came back before, in order. */
  readonly returns: readonly ReturnRow[];
  readonly given: readonly GivenPoints[];
  /** Entries that gave points for what the purchase set off. */
  readonly triggered: readonly LedgerEntry[];
  /** Granted with it, and not taken back. */
  readonly entitlements: readonly Entitlement[];
  /** When other purchases of the member occurred that are not wholly returned: the first and the last are among them. */
  readonly others: readonly Instant[];
}
