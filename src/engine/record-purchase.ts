import { type Acceptance, type Decision, type Refusal, refuse } from '../model/decision.ts';
import { makeId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull, parseInstant } from '../model/instant.ts';
import { limits } from '../model/limits.ts';
import { POINTS_MAX } from '../model/points.ts';
import type { EarnedPoints, PurchaseAnswer, PurchaseRow, RecordPurchase } from '../model/purchase.ts';
import type { Rules } from '../rules/rules.ts';
import { addEvent, changesOf, type Draft } from './draft.ts';
import { type Earning, earningsOf, givePoints } from './earn.ts';
import { factsOf, faultsOfSums, type SpreadPurchase, spreadPurchase } from './purchase-sums.ts';
import { faultsOfIdentities } from './put-member.ts';
import { reassess } from './reassess.ts';
import { settle } from './settle.ts';
import { addToDay } from './totals.ts';
import { balancesOf, tierViews } from './view.ts';

const DAY_MS = 86_400_000;

/** When the purchase occurred. Clocks differ: a report from the near future is taken as now. */
const occurredAtOf = (report: RecordPurchase, now: Instant): Instant =>
  report.occurred_at === undefined ? now : Math.min(parseInstant(report.occurred_at), now);

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
  if (report.occurred_at === undefined) return null;
  const occurredAt = parseInstant(report.occurred_at);
  const late = rules.policies.late_report_days;
  const error = { pointer: '/occurred_at', detail: report.occurred_at };
  if (occurredAt > now + limits.clockSkewMs) {
    return refuse('occurred_in_future', `it is ${instantText(now)} now`, {
      errors: [{ ...error, code: 'occurred_in_future', expected: `at most ${instantText(now)}` }],
    });
  }
  if (late !== null && occurredAt < now - late * DAY_MS) {
    const expected = `at least ${instantText(now - late * DAY_MS)}`;
    return refuse('report_too_late', `the program takes reports of up to ${late} days`, {
      errors: [{ ...error, code: 'report_too_late', expected }],
    });
  }
  return null;
};

const rowOf = (
  report: RecordPurchase,
  spread: SpreadPurchase,
  rules: Rules,
  earnings: readonly Earning[],
  at: Pick<PurchaseRow, 'ordinal' | 'occurred_at' | 'recorded_at'>,
  tiers: PurchaseRow['facts']['tiers'],
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
      tiers,
      rules: earnings.flatMap((earning) => earning.facts),
    },
  };
};

const giveAll = (draft: Draft, earnings: readonly Earning[], occurredAt: Instant): EarnedPoints[] =>
  earnings.flatMap((earning) => {
    const wallet = draft.rules.wallets.get(earning.wallet);
    if (wallet === undefined || earning.points === 0) return [];
    const rules = earning.facts.filter((fact) => fact.points > 0).map(({ rule, points }) => ({ rule, points }));
    const given = givePoints(draft, 'earn', earning.wallet, wallet, earning.points, occurredAt, { rules });
    addEvent(draft, 'points.earned', occurredAt, {
      wallet: earning.wallet,
      points: earning.points,
      entry: given.entry.sequence,
    });
    return [
      {
        entry_id: makeId('ent', draft.state.member_id, given.entry.sequence),
        wallet: earning.wallet,
        points: earning.points,
        recovered: given.recovered,
        bucket: given.availableAt > draft.now ? 'pending' : 'available',
        available_at: instantText(given.availableAt),
        expires_at: instantTextOrNull(given.expiresAt),
        rules,
      },
    ];
  });

const answerOf = (
  report: RecordPurchase,
  row: PurchaseRow,
  rules: Rules,
  earned: EarnedPoints[],
  draft: Draft | null,
): PurchaseAnswer => ({
  id: report.id,
  member: draft?.state.external_id ?? null,
  occurred_at: instantText(row.occurred_at),
  recorded_at: instantText(row.recorded_at),
  total: { amount: row.total, currency: rules.currency },
  spend: { amount: row.spend, currency: rules.currency },
  earned,
  balances: draft === null ? [] : balancesOf(draft.state, rules),
  tiers: draft === null ? [] : tierViews(draft.state, rules),
});

const bookTotals = (draft: Draft, occurredAt: Instant, spend: number, earnings: readonly Earning[]): void => {
  const { state } = draft;
  const earned = Object.fromEntries(
    earnings.filter((earning) => earning.points > 0).map((earning) => [earning.wallet, earning.points]),
  );
  addToDay(draft, draft.rules.calendar.dayOf(occurredAt), { spend, purchases: 1, earned });
  state.first_purchase_at = Math.min(state.first_purchase_at ?? occurredAt, occurredAt);
  state.last_purchase_at = Math.max(state.last_purchase_at ?? occurredAt, occurredAt);
};

/** Records a member's purchase: books it, gives what the rules give, and looks at the tiers again. The draft is settled. */
export const recordPurchase = (draft: Draft, report: RecordPurchase): Decision => {
  const { rules, state } = draft;
  if (state.status === 'closed') return refuse('member_closed', 'a closed membership earns nothing');
  const refusal = refusalOf(report, rules, draft.now);
  if (refusal !== null) return refusal;
  const occurredAt = occurredAtOf(report, draft.now);
  const spread = spreadPurchase(report, rules.policies);
  const earnings = earningsOf(rules, spread, occurredAt);
  if (earnings.some((earning) => earning.points > POINTS_MAX))
    return refuse('number_too_large', `a purchase gives at most ${POINTS_MAX} points`);
  const tiers = Object.fromEntries(
    rules.schemes.map((scheme) => [scheme.code, state.tiers[scheme.code]?.tier ?? null]),
  );
  draft.cause = { cause: 'purchase', cause_id: report.id };
  draft.purchase = rowOf(
    report,
    spread,
    rules,
    earnings,
    { ordinal: state.commands, occurred_at: occurredAt, recorded_at: draft.now },
    tiers,
  );
  addEvent(draft, 'purchase.recorded', occurredAt, {
    purchase: report.id,
    spend: spread.spend,
    currency: rules.currency,
  });
  const earned = giveAll(draft, earnings, occurredAt);
  bookTotals(draft, occurredAt, spread.spend, earnings);
  reassess(draft, draft.now);
  // A late report may give points that have expired by now.
  if (
    Object.values(state.accounts).some((account) => account.expires_from !== null && account.expires_from <= draft.now)
  )
    settle(draft);
  return {
    outcome: 'accepted',
    status: 201,
    changes: changesOf(draft),
    answer: answerOf(report, draft.purchase, rules, earned, draft),
  };
};

/** Records a purchase without a member: kept whole, for a later claim. It earns nothing yet. */
export const recordGuestPurchase = (
  report: RecordPurchase,
  rules: Rules,
  now: Instant,
): Refusal | (Omit<Acceptance, 'changes'> & { purchase: PurchaseRow }) => {
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
    [],
    { ordinal: 0, occurred_at: occurredAtOf(report, now), recorded_at: now },
    {},
  );
  return { outcome: 'accepted', status: 201, purchase, answer: answerOf(report, purchase, rules, [], null) };
};
