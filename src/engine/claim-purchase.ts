import { accept, type Outcome } from '../model/decision.ts';
import { DAY_MS, type Instant } from '../model/instant.ts';
import { limits } from '../model/limits.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import type { ReturnRow } from '../model/purchase-return.ts';
import type { FollowUp } from '../model/referral.ts';
import { type Booked, bookPurchase } from './book-purchase.ts';
import type { Draft } from './draft.ts';
import { hasEnded } from './ended.ts';
import { pricingAt } from './pricing.ts';
import { returnClaimed } from './return-purchase.ts';
import type { Returning } from './returning.ts';

/*
 * A guest's purchase is kept with a hash of the guest's identity. Whoever is given that identity within the program's
 * days of the purchase gets it: first the command that gives the identity writes a follow-up for each purchase, then a
 * command of its own books it, like a late report of any age, and undoes again what came back meanwhile. What the guest's
 * purchase counted stays as it was told; what it gives is by the rules of the day on which it is claimed.
 */

/** A guest's purchase of an identity, for whoever is given that. */
export interface Claimable {
  readonly purchase_id: string;
  readonly occurred_at: Instant;
}

/** A guest's purchase with what came back of it, in order. */
export interface GuestClaim {
  readonly row: PurchaseRow;
  readonly returns: readonly ReturnRow[];
}

const CLAIM = 'claim:';

/** The purchase that a follow-up claims; null: it claims none. */
export const purchaseClaimed = ({ id }: Pick<FollowUp, 'id'>): string | null =>
  id.startsWith(CLAIM) ? id.slice(CLAIM.length) : null;

/** Since when a purchase may have occurred that is claimed now; null: none is. */
export const claimableSince = (days: number | null, now: Instant): Instant | null =>
  days === null ? null : now - days * DAY_MS;

/** Writes down which purchases the member is to claim, the oldest first. */
export const announceClaims = (draft: Draft, claimable: readonly Claimable[]): void => {
  const { rules, now, state } = draft;
  const since = claimableSince(rules.policies.guest_claim_days, now);
  if (since === null) return;
  const open = [...new Map(claimable.map((one) => [one.purchase_id, one])).values()]
    .filter(({ occurred_at }) => occurred_at >= since)
    .sort((a, b) => a.occurred_at - b.occurred_at || (a.purchase_id < b.purchase_id ? -1 : 1))
    .slice(0, limits.claimsAtOnce);
  for (const { purchase_id } of open)
    draft.followUps.push({ id: `${CLAIM}${purchase_id}`, member_id: state.member_id, at: now });
};

/** The purchase as a return finds it that comes in the very command which booked it. Nothing of it is whole: it would not have been booked. */
const returningOf = (draft: Draft, { row }: Booked, returns: readonly ReturnRow[]): Returning => {
  const { given = [], entries: [first, last] = [1, 0], events: [from, to] = [1, 0] } = row.facts.on_return ?? {};
  return {
    row,
    rules: draft.rules,
    returns,
    given,
    triggered: draft.entries.filter(
      ({ sequence, movement, cause }) =>
        sequence >= first &&
        sequence <= last &&
        cause !== 'purchase' &&
        (movement === 'earn' || movement === 'recover'),
    ),
    entitlements: draft.entitlements.filter(
      ({ number }) => number >= from && number <= to && !draft.revoked.includes(number),
    ),
    others: [],
  };
};

/**
 * Books a guest's purchase as the member's. `followUp` is null when that has been done already; `claim` is null when the
 * purchase is somebody's by now. With either, with a membership that is closed by now, with a purchase of which nothing is
 * left, and with one that gives more than can be given, the matter is over, and the purchase stays what it is.
 */
export const claimPurchase = (draft: Draft, followUp: FollowUp | null, claim: GuestClaim | null): Outcome => {
  if (followUp === null) return accept(null);
  draft.followedUp = followUp.id;
  if (claim === null || hasEnded(draft.state)) return accept(null);
  const { row, returns } = claim;
  if (returns.some(({ whole }) => whole)) return accept(null);
  const { count_tax, count_shipping, shipping_counted, shipping_points_share: share } = row.facts;
  const ofShipping = share === undefined ? {} : { shipping_points_share: share };
  const counted = { count_tax, count_shipping, shipping_counted, ...ofShipping };
  const booked = bookPurchase(draft, { ...row, counted }, pricingAt(draft, row.occurred_at), 'purchase.claimed');
  if (booked.outcome === 'refused') return accept(null);
  const done: ReturnRow[] = [];
  for (const recorded of returns) done.push(returnClaimed(draft, returningOf(draft, booked, done), recorded));
  draft.claimed = done;
  return accept(null);
};
