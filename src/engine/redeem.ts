import { type Decision, refuse } from '../model/decision.ts';
import { makeId } from '../model/ids.ts';
import { instantText, instantTextOrNull } from '../model/instant.ts';
import type { CreateRedemption, RedemptionAnswer } from '../model/redemption.ts';
import { apply } from './apply.ts';
import { accountOf, addEvent, changesOf, type Draft, lotOf } from './draft.ts';
import { evaluate } from './evaluate.ts';
import { takeLots } from './take-lots.ts';
import { balancesOf } from './view.ts';

/** Redeems points at once. The draft is settled, so an expired point is not there any more. */
export const redeemPoints = (draft: Draft, request: CreateRedemption): Decision => {
  const { rules, state } = draft;
  const walletCode = request.wallet ?? 'points';
  const wallet = rules.wallets.get(walletCode);
  if (state.status === 'closed') return refuse('member_closed', 'a closed membership redeems nothing');
  if (state.status === 'suspended') return refuse('member_suspended', 'a suspended member earns, but redeems nothing');
  if (wallet === undefined) return unknownWallet(walletCode);
  if (!wallet.redeemable) {
    const error = {
      pointer: '/wallet',
      code: 'wallet_not_redeemable',
      detail: walletCode,
      expected: 'a wallet whose points can be redeemed',
    };
    return refuse('wallet_not_redeemable', `points of wallet ${walletCode} cannot be redeemed`, { errors: [error] });
  }
  const { available } = accountOf(state, walletCode);
  if (request.points > available) {
    return refuse('insufficient_points', `${request.points} points were asked for, ${available} are available`, {
      available,
      missing: request.points - available,
    });
  }
  draft.cause = { cause: 'redemption', cause_id: request.id };
  const allocations = takeLots(draft, walletCode, request.points);
  const lots = allocations.map(({ lot, points }) => ({ lot, points, expires_at: lotOf(draft, lot).expires_at }));
  const entry = apply(draft, {
    movement: 'redeem',
    wallet: walletCode,
    from: 'available',
    to: 'redeemed',
    points: request.points,
    occurredAt: draft.now,
    allocations,
  });
  draft.redemption = {
    redemption_id: request.id,
    ordinal: state.commands,
    wallet: walletCode,
    points: request.points,
    entry: entry.sequence,
    recorded_at: draft.now,
    lots,
  };
  addEvent(draft, 'points.redeemed', draft.now, {
    redemption: request.id,
    wallet: walletCode,
    points: request.points,
    entry: entry.sequence,
  });
  evaluate(draft, draft.now);
  const answer: RedemptionAnswer = {
    id: request.id,
    member: state.external_id,
    wallet: walletCode,
    points: request.points,
    status: 'captured',
    entry_id: makeId('ent', state.member_id, entry.sequence),
    lots: lots.map(({ lot, points, expires_at }) => ({
      lot_id: makeId('lot', state.member_id, lot),
      points,
      expires_at: instantTextOrNull(expires_at),
    })),
    recorded_at: instantText(draft.now),
    balances: balancesOf(state, rules),
  };
  return { outcome: 'accepted', status: 201, changes: changesOf(draft), answer };
};

export const unknownWallet = (wallet: string) =>
  refuse('unknown_wallet', `the program has no wallet ${wallet}`, {
    errors: [
      { pointer: '/wallet', code: 'unknown_wallet', detail: wallet, expected: 'the code of a wallet of the program' },
    ],
  });
