import { accept, type Outcome, refuse } from '../model/decision.ts';
import { POINTS_MAX } from '../model/points.ts';
import type { RecordPurchase } from '../model/purchase.ts';
import type { CreateReturn, ReturnRow } from '../model/purchase-return.ts';
import { pointsByWallet } from '../model/sums.ts';
import { addEvent, type Draft } from './draft.ts';
import { earningsOf } from './earnings.ts';
import { purchaseOccasion } from './occasions.ts';
import { pricingAt } from './pricing.ts';
import { spreadPurchase } from './purchase-sums.ts';
import { reassess } from './reassess.ts';
import { occurredAtOf, refuseOccurredAt } from './report.ts';
import { returnAnswer } from './return-answer.ts';
import { unbounded } from './rule-limits.ts';
import { takeBack } from './take-back.ts';

/*
 * A return of a purchase the engine never saw: made before the program began, or somewhere else. Where the program takes
 * it, it is an adjustment: points that a purchase of this amount would give now go, and nothing else follows, since the
 * purchase never counted as spend.
 */

/** Points by wallet that a purchase of an amount would give now, as far as it does not matter what was bought. */
const worthNow = (draft: Draft, amount: number): ReadonlyMap<string, number> => {
  const { currency, policies } = draft.rules;
  const lines = [{ sku: 'unknown', quantity: 1, unit_price: amount, total: amount }];
  const report: RecordPurchase = { id: 'unknown', currency, lines, total: amount };
  const spread = spreadPurchase(report, policies);
  const occasion = purchaseOccasion(draft, report, spread, draft.now, pricingAt(draft, draft.now));
  const ofAmount = occasion.candidates.filter(
    ({ rule }) => rule.trigger === 'purchase' && rule.lines === null && rule.effect.type !== 'reward',
  );
  const { earnings } = earningsOf({ ...occasion, candidates: ofAmount, allowance: () => unbounded });
  return pointsByWallet(earnings);
};

/** Takes a return of a purchase that is not known, as the program says. `number` is which return of it it is. */
export const returnUnknownPurchase = (
  draft: Draft,
  purchase: string,
  number: number,
  request: CreateReturn,
): Outcome => {
  const { rules, state } = draft;
  if (rules.policies.unknown_purchase_returns === 'refuse')
    return refuse('not_found', `there is no purchase ${purchase}`);
  const { amount } = request;
  if (amount === undefined)
    return refuse('unknown_line', `purchase ${purchase} is not known, and neither are its lines`, {
      errors: [
        {
          pointer: '/lines',
          code: 'unknown_line',
          detail: 'lines of a purchase that is not known',
          expected: 'an amount',
        },
      ],
    });
  const refusal =
    request.occurred_at === undefined ? null : refuseOccurredAt(request.occurred_at, rules, draft.now, null);
  if (refusal !== null) return refusal;
  const worth = worthNow(draft, amount);
  if ([...worth.values()].some((points) => points > POINTS_MAX))
    return refuse('number_too_large', `a return takes at most ${POINTS_MAX} points`);
  const row: ReturnRow = {
    kind: 'return',
    id: request.id,
    purchase_id: purchase,
    number,
    ordinal: state.commands,
    occurred_at: occurredAtOf(request.occurred_at === undefined ? {} : { occurred_at: request.occurred_at }, draft.now),
    recorded_at: draft.now,
    amount,
    spend: 0,
    whole: false,
    returned: { lines: [], shipping: { paid: 0, counted: 0 } },
    taken: { points: [], triggered: [], unknown: true },
  };
  draft.cause = { cause: 'return', cause_id: row.id };
  const { currency } = rules;
  addEvent(draft, 'purchase.returned', row.occurred_at, {
    ...{ return: row.id, purchase, amount, spend: 0, currency, whole: false, known: false },
  });
  const told = [...worth].flatMap(([wallet, points]) =>
    points === 0 ? [] : [takeBack(draft, wallet, [{ points, lots: [], recovered: 0 }], row.occurred_at).told],
  );
  for (const { wallet, points, debt, written_off } of told)
    addEvent(draft, 'points.returned', row.occurred_at, { return: row.id, wallet, points, debt, written_off });
  reassess(draft, draft.now);
  draft.entered.length = 0;
  draft.purchaseReturn = row;
  return accept(returnAnswer(row, rules, draft, told, []), request.dry_run === true ? 200 : 201);
};
