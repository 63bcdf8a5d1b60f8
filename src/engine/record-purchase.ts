import { type Accepted, accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { PurchaseRow, RecordPurchase } from '../model/purchase.ts';
import type { PurchaseAnswer } from '../model/purchase-view.ts';
import { moneyOf } from '../model/redemption-view.ts';
import type { Rules } from '../rules/rules.ts';
import { type Bookable, type Booked, bookPurchase } from './book-purchase.ts';
import type { Draft } from './draft.ts';
import { hasEnded } from './ended.ts';
import type { Pricing } from './pricing.ts';
import { factsOf, faultsOfSums, type SpreadPurchase, spreadPurchase } from './purchase-sums.ts';
import { faultsOfIdentities } from './put-member.ts';
import { pricingFor, type Quoted } from './quoted.ts';
import { mayPayBy, type PaidWithPoints, payWithPoints, refusePaid } from './redeem-with-purchase.ts';
import { type Replaced, takeOut } from './replace-purchase.ts';
import { occurredAtOf, refuseReport } from './report.ts';
import type { Returning } from './returning.ts';
import { subjectAt } from './subject.ts';
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

/** What is wrong with the content of a report of a purchase of any age. */
export const refuseContent = (report: RecordPurchase, rules: Rules, now: Instant): Refusal | null =>
  refusalOf(report, rules, now, null) ?? refuseSums(report, rules);

const bookableOf = (
  report: RecordPurchase,
  spread: SpreadPurchase,
  { policies }: Rules,
  occurred_at: Instant,
): Bookable => {
  const { id, member: _member, guest: _guest, lines: _lines, ...rest } = report;
  return {
    purchase_id: id,
    occurred_at,
    total: report.total,
    spend: spread.spend,
    report: { ...rest, lines: spread.lines },
    counted: factsOf(policies, spread),
  };
};

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
    : {
        redemptions: redemptions.map(({ id, points, burn, reward, voucher }) => ({
          id,
          points,
          amount: moneyOf(burn, points),
          reward,
          voucher,
        })),
      }),
  balances: draft === null ? [] : balancesOf(draft.state, rules),
  tiers: draft === null ? [] : tierViews(subjectAt(draft, draft.now), rules),
});

/** Why a member's purchase is not looked at; null: it is. `late` is how many days old a report may be; null: any age. */
export const refusePurchase = (
  draft: Draft,
  report: RecordPurchase,
  { rules }: Pricing,
  late = draft.rules.policies.late_report_days,
): Refusal | null =>
  hasEnded(draft.state)
    ? draft.state.status === 'erased'
      ? refuse('member_erased', 'the member was erased, and earns nothing')
      : refuse('member_closed', 'a closed membership earns nothing')
    : (refusalOf(report, draft.rules, draft.now, late) ?? refuseSums(report, rules));

/** Books a purchase that goes by the burn rules it is paid by. */
export const bookPaid = (
  draft: Draft,
  paid: PaidWithPoints,
  pricing: Pricing,
  occurredAt: Instant,
): Refusal | Booked => {
  const { report, redemptions } = paid;
  const { rules } = pricing;
  const spread = spreadPurchase(report, rules.policies, mayPayBy(paid.rules));
  // A hold whose burn rule has gone pays by no rule any more, but not more than there is to pay.
  const tooMuch = refusePaid(paid, spread) ?? (redemptions.length === 0 ? null : refuseSums(report, rules));
  if (tooMuch !== null) return tooMuch;
  const bookable = bookableOf(report, spread, rules, occurredAt);
  return bookPurchase(draft, bookable, pricing, 'purchase.recorded', redemptions);
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
  const booked = bookPaid(draft, paid, pricing, occurredAt);
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
  const { counted, ...bookable } = bookableOf(report, spread, rules, occurredAtOf(report, now));
  const facts = { revision: rules.revision, ...counted, tiers: {}, rules: [] };
  const purchase: PurchaseRow = { ...bookable, ordinal: 0, recorded_at: now, facts };
  return { ...accept(answerOf(report, { row: purchase, given: [] }, rules, [], null, null), 201), purchase };
};
