import { accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { type MemberId, makeId } from '../model/ids.ts';
import { instantText, instantTextOrNull } from '../model/instant.ts';
import type { Allocation } from '../model/ledger-entry.ts';
import { sumPoints } from '../model/sums.ts';
import type { CreateTransfer, PassedPoints, TransferAnswer, TransferRow } from '../model/transfer.ts';
import { apply } from './apply.ts';
import { noteBurn } from './burns.ts';
import { accountOf, addEvent, type Draft, lotOf } from './draft.ts';
import { hasEnded } from './ended.ts';
import { reassess } from './reassess.ts';
import { refuseSpending } from './redeem.ts';
import { settleLatePoints } from './settle.ts';
import { expiryOfLot } from './sliding.ts';
import { refuseSpender } from './spending.ts';
import { takeLots } from './take-lots.ts';
import { balancesOf } from './view.ts';

/*
 * A transfer has two sides, two commands that are decided one after the other and saved together or not at all. Points
 * keep what they were with the sender: when they were earned, when they expire, what one is worth. Neither side earns or
 * redeems anything by it. Conditions read balances, so tiers and segments of both are looked at again; but no earn rule is
 * set off, not even by what is entered: points passed to and fro would make points.
 */

/** A transfer as its recipient's side is told of it. */
export interface Received extends TransferRow {
  readonly id: string;
}

export const transferId = (sender: MemberId, { ordinal }: Pick<TransferRow, 'ordinal'>): string =>
  makeId('trf', sender, ordinal);

/** Buying, passing the points on and returning the purchase must be no way out of debt: who owes points sends none. */
const refuseSender = (
  draft: Draft,
  to: MemberId,
  { to: named, wallet = 'points', points }: CreateTransfer,
): Refusal | null => {
  const { rules, state } = draft;
  if (to === state.member_id) {
    const error = { pointer: '/to', code: 'same_member', detail: named, expected: 'another member than `from`' };
    return refuse('same_member', 'nobody transfers points to themselves', { errors: [error] });
  }
  if (!rules.policies.transfers) return refuse('transfers_disabled', 'members of this program transfer no points');
  const refusal = refuseSpender(state);
  if (refusal !== null) return refusal;
  const { debt } = accountOf(state, wallet);
  if (debt > 0) return refuse('member_in_debt', `the sender owes ${debt} points of wallet ${wallet}`);
  return refuseSpending(draft, wallet, points);
};

/** What the recipient's lots keep, in spending order: parts that nothing tells apart are one. */
const passedOf = (draft: Draft, allocations: readonly Allocation[]): PassedPoints[] => {
  const parts = allocations.map(({ lot: number, points }) => {
    const lot = lotOf(draft, number);
    const { value, earned_at, available_at } = lot;
    // What slides with the sender's account would never expire with another's: it keeps the instant it has now.
    return { points, value, earned_at, available_at, expires_at: expiryOfLot(draft.state, lot) };
  });
  const alike = Map.groupBy(parts, ({ points: _, ...kept }) => JSON.stringify(kept));
  return [...alike.values()].flatMap((some) => some.slice(0, 1).map((one) => ({ ...one, points: sumPoints(some) })));
};

const lookAgain = (draft: Draft): void => {
  reassess(draft, draft.now);
  draft.entered.length = 0;
};

/** The sender's side. The draft is settled, so an expired point is not there any more. `recipient` is the caller's id of the other. */
export const transferPoints = (
  draft: Draft,
  to: MemberId,
  recipient: string | null,
  request: CreateTransfer,
): Outcome => {
  const { rules, state } = draft;
  const { wallet = 'points', points, reason = null, actor = null } = request;
  if (recipient === null) return refuse('member_not_found', 'there is no such recipient');
  const refusal = refuseSender(draft, to, request);
  if (refusal !== null) return refusal;
  const id = transferId(state.member_id, { ordinal: state.commands });
  draft.cause = { cause: 'transfer', cause_id: id };
  const allocations = takeLots(draft, wallet, points);
  const passed = passedOf(draft, allocations);
  const { sequence } = apply(draft, {
    movement: 'transfer',
    wallet,
    from: 'available',
    to: 'transferred',
    points,
    occurredAt: draft.now,
    allocations,
  });
  noteBurn(draft, points);
  if (reason !== null || actor !== null) draft.notes.push({ sequence, reason, actor });
  draft.transfer = { ordinal: state.commands, recipient: to, wallet, points, recorded_at: draft.now, passed };
  addEvent(draft, 'points.transferred', draft.now, { transfer: id, side: 'sent', wallet, points });
  lookAgain(draft);
  const answer: TransferAnswer = {
    id,
    from: state.external_id,
    to: recipient,
    wallet,
    points,
    recorded_at: instantText(draft.now),
    entry_ids: [makeId('ent', state.member_id, sequence)],
    lots: passed.map((part) => ({ points: part.points, expires_at: instantTextOrNull(part.expires_at) })),
    balances: balancesOf(state, rules),
  };
  return accept(answer, 201);
};

/**
 * The recipient's side: one lot for each that was passed on. The recipient's clock can be ahead of the sender's, and then
 * points that were about to expire do so at once.
 */
export const receivePoints = (draft: Draft, received: Received | null): Outcome => {
  if (received === null) throw new Error('points are received with the transfer that sent them');
  if (hasEnded(draft.state)) {
    const error = { pointer: '/to', code: 'recipient_closed', detail: 'is closed', expected: 'a member who is not' };
    return refuse('recipient_closed', 'a closed membership receives nothing', { errors: [error] });
  }
  const { id, wallet, points, passed } = received;
  draft.cause = { cause: 'transfer', cause_id: id };
  for (const { points: part, value, earned_at, available_at, expires_at } of passed)
    apply(draft, {
      movement: 'transfer',
      wallet,
      from: 'transferred',
      to: 'available',
      points: part,
      occurredAt: draft.now,
      makes: { value, earnedAt: earned_at, availableAt: available_at, expiresAt: expires_at },
    });
  addEvent(draft, 'points.transferred', draft.now, { transfer: id, side: 'received', wallet, points });
  lookAgain(draft);
  settleLatePoints(draft);
  return accept(null);
};
