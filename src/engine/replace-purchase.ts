import { type Refusal, refuse } from '../model/decision.ts';
import type { MemberState } from '../model/member-state.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import type { ReturnAnswer } from '../model/purchase-return.ts';
import type { Draft } from './draft.ts';
import type { Pricing } from './pricing.ts';
import { returnPurchase } from './return-purchase.ts';
import type { Returning } from './returning.ts';

/*
 * A purchase that was reported wrongly is cancelled and recorded anew in one step. The new one takes its place: it is
 * priced by the revision and the tiers of the first, and occurred when that did, unless it says otherwise. What points
 * had paid comes back; the new report says again what it is paid with.
 */

/** A purchase that was taken out to be replaced. */
export interface Replaced {
  readonly outcome: 'replaced';
  readonly row: PurchaseRow;
  readonly pricing: Pricing;
  /** What taking it out came to. */
  readonly answer: Pick<ReturnAnswer, 'taken_back' | 'refunded' | 'revoked'>;
}

/** The tiers that counted for a purchase: those held now where they are the same, else without a history. */
const tiersThen = ({ loaded: { state } }: Draft, { facts, occurred_at: since }: PurchaseRow): MemberState['tiers'] =>
  Object.fromEntries(
    Object.entries(facts.tiers).flatMap(([scheme, tier]) => {
      if (tier === null) return [];
      const held = state.tiers[scheme];
      const nothingKnown = {
        ...{ tier, since, changes: 0, stay_until: null, qualified_since: null },
        ...{ leaves_at: null, manual: null, announced: null },
      };
      return [[scheme, held?.tier === tier ? held : nothingKnown]];
    }),
  );

/** Takes out the purchase that a report replaces. */
export const takeOut = (draft: Draft, replaces: string, returning: Returning | null): Refusal | Replaced => {
  const fault = { pointer: '/replaces', detail: replaces };
  if (returning === null)
    return refuse('not_found', `the member has no purchase ${replaces}`, {
      errors: [{ ...fault, code: 'not_found', expected: 'a purchase of the member' }],
    });
  if (returning.returns.length > 0)
    return refuse('purchase_returned', `something of purchase ${replaces} came back already`, {
      errors: [{ ...fault, code: 'purchase_returned', expected: 'a purchase of which nothing came back' }],
    });
  if (returning.row.facts.past === true)
    return refuse('not_found', `purchase ${replaces} was made before the cut-over`, {
      errors: [{ ...fault, code: 'not_found', expected: 'a purchase that was made here' }],
    });
  const taken = returnPurchase(draft, returning, { kind: 'cancellation' });
  if (taken.outcome === 'refused') return taken;
  draft.returned = null;
  const { row, rules } = returning;
  const { taken_back, refunded, revoked } = taken.answer as unknown as ReturnAnswer;
  return {
    outcome: 'replaced',
    row,
    pricing: { rules, tiers: tiersThen(draft, row), at: row.facts.priced_at ?? row.occurred_at },
    answer: { taken_back, refunded, revoked },
  };
};
