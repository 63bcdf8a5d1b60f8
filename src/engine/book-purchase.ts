import { type Refusal, refuse } from '../model/decision.ts';
import type { MemberEventType } from '../model/event-catalogue.ts';
import type { Instant } from '../model/instant.ts';
import { noTotals } from '../model/member-state.ts';
import { POINTS_MAX } from '../model/points.ts';
import type { CapturedWith, PurchaseRow } from '../model/purchase.ts';
import type { EarnedPoints } from '../model/purchase-view.ts';
import { pointsByWallet } from '../model/sums.ts';
import { addEvent, type Draft } from './draft.ts';
import { earningsOf } from './earnings.ts';
import { evaluate } from './evaluate.ts';
import { giveEarnings } from './give-earnings.ts';
import { purchaseOccasion, valuesRead } from './occasions.ts';
import type { Pricing } from './pricing.ts';
import type { CountedFacts, SpreadPurchase } from './purchase-sums.ts';
import { qualifyReferral } from './referrals.ts';
import { standingBefore, withReturnFacts } from './return-facts.ts';
import { settleLatePoints } from './settle.ts';
import { renewSliding } from './sliding.ts';
import { addToDay } from './totals.ts';

/** A purchase to be booked: as it was reported, spread over its lines, with what of it counts. */
export interface Bookable extends Pick<PurchaseRow, 'purchase_id' | 'occurred_at' | 'total' | 'spend' | 'report'> {
  readonly counted: CountedFacts;
}

/** A purchase booked, with everything it gave: by itself, and by what it set off. */
export interface Booked {
  readonly outcome: 'booked';
  readonly row: PurchaseRow;
  readonly given: readonly EarnedPoints[];
}

/** The spread as it was, of a purchase that keeps it. */
const spreadOf = ({ report, spend, counted }: Bookable): SpreadPurchase => {
  const { shipping_counted, shipping_points_share: share } = counted;
  return {
    lines: [...report.lines],
    shipping_counted,
    ...(share === undefined ? {} : { shipping_points_share: share }),
    spend,
  };
};

const bookTotals = (draft: Draft, occurredAt: Instant, spend: number, earned: readonly EarnedPoints[]): void => {
  const { state } = draft;
  const totals = { ...noTotals, spend, purchases: 1, earned: Object.fromEntries(pointsByWallet(earned)) };
  addToDay(draft, draft.rules.calendar.dayOf(occurredAt), totals);
  state.first_purchase_at = Math.min(state.first_purchase_at ?? occurredAt, occurredAt);
  state.last_purchase_at = Math.max(state.last_purchase_at ?? occurredAt, occurredAt);
};

/** Which tier of each scheme counts as held. */
const tiersOf = ({ rules, tiers }: Pricing): PurchaseRow['facts']['tiers'] =>
  Object.fromEntries(rules.schemes.map((scheme) => [scheme.code, tiers[scheme.code]?.tier ?? null]));

/**
 * Books a member's purchase: gives what the rules give, and looks at tiers and segments again. All that it brings about
 * is told: what a tier or segment entered by it gives, and a referral. The draft is settled; `redemptions` are those that
 * pay for it, and go back with it.
 */
export const bookPurchase = (
  draft: Draft,
  purchase: Bookable,
  pricing: Pricing,
  event: Extract<MemberEventType, 'purchase.recorded' | 'purchase.claimed'>,
  redemptions: readonly CapturedWith[] = [],
): Booked | Refusal => {
  const { purchase_id, occurred_at, total, spend, report, counted } = purchase;
  const { rules, at } = pricing;
  const occasion = purchaseOccasion(draft, report, spreadOf(purchase), occurred_at, pricing);
  const standing = standingBefore(draft, occasion);
  const earnings = earningsOf(occasion);
  if (earnings.earnings.some((earning) => earning.points > POINTS_MAX))
    return refuse('number_too_large', `a purchase gives at most ${POINTS_MAX} points`);
  draft.cause = { cause: 'purchase', cause_id: purchase_id };
  draft.purchase = {
    purchase_id,
    ordinal: draft.state.commands,
    occurred_at,
    recorded_at: draft.now,
    total,
    spend,
    report,
    facts: {
      revision: rules.revision,
      ...counted,
      tiers: tiersOf(pricing),
      rules: earnings.facts,
      ...(at === occurred_at ? {} : { priced_at: at }),
      fields: valuesRead(rules.fieldsReadBy.purchase, occasion.subject),
    },
  };
  addEvent(draft, event, occurred_at, { purchase: purchase_id, spend, currency: rules.currency });
  renewSliding(draft, 'purchase', occurred_at);
  const before = draft.given.length;
  const earned = giveEarnings(draft, earnings, occurred_at, rules);
  bookTotals(draft, occurred_at, spend, earned);
  qualifyReferral(draft, purchase_id, spend, occurred_at);
  evaluate(draft, draft.now);
  settleLatePoints(draft);
  draft.purchase = withReturnFacts(draft, draft.purchase, standing, earned, redemptions);
  return { outcome: 'booked', row: draft.purchase, given: draft.given.slice(before) };
};
