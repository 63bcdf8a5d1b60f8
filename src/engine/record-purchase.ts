import { type Accepted, accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { noTotals } from '../model/member-state.ts';
import { POINTS_MAX } from '../model/points.ts';
import type { PurchaseRow, RecordPurchase } from '../model/purchase.ts';
import type { EarnedPoints, PurchaseAnswer } from '../model/purchase-view.ts';
import { pointsByWallet } from '../model/sums.ts';
import type { Rules } from '../rules/rules.ts';
import { addEvent, type Draft } from './draft.ts';
import { earningsOf } from './earnings.ts';
import { evaluate } from './evaluate.ts';
import { giveEarnings } from './give-earnings.ts';
import { purchaseOccasion, valuesRead } from './occasions.ts';
import { factsOf, faultsOfSums, type SpreadPurchase, spreadPurchase } from './purchase-sums.ts';
import { faultsOfIdentities } from './put-member.ts';
import { captureWithPurchase } from './redemption-life.ts';
import { qualifyReferral } from './referrals.ts';
import { occurredAtOf, refuseReport } from './report.ts';
import { standingBefore, withReturnFacts } from './return-facts.ts';
import { settleLatePoints } from './settle.ts';
import { renewSliding } from './sliding.ts';
import { subjectAt } from './subject.ts';
import { addToDay } from './totals.ts';
import { balancesOf, tierViews } from './view.ts';

/** What is wrong with a report whoever made the purchase. */
const refusalOf = (report: RecordPurchase, rules: Rules, now: Instant): Refusal | null => {
  if (report.currency !== rules.currency) {
    const error = {
      pointer: '/currency',
      code: 'currency_mismatch',
      detail: report.currency,
      expected: rules.currency,
    };
    return refuse('currency_mismatch', `the purchase is in ${report.currency}, the program in ${rules.currency}`, {
      errors: [error],
    });
  }
  const faults = faultsOfSums(report, rules.policies.sum_tolerance);
  if (faults.length > 0)
    return refuse('sums_do_not_add_up', `${faults.length} of the sums do not hold`, { errors: faults });
  return refuseReport(report, rules, now);
};

const rowOf = (
  report: RecordPurchase,
  spread: SpreadPurchase,
  rules: Rules,
  at: Pick<PurchaseRow, 'ordinal' | 'occurred_at' | 'recorded_at'>,
  facts: Pick<PurchaseRow['facts'], 'tiers' | 'rules' | 'fields'>,
): PurchaseRow => {
  const { id, member: _member, guest: _guest, lines: _lines, ...rest } = report;
  return {
    purchase_id: id,
    ...at,
    total: report.total,
    spend: spread.spend,
    report: { ...rest, lines: spread.lines },
    facts: {
      revision: rules.revision,
      ...factsOf(rules.policies, spread),
      ...facts,
    },
  };
};

const answerOf = (
  report: RecordPurchase,
  row: PurchaseRow,
  rules: Rules,
  earned: EarnedPoints[],
  redemptions: NonNullable<PurchaseAnswer['redemptions']>,
  draft: Draft | null,
): PurchaseAnswer => ({
  id: report.id,
  member: draft?.state.external_id ?? null,
  occurred_at: instantText(row.occurred_at),
  recorded_at: instantText(row.recorded_at),
  total: { amount: row.total, currency: rules.currency },
  spend: { amount: row.spend, currency: rules.currency },
  earned,
  ...(redemptions.length === 0 ? {} : { redemptions }),
  balances: draft === null ? [] : balancesOf(draft.state, rules),
  tiers: draft === null ? [] : tierViews(subjectAt(draft, draft.now), rules),
});

const bookTotals = (draft: Draft, occurredAt: Instant, spend: number, earned: readonly EarnedPoints[]): void => {
  const { state } = draft;
  const totals = { ...noTotals, spend, purchases: 1, earned: Object.fromEntries(pointsByWallet(earned)) };
  addToDay(draft, draft.rules.calendar.dayOf(occurredAt), totals);
  state.first_purchase_at = Math.min(state.first_purchase_at ?? occurredAt, occurredAt);
  state.last_purchase_at = Math.max(state.last_purchase_at ?? occurredAt, occurredAt);
};

/** Records a member's purchase: books it, gives what the rules give, and looks at the tiers again. The draft is settled. */
export const recordPurchase = (draft: Draft, report: RecordPurchase): Outcome => {
  const { rules, state } = draft;
  if (state.status === 'closed') return refuse('member_closed', 'a closed membership earns nothing');
  const refusal = refusalOf(report, rules, draft.now);
  if (refusal !== null) return refusal;
  const captured = captureWithPurchase(draft, report.capture_redemptions ?? []);
  if (captured.outcome === 'refused') return captured;
  const occurredAt = occurredAtOf(report, draft.now);
  const spread = spreadPurchase(report, rules.policies);
  const occasion = purchaseOccasion(draft, report, spread, occurredAt);
  const standing = standingBefore(draft, occasion);
  const earnings = earningsOf(occasion);
  if (earnings.earnings.some((earning) => earning.points > POINTS_MAX))
    return refuse('number_too_large', `a purchase gives at most ${POINTS_MAX} points`);
  const tiers = Object.fromEntries(
    rules.schemes.map((scheme) => [scheme.code, state.tiers[scheme.code]?.tier ?? null]),
  );
  draft.cause = { cause: 'purchase', cause_id: report.id };
  draft.purchase = rowOf(
    report,
    spread,
    rules,
    { ordinal: state.commands, occurred_at: occurredAt, recorded_at: draft.now },
    { tiers, rules: earnings.facts, fields: valuesRead(rules.fieldsReadBy.purchase, occasion.subject) },
  );
  addEvent(draft, 'purchase.recorded', occurredAt, {
    purchase: report.id,
    spend: spread.spend,
    currency: rules.currency,
  });
  // All that the purchase brings about is told: what a tier or segment entered by it gives, and a referral.
  renewSliding(draft, 'purchase', occurredAt);
  const before = draft.given.length;
  const earned = giveEarnings(draft, earnings, occurredAt);
  bookTotals(draft, occurredAt, spread.spend, earned);
  qualifyReferral(draft, report.id, spread.spend, occurredAt);
  evaluate(draft, draft.now);
  settleLatePoints(draft);
  draft.purchase = withReturnFacts(draft, draft.purchase, standing, earned);
  const given = draft.given.slice(before);
  return accept(answerOf(report, draft.purchase, rules, given, captured.redemptions, draft), 201);
};

/** Records a purchase without a member: kept whole, for a later claim. It earns nothing yet. */
export const recordGuestPurchase = (
  report: RecordPurchase,
  rules: Rules,
  now: Instant,
): Refusal | (Accepted & { purchase: PurchaseRow }) => {
  const badIdentity = faultsOfIdentities(
    report.guest === undefined ? [] : [report.guest.identity],
    () => '/guest/identity',
  );
  if (badIdentity.length > 0)
    return refuse('invalid_identity', 'the identity does not have the form of its kind', { errors: badIdentity });
  const refusal = refusalOf(report, rules, now);
  if (refusal !== null) return refusal;
  const spread = spreadPurchase(report, rules.policies);
  const purchase = rowOf(
    report,
    spread,
    rules,
    { ordinal: 0, occurred_at: occurredAtOf(report, now), recorded_at: now },
    { tiers: {}, rules: [] },
  );
  return { ...accept(answerOf(report, purchase, rules, [], [], null), 201), purchase };
};
