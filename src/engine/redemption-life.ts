import { accept, type Outcome, type RedemptionRow, type Refusal, refuse } from '../model/decision.ts';
import { instantText } from '../model/instant.ts';
import type { OpenHold } from '../model/member-state.ts';
import type { ProblemCode } from '../model/problem-codes.ts';
import type { CapturedWith } from '../model/purchase.ts';
import type { CaptureRedemption, RedemptionStatus, RefundRedemption } from '../model/redemption.ts';
import { capturedOf, divide } from '../model/redemption-view.ts';
import { uncountBurn } from './burn.ts';
import { addEvent, type Draft, holdsOf } from './draft.ts';
import { evaluate } from './evaluate.ts';
import { giveBack } from './give-back.ts';
import { endHold } from './holds.ts';
import { redemptionAnswer } from './redeem.ts';
import { completeReward } from './redeem-reward.ts';
import { giveRewardBack } from './reward-taken.ts';
import { refuseSpender } from './spending.ts';
import { endVoucher, voucherIn } from './vouchers.ts';

/* What comes of a redemption after it was recorded: see `holds.ts`. */

/** A redemption of the member as it stands in the draft; null: the member has none of this id. */
export const redemptionIn = (draft: Draft, id: string): RedemptionRow | null => {
  const loaded = draft.loaded.redemptions.get(id);
  return loaded === undefined ? null : { ...loaded, ...draft.redemptions.get(id) };
};

const notFound = (id: string): Refusal => refuse('redemption_not_found', `there is no redemption ${id}`);

const codeOf = {
  held: 'redemption_held',
  captured: 'redemption_captured',
  voided: 'redemption_voided',
  lapsed: 'redemption_lapsed',
  refunded: 'redemption_refunded',
} as const satisfies Record<RedemptionStatus, ProblemCode>;

/** The refusal of what does not go with where the redemption stands. */
const refuseStanding = ({ redemption_id: id, status, expires_at }: RedemptionRow): Refusal => {
  const since = status === 'lapsed' && expires_at !== null ? ` at ${instantText(expires_at)}` : '';
  return refuse(
    codeOf[status],
    status === 'held' ? `redemption ${id} is held` : `redemption ${id} was ${status}${since}`,
  );
};

/** Decides about one redemption of the member: `step` says why not, or does it. */
const decideOn = (draft: Draft, id: string, step: (row: RedemptionRow) => Refusal | null): Outcome => {
  const row = redemptionIn(draft, id);
  if (row === null) return notFound(id);
  const written = draft.entries.length;
  const refusal = step(row);
  if (refusal !== null) return refusal;
  const entries = draft.entries.slice(written);
  evaluate(draft, draft.now);
  const now = { ...row, ...draft.redemptions.get(id) };
  const answer = redemptionAnswer(draft, now, entries);
  return accept(answer);
};

const openHold = (draft: Draft, id: string) => holdsOf(draft.state).find((hold) => hold.id === id);

/** A reward is had or not: it is captured and refunded whole. */
const refuseDivision = (row: RedemptionRow, points: number | undefined): Refusal | null => {
  if (row.reward === null || points === undefined || points === row.points) return null;
  const error = { pointer: '/points', code: 'reward_not_divisible', detail: `${points}`, expected: `${row.points}` };
  return refuse('reward_not_divisible', `the reward cost ${row.points} points`, { errors: [error] });
};

/** Captures an open hold, and issues the voucher of its reward. */
const captureHold = (draft: Draft, hold: OpenHold, row: RedemptionRow, captured: number): Refusal | null => {
  endHold(draft, hold, { status: 'captured', captured, at: draft.now });
  const completed = completeReward(draft, row, draft.now);
  if (completed.outcome === 'refused') return completed;
  const standing = draft.redemptions.get(hold.id);
  if (standing !== undefined && completed.number !== null)
    draft.redemptions.set(hold.id, { ...standing, voucher: completed.number });
  return null;
};

/** Captures what is held, or part of it, and releases the rest. The draft is settled: a hold past its time has lapsed. */
export const captureRedemption = (draft: Draft, id: string, { points }: CaptureRedemption): Outcome =>
  decideOn(draft, id, (row) => {
    const hold = openHold(draft, id);
    if (hold === undefined) return refuseStanding(row);
    const refusal = refuseSpender(draft.state);
    if (refusal !== null) return refusal;
    const captured = points ?? hold.points;
    if (captured > hold.points) {
      const detail = `${captured} points were to be captured, ${hold.points} are held`;
      return refuse('capture_exceeds_hold', detail, { available: hold.points });
    }
    return refuseDivision(row, points) ?? captureHold(draft, hold, row, captured);
  });

