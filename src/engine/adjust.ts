import type { AdjustmentAnswer, CreateAdjustment } from '../model/adjustment.ts';
import { accept, type Outcome, refuse } from '../model/decision.ts';
import { makeId } from '../model/ids.ts';
import { type Instant, instantText, parseInstant } from '../model/instant.ts';
import type { Wallet } from '../model/wallet.ts';
import { apply } from './apply.ts';
import { accountOf, addEvent, type Draft } from './draft.ts';
import { givePoints } from './earn.ts';
import { evaluate } from './evaluate.ts';
import { unknownWallet } from './redeem.ts';
import { takeLots } from './take-lots.ts';
import { balancesOf } from './view.ts';

const give = (draft: Draft, request: CreateAdjustment, walletCode: string, wallet: Wallet): void => {
  const expiresAt: { expiresAt?: Instant | null } =
    request.expires_at === undefined
      ? {}
      : { expiresAt: request.expires_at === null ? null : parseInstant(request.expires_at) };
  givePoints(draft, 'adjust', walletCode, wallet, request.points, draft.now, { atOnce: true, ...expiresAt });
};

/** Takes what is available from the lots; what is missing becomes debt. */
const take = (draft: Draft, walletCode: string, points: number): void => {
  const fromLots = Math.min(points, accountOf(draft.state, walletCode).available);
  if (fromLots > 0) {
    const allocations = takeLots(draft, walletCode, fromLots);
    apply(draft, {
      movement: 'adjust',
      wallet: walletCode,
      from: 'available',
      to: 'reversed',
      points: fromLots,
      occurredAt: draft.now,
      allocations,
    });
  }
  if (points > fromLots)
    apply(draft, {
      movement: 'adjust',
      wallet: walletCode,
      from: 'debt',
      to: 'reversed',
      points: points - fromLots,
      occurredAt: draft.now,
    });
};

/** Points given or taken by a person. The draft is settled. */
export const adjustPoints = (draft: Draft, request: CreateAdjustment): Outcome => {
  const { rules, state } = draft;
  const walletCode = request.wallet ?? 'points';
  const wallet = rules.wallets.get(walletCode);
  if (state.status === 'closed') return refuse('member_closed', 'a closed membership is not adjusted');
  if (wallet === undefined) return unknownWallet(walletCode);
  if (request.expires_at && parseInstant(request.expires_at) <= draft.now) {
    return refuse('expiry_in_past', `it is ${instantText(draft.now)} now`, {
      errors: [
        {
          pointer: '/expires_at',
          code: 'expiry_in_past',
          detail: request.expires_at,
          expected: `after ${instantText(draft.now)}`,
        },
      ],
    });
  }
  const { available } = accountOf(state, walletCode);
  const missing = -request.points - available;
  if (missing > 0 && request.allow_debt !== true) {
    return refuse('insufficient_points', `${-request.points} points were to be taken, ${available} are available`, {
      available,
      missing,
    });
  }
  draft.cause = { cause: 'adjustment', cause_id: null };
  const written = draft.entries.length;
  if (request.points > 0) give(draft, request, walletCode, wallet);
  else take(draft, walletCode, -request.points);
  const entries = draft.entries.slice(written);
  for (const entry of entries)
    draft.notes.push({ sequence: entry.sequence, reason: request.reason, actor: request.actor });
  addEvent(draft, 'points.adjusted', draft.now, { wallet: walletCode, points: request.points });
  evaluate(draft, draft.now);
  const answer: AdjustmentAnswer = {
    member: state.external_id,
    wallet: walletCode,
    points: request.points,
    entry_ids: entries.map((entry) => makeId('ent', state.member_id, entry.sequence)),
    recorded_at: instantText(draft.now),
    balances: balancesOf(state, rules),
  };
  return accept(answer, 201);
};
