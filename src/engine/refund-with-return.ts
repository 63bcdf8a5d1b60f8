import type { RedemptionRow } from '../model/decision.ts';
import { mulDiv } from '../model/mul-div.ts';
import { capturedOf } from '../model/redemption-view.ts';
import type { RefundedPoints } from '../model/taken-back.ts';
import type { Draft } from './draft.ts';
import { redemptionIn, refund, takeVoucherBack } from './redemption-life.ts';
import { bought, type PurchaseLeft, paidLeft, pointsPaidLeft } from './return-lines.ts';
import type { Returning } from './returning.ts';

/** How much of an amount went, as a part of the whole of it. */
interface Gone {
  readonly part: number;
  readonly whole: number;
}

/** What of the purchase is gone: of the money that points paid, or where nothing says how much that was, of all money. */
const goneOf = ({ row }: Returning, left: PurchaseLeft): Gone => {
  const whole = bought(row);
  const paid = pointsPaidLeft(row, whole);
  if (paid > 0) return { part: paid - pointsPaidLeft(row, left), whole: paid };
  return { part: paidLeft(whole) - paidLeft(left), whole: paidLeft(whole) };
};

/** A reward is had or not: it goes back with the last of the purchase, unless it was refunded, or its voucher used. */
const refundReward = (draft: Draft, row: RedemptionRow): RefundedPoints[] => {
  if (row.status !== 'captured' || takeVoucherBack(draft, row) !== null) return [];
  const { redemption_id: redemption, wallet, points } = row;
  return [{ redemption, wallet, points, ...refund(draft, row, points) }];
};

/**
 * Gives back points that paid for a purchase, in proportion to what of it comes back. What is due is reckoned from the
 * beginning, rounded down, and what earlier returns gave back is taken off: so parts add up to the whole. What was
 * refunded besides is not given back twice.
 */
export const refundWithReturn = (
  draft: Draft,
  returning: Returning,
  left: PurchaseLeft,
  isWhole: boolean,
): RefundedPoints[] => {
  const gone = goneOf(returning, left);
  const before = returning.returns.flatMap(({ taken }) => taken.refunded ?? []);
  const { cause } = draft;
  const refunded = (returning.row.facts.on_return?.redemptions ?? []).flatMap(({ id, points }): RefundedPoints[] => {
    const row = redemptionIn(draft, id);
    if (row === null) throw new Error(`redemption ${id} was not loaded`);
    if (row.reward !== null) return isWhole ? refundReward(draft, row) : [];
    const due = isWhole ? points : gone.whole === 0 ? 0 : mulDiv(points, gone.part, gone.whole, 'floor');
    const given = before.reduce((sum, one) => sum + (one.redemption === id ? one.points : 0), 0);
    const back = Math.min(due - given, capturedOf(row) - row.refunded);
    if (back <= 0) return [];
    return [{ redemption: id, wallet: row.wallet, points: back, ...refund(draft, row, back) }];
  });
  draft.cause = cause;
  return refunded;
};
