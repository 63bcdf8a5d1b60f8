import { type Accepted, accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { PurchaseRow, RecordPurchase } from '../model/purchase.ts';
import type { EarnedPoints, PurchaseAnswer } from '../model/purchase-view.ts';
import type { Rules } from '../rules/rules.ts';
import { type Bookable, bookPurchase } from './book-purchase.ts';
import type { Draft } from './draft.ts';
import { factsOf, faultsOfSums, spreadPurchase } from './purchase-sums.ts';
import { faultsOfIdentities } from './put-member.ts';
import { captureWithPurchase } from './redemption-life.ts';
import { occurredAtOf, refuseReport } from './report.ts';
import { subjectAt } from './subject.ts';
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

const bookableOf = (report: RecordPurchase, rules: Rules, now: Instant): Bookable => {
  const spread = spreadPurchase(report, rules.policies);
  const { id, member: _member, guest: _guest, lines: _lines, ...rest } = report;
  return {
    purchase_id: id,
    occurred_at: occurredAtOf(report, now),
    total: report.total,
    spend: spread.spend,
    report: { ...rest, lines: spread.lines },
    counted: factsOf(rules.policies, spread),
  };
};

const answerOf = (
  report: RecordPurchase,
  row: PurchaseRow,
  rules: Rules,
  earned: readonly EarnedPoints[],
  redemptions: NonNullable<PurchaseAnswer['redemptions']>,
  draft: Draft | null,
): PurchaseAnswer => ({
  id: report.id,
  member: draft?.state.external_id ?? null,
  occurred_at: instantText(row.occurred_at),
  recorded_at: instantText(row.recorded_at),
  total: { amount: row.total, currency: rules.currency },
  spend: { amount: row.spend, currency: rules.currency },
  earned: [...earned],
  ...(redemptions.length === 0 ? {} : { redemptions }),
  balances: draft === null ? [] : balancesOf(draft.state, rules),
  tiers: draft === null ? [] : tierViews(subjectAt(draft, draft.now), rules),
});

/** Records a member's purchase. The draft is settled. */
export const recordPurchase = (draft: Draft, report: RecordPurchase): Outcome => {
  const { rules, state } = draft;
  if (state.status === 'closed') return refuse('member_closed', 'a closed membership earns nothing');
  const refusal = refusalOf(report, rules, draft.now);
  if (refusal !== null) return refusal;
  const captured = captureWithPurchase(draft, report.capture_redemptions ?? []);
  if (captured.outcome === 'refused') return captured;
  const booked = bookPurchase(draft, bookableOf(report, rules, draft.now), 'purchase.recorded');
  if (booked.outcome === 'refused') return booked;
  return accept(answerOf(report, booked.row, rules, booked.given, captured.redemptions, draft), 201);
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
  const { counted, ...bookable } = bookableOf(report, rules, now);
  const facts = { revision: rules.revision, ...counted, tiers: {}, rules: [] };
  const purchase: PurchaseRow = { ...bookable, ordinal: 0, recorded_at: now, facts };
  return { ...accept(answerOf(report, purchase, rules, [], [], null), 201), purchase };
};