export const voidRedemption = (draft: Draft, id: string): Outcome =>
  decideOn(draft, id, (row) => {
    const hold = openHold(draft, id);
    if (hold === undefined) return refuseStanding(row);
    endHold(draft, hold, { status: 'voided', captured: 0, at: draft.now });
    return null;
  });

/** Gives back what was captured, or part of it: what was taken last first, into the very lots. */
export const refund = (draft: Draft, row: RedemptionRow, points: number): { readonly expired: number } => {
  const { redemption_id: id, ordinal, wallet, released } = row;
  const left = capturedOf(row) - row.refunded;
  const [kept] = divide(row.lots, left);
  const [, allocations] = divide(kept, left - points);
  draft.cause = { cause: 'redemption', cause_id: id };
  const { expired } = giveBack(draft, { movement: 'refund', wallet, from: 'redeemed', allocations, at: draft.now });
  if (row.reward !== null) giveRewardBack(draft, row.reward);
  const named = row.reward === null ? {} : { reward: row.reward.code };
  addEvent(draft, 'points.refunded', draft.now, { redemption: id, wallet, points, expired, ...named });
  const status = points === left ? 'refunded' : 'captured';
  if (row.burn !== null)
    uncountBurn(draft, row.burn.rule, draft.rules.calendar.dayOf(row.recorded_at), points, points === left ? 1 : 0);
  draft.redemptions.set(id, { ordinal, status, released, refunded: row.refunded + points });
  return { expired };
};

/** The voucher goes with what it was issued for. One that was used keeps it from being refunded. */
export const takeVoucherBack = (draft: Draft, { voucher: number }: RedemptionRow): Refusal | null => {
  const voucher = number == null ? null : voucherIn(draft, number);
  if (voucher?.status === 'used') return refuse('voucher_used', 'the voucher of the redemption was used');
  if (voucher?.status === 'issued') endVoucher(draft, voucher, 'cancelled', draft.now);
  return null;
};

export const refundRedemption = (draft: Draft, id: string, request: RefundRedemption): Outcome =>
  decideOn(draft, id, (row) => {
    if (draft.state.status === 'closed') return refuse('member_closed', 'a closed membership holds no points');
    if (row.status !== 'captured') return refuseStanding(row);
    const left = capturedOf(row) - row.refunded;
    const points = request.points ?? left;
    if (points > left) {
      const detail = `${points} points were to be refunded, ${left} are captured and not yet refunded`;
      return refuse('refund_exceeds_captured', detail, { available: left });
    }
    const refusal = refuseDivision(row, request.points) ?? takeVoucherBack(draft, row);
    if (refusal !== null) return refusal;
    refund(draft, row, points);
    return null;
  });

/** Captures held redemptions whole with a purchase: all of them, or a refusal that names each that cannot be. */
export const captureWithPurchase = (
  draft: Draft,
  ids: readonly string[],
): Refusal | { readonly outcome: 'captured'; readonly redemptions: readonly CapturedWith[] } => {
  const refusals = ids.flatMap((id, index) => {
    if (openHold(draft, id) !== undefined) return [];
    const row = redemptionIn(draft, id);
    const { code, detail } = row === null ? notFound(id) : refuseStanding(row);
    return [{ pointer: `/capture_redemptions/${index}`, code, detail, expected: 'a held redemption of the member' }];
  });
  const [first] = refusals;
  if (first !== undefined) return refuse(first.code, first.detail, { errors: refusals });
  const refusal = ids.length === 0 ? null : refuseSpender(draft.state);
  if (refusal !== null) return refusal;
  const redemptions: CapturedWith[] = [];
  for (const id of ids) {
    const [hold, row] = [openHold(draft, id), redemptionIn(draft, id)];
    if (hold === undefined || row === null) throw new Error(`hold ${id} was there`);
    const kept = captureHold(draft, hold, row, hold.points);
    if (kept !== null) return kept;
    redemptions.push({ id, ordinal: hold.ordinal, points: hold.points });
  }
  return { outcome: 'captured', redemptions };
};
