import { type Accepted, accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { noTotals } from '../model/member-state.ts';
import { POINTS_MAX } from '../model/points.ts';
import type { PurchaseRow, RecordPurchase } from '../model/purchase.ts';
import type { EarnedPoints, PurchaseAnswer } from '../model/purchase-view.ts';
import { moneyOf } from '../model/redemption-view.ts';
import { pointsByWallet } from '../model/sums.ts';
import type { Rules } from '../rules/rules.ts';
import { addEvent, type Draft } from './draft.ts';
import { earningsOf } from './earnings.ts';
import { evaluate } from './evaluate.ts';
import { giveEarnings } from './give-earnings.ts';
import { purchaseOccasion, valuesRead } from './occasions.ts';
import type { Pricing } from './pricing.ts';
import { factsOf, faultsOfSums, type SpreadPurchase, spreadPurchase } from './purchase-sums.ts';
import { faultsOfIdentities } from './put-member.ts';
import { pricingFor, type Quoted } from './quoted.ts';
import { mayPayBy, type PaidWithPoints, payWithPoints, refusePaid } from './redeem-with-purchase.ts';
import { qualifyReferral } from './referrals.ts';
import { type Replaced, takeOut } from './replace-purchase.ts';
import { occurredAtOf, refuseReport } from './report.ts';
import { standingBefore, withReturnFacts } from './return-facts.ts';
import type { Returning } from './returning.ts';
import { settleLatePoints } from './settle.ts';
import { subjectAt } from './subject.ts';
import { addToDay } from './totals.ts';
import { balancesOf, tierViews } from './view.ts';

/** What is wrong with a report, whoever made the purchase and however it is paid. */
const refusalOf = (
  report: RecordPurchase,
  rules: Rules,
  now: Instant,
  late = rules.policies.late_report_days,
): Refusal | null => {
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
  return refuseReport(report, rules, now, late);
};

const refuseSums = (report: RecordPurchase, { policies }: Rules): Refusal | null => {
  const errors = faultsOfSums(report, policies.sum_tolerance);
  return errors.length === 0
    ? null
    : refuse('sums_do_not_add_up', `${errors.length} of the sums do not hold`, { errors });
};

const rowOf = (
  report: RecordPurchase,
  spread: SpreadPurchase,
  rules: Rules,
  at: Pick<PurchaseRow, 'ordinal' | 'occurred_at' | 'recorded_at'>,
  facts: Pick<PurchaseRow['facts'], 'tiers' | 'rules' | 'fields' | 'priced_at'>,
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

/** A purchase that was booked, with all the points it brought about. */
export interface Booked {
  readonly outcome: 'booked';
  readonly row: PurchaseRow;
  readonly given: readonly EarnedPoints[];
}

const answerOf = (
  report: RecordPurchase,
  { row, given }: Pick<Booked, 'row' | 'given'>,
  rules: Rules,
  redemptions: PaidWithPoints['redemptions'],
  replaced: Replaced | null,
  draft: Draft | null,
): PurchaseAnswer => ({
  id: report.id,
  member: draft?.state.external_id ?? null,
  occurred_at: instantText(row.occurred_at),
  recorded_at: instantText(row.recorded_at),
  total: { amount: row.total, currency: rules.currency },
  spend: { amount: row.spend, currency: rules.currency },
  earned: [...given],
  ...(replaced === null ? {} : { replaced: { id: replaced.row.purchase_id, ...replaced.answer } }),
  ...(redemptions.length === 0
    ? {}
    : { redemptions: redemptions.map(({ id, points, burn }) => ({ id, points, amount: moneyOf(burn, points) })) }),
  balances: draft === null ? [] : balancesOf(draft.state, rules),
  tiers: draft === null ? [] : tierViews(subjectAt(draft, draft.now), rules),
});

/** Which tier of each scheme counts as held. */
const tiersOf = ({ rules, tiers }: Pricing): PurchaseRow['facts']['tiers'] =>
  Object.fromEntries(rules.schemes.map((scheme) => [scheme.code, tiers[scheme.code]?.tier ?? null]));

const bookTotals = (draft: Draft, occurredAt: Instant, spend: number, earned: readonly EarnedPoints[]): void => {
  const { state } = draft;
  const totals = { ...noTotals, spend, purchases: 1, earned: Object.fromEntries(pointsByWallet(earned)) };
  addToDay(draft, draft.rules.calendar.dayOf(occurredAt), totals);
  state.first_purchase_at = Math.min(state.first_purchase_at ?? occurredAt, occurredAt);
  state.last_purchase_at = Math.max(state.last_purchase_at ?? occurredAt, occurredAt);
};

/** Why a member's purchase is not looked at; null: it is. `late` is how many days old a report may be; null: any age. */
export const refusePurchase = (
  draft: Draft,
  report: RecordPurchase,
  { rules }: Pricing,
  late = draft.rules.policies.late_report_days,
): Refusal | null =>
  draft.state.status === 'closed'
    ? refuse('member_closed', 'a closed membership earns nothing')
    : (refusalOf(report, draft.rules, draft.now, late) ?? refuseSums(report, rules));

/** Books a purchase, however it is paid, gives what the rules give, and looks at the tiers again. */
export const bookPurchase = (
  draft: Draft,
  paid: PaidWithPoints,
  pricing: Pricing,
  occurredAt: Instant,
): Refusal | Booked => {
  const { state } = draft;
  const { report, redemptions } = paid;
  const spread = spreadPurchase(report, pricing.rules.policies, mayPayBy(paid.rules));
  // A hold whose burn rule has gone pays by no rule any more, but not more than there is to pay.
  const tooMuch = refusePaid(paid, spread) ?? (redemptions.length === 0 ? null : refuseSums(report, pricing.rules));
  if (tooMuch !== null) return tooMuch;
  const occasion = purchaseOccasion(draft, report, spread, occurredAt, pricing);
  const standing = standingBefore(draft, occasion);
  const earnings = earningsOf(occasion);
  if (earnings.earnings.some((earning) => earning.points > POINTS_MAX))
    return refuse('number_too_large', `a purchase gives at most ${POINTS_MAX} points`);
  draft.cause = { cause: 'purchase', cause_id: report.id };
  draft.purchase = rowOf(
    report,
    spread,
    pricing.rules,
    { ordinal: state.commands, occurred_at: occurredAt, recorded_at: draft.now },
    {
      tiers: tiersOf(pricing),
      rules: earnings.facts,
      ...(pricing.at === occurredAt ? {} : { priced_at: pricing.at }),
      fields: valuesRead(pricing.rules.fieldsReadBy.purchase, occasion.subject),
    },
  );
  addEvent(draft, 'purchase.recorded', occurredAt, {
    purchase: report.id,
    spend: spread.spend,
    currency: report.currency,
  });
  // All that the purchase brings about is told: what a tier or segment entered by it gives, and a referral.
  const before = draft.given.length;
  const earned = giveEarnings(draft, earnings, occurredAt, pricing.rules);
  bookTotals(draft, occurredAt, spread.spend, earned);
  qualifyReferral(draft, report.id, spread.spend, occurredAt);
  evaluate(draft, draft.now);
  settleLatePoints(draft);
  const row = withReturnFacts(draft, draft.purchase, standing, earned, redemptions);
  draft.purchase = row;
  return { outcome: 'booked', row, given: draft.given.slice(before) };
};

/** Records a member's purchase with what it is paid with in points. The draft is settled. */
export const recordPurchase = (
  draft: Draft,
  report: RecordPurchase,
  quoted: Quoted | null,
  returning: Returning | null,
): Outcome => {
  const replaced = report.replaces === undefined ? null : takeOut(draft, report.replaces, returning);
  if (replaced?.outcome === 'refused') return replaced;
  const occurredAt =
    replaced !== null && report.occurred_at === undefined ? replaced.row.occurred_at : occurredAtOf(report, draft.now);
  const pricing = replaced?.pricing ?? pricingFor(draft, report.quote, quoted, occurredAt);
  if ('outcome' in pricing) return pricing;
  const late = replaced === null ? draft.rules.policies.late_report_days : null;
  const refusal = refusePurchase(draft, report, pricing, late);
  if (refusal !== null) return refusal;
  const paid = payWithPoints(draft, pricing, report);
  if (paid.outcome === 'refused') return paid;
  const booked = bookPurchase(draft, paid, pricing, occurredAt);
  if (booked.outcome === 'refused') return booked;
  if (quoted !== null) draft.usedQuote = { quote_id: quoted.row.quote_id, used_by: report.id };
  return accept(answerOf(report, booked, draft.rules, paid.redemptions, replaced, draft), 201);
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
  const refusal = refusalOf(report, rules, now) ?? refuseSums(report, rules);
  if (refusal !== null) return refusal;
  const spread = spreadPurchase(report, rules.policies);
  const purchase = rowOf(
    report,
    spread,
    rules,
    { ordinal: 0, occurred_at: occurredAtOf(report, now), recorded_at: now },
    { tiers: {}, rules: [] },
  );
  return { ...accept(answerOf(report, { row: purchase, given: [] }, rules, [], null, null), 201), purchase };
};
