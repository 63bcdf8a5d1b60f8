import { type Refusal, refuse } from '../model/decision.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { QuoteRow } from '../model/quote.ts';
import type { Rules } from '../rules/rules.ts';
import type { Draft } from './draft.ts';
import { type Pricing, pricingAt } from './pricing.ts';

/** A quote that a command names, with the rules of its revision. */
export interface Quoted {
  readonly row: QuoteRow;
  readonly rules: Rules;
  /** Whether the command is about the cart that was quoted. */
  readonly sameCart: boolean;
}

/**
 * By what a command is priced: as a quote of the member says, where it names one that is good, else as things are at
 * `at`. What a quote freezes is the revision, the tiers and the instant at which rules must be in force. Conditions on
 * all else see the member as it is: two quotes for a first purchase do not make two first purchases.
 */
export const pricingFor = (
  draft: Draft,
  named: string | undefined,
  quoted: Quoted | null,
  at: Instant,
): Pricing | Refusal => {
  if (named === undefined) return pricingAt(draft, at);
  if (quoted === null) return refuse('quote_not_found', `the member has no quote ${named}`);
  const { row, rules, sameCart } = quoted;
  if (row.expires_at <= draft.now)
    return refuse('quote_lapsed', `quote ${named} lapsed at ${instantText(row.expires_at)}`);
  if (row.used_by !== null) return refuse('quote_used', `quote ${named} was used for purchase ${row.used_by}`);
  if (!sameCart)
    return refuse('quote_mismatch', `quote ${named} is for another cart`, {
      errors: [{ pointer: '/quote', code: 'quote_mismatch', detail: named, expected: 'a quote for this very cart' }],
    });
  return { rules, tiers: row.tiers, at: row.created_at };
};
