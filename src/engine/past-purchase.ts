import { accept, type Outcome, refuse } from '../model/decision.ts';
import { instantText, parseInstant } from '../model/instant.ts';
import { noTotals } from '../model/member-state.ts';
import type { PointsGiven, RecordPastPurchase } from '../model/past-purchase.ts';
import type { GivenPoints, PurchaseRow } from '../model/purchase.ts';
import type { PurchaseAnswer } from '../model/purchase-view.ts';
import { pointsByWallet } from '../model/sums.ts';
import { oneOf } from '../rules/suggest.ts';
import { addEvent, type Draft } from './draft.ts';
import { countPast, reassessQuietly } from './past-totals.ts';
import { factsOf, spreadPurchase } from './purchase-sums.ts';
import { refuseContent } from './record-purchase.ts';
import { subjectAt } from './subject.ts';
import { balancesOf, tierViews } from './view.ts';

/*
 * A purchase of before the cut-over: it counts on its day, like any other, and can be returned, but it sets no rule off,
 * renews nothing and qualifies no referral. What the old system gave for it stands in the opening balance.
 */

/** No lot of its own: a return takes it from any. */
const NO_ENTRY = 0;

const givenOf = (given: PointsGiven, at: number): GivenPoints[] =>
  [...pointsByWallet(given.map(({ wallet = 'points', points }) => ({ wallet, points })))].map(([wallet, points]) => ({
    wallet,
    points,
    recovered: 0,
    entry: NO_ENTRY,
    available_at: at,
    expires_at: null,
  }));

const refuseGiven = ({ rules }: Draft, given: PointsGiven): Outcome | null => {
  const codes = [...rules.wallets.keys()];
  const errors = given.flatMap(({ wallet = 'points' }, index) =>
    rules.wallets.has(wallet)
      ? []
      : [
          {
            pointer: `/points_given/${index}/wallet`,
            code: 'unknown_wallet',
            detail: wallet,
            expected: oneOf(wallet, codes),
          },
        ],
  );
  return errors.length === 0 ? null : refuse('unknown_wallet', 'points were given to an unknown wallet', { errors });
};

const tooOld = (occurred_at: string): Outcome => {
  const expected = `at least ${instantText(0)}`;
  return refuse('report_too_late', 'no purchase of before 1970 is taken', {
    errors: [{ pointer: '/occurred_at', code: 'report_too_late', detail: occurred_at, expected }],
  });
};

/** Records a purchase that was made before the cut-over. The draft is settled. */
export const recordPastPurchase = (draft: Draft, report: RecordPastPurchase): Outcome => {
  const { rules, state, now } = draft;
  const { id, member: _member, occurred_at, points_given = [], lines: _lines, ...rest } = report;
  if (state.status === 'closed') return refuse('member_closed', 'a closed membership takes no purchases');
  const refusal = refuseContent(report, rules, now) ?? refuseGiven(draft, points_given);
  if (refusal !== null) return refusal;
  const at = Math.min(parseInstant(occurred_at), now);
  if (at < 0) return tooOld(occurred_at);
  const spread = spreadPurchase(report, rules.policies);
  const given = givenOf(points_given, at);
  const row: PurchaseRow = {
    purchase_id: id,
    ordinal: state.commands,
    occurred_at: at,
    recorded_at: now,
    total: report.total,
    spend: spread.spend,
    report: { ...rest, occurred_at, lines: spread.lines, ...(points_given.length === 0 ? {} : { points_given }) },
    facts: {
      revision: rules.revision,
      ...factsOf(rules.policies, spread),
      tiers: {},
      rules: [],
      past: true,
      on_return: {
        number: state.totals.purchases + 1,
        limits: {},
        budgets: {},
        milestones: {},
        given,
        entries: [state.entries + 1, state.entries],
        events: [state.events + 1, state.events + 1],
      },
    },
  };
  draft.cause = { cause: 'purchase', cause_id: id };
  draft.purchase = row;
  addEvent(draft, 'purchase.recorded', at, {
    purchase: id,
    spend: spread.spend,
    currency: rules.currency,
    backfill: true,
  });
  const earned = Object.fromEntries(pointsByWallet(given));
  countPast(draft, at, { ...noTotals, spend: spread.spend, purchases: 1, earned });
  reassessQuietly(draft);
  const answer: PurchaseAnswer = {
    id,
    member: state.external_id,
    occurred_at: instantText(at),
    recorded_at: instantText(now),
    total: { amount: report.total, currency: rules.currency },
    spend: { amount: spread.spend, currency: rules.currency },
    earned: [],
    balances: balancesOf(state, rules),
    tiers: tierViews(subjectAt(draft, now), rules),
  };
  return accept(answer, 201);
};
