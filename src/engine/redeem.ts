import { accept, type Outcome, type RedemptionRow, type Refusal, refuse } from '../model/decision.ts';
import { makeId } from '../model/ids.ts';
import { DAY_MS, type Instant, instantText, parseInstant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import { limits } from '../model/limits.ts';
import type { RedeemedReward, RewardTaken } from '../model/redeemed-reward.ts';
import type { CreateRedemption, RedeemPoints, RedemptionAnswer } from '../model/redemption.ts';
import { redemptionView } from '../model/redemption-view.ts';
import { apply } from './apply.ts';
import { addEvent, type Draft, holdsOf, lotOf } from './draft.ts';
import { evaluate } from './evaluate.ts';
import { refusePoints, refuseSpender } from './spending.ts';
import { takeLots } from './take-lots.ts';
import { balancesOf } from './view.ts';
import { voucherIn } from './vouchers.ts';

const refuseSpending = (draft: Draft, walletCode: string, points: number): Refusal | null => {
  const { rules, state } = draft;
  const wallet = rules.wallets.get(walletCode);
  const refusal = refuseSpender(state);
  if (refusal !== null) return refusal;
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
  return refusePoints(state, walletCode, points);
};

/** Why a hold cannot last so long, or there cannot be one more. */
export const refuseHold = (draft: Draft, until: Instant): Refusal | null => {
  const last = draft.now + limits.holdDays * DAY_MS;
  const pointer = '/hold/expires_at';
  const detail = instantText(until);
  if (until <= draft.now) {
    const error = { pointer, code: 'not_in_future', detail, expected: `after ${instantText(draft.now)}` };
    return refuse('not_in_future', `it is ${instantText(draft.now)} now`, { errors: [error] });
  }
  if (until > last) {
    const error = { pointer, code: 'hold_too_long', detail, expected: `at most ${instantText(last)}` };
    return refuse('hold_too_long', `a hold lasts at most ${limits.holdDays} days`, { errors: [error] });
  }
  if (holdsOf(draft.state).length >= limits.holdsPerMember)
    return refuse('too_many_holds', `the member has ${limits.holdsPerMember} open holds`);
  return null;
};

/** The redemption as it stands in the draft, with what this step wrote. */
export const redemptionAnswer = (
  draft: Draft,
  row: RedemptionRow,
  entries: readonly LedgerEntry[],
): RedemptionAnswer => {
  const { state, rules } = draft;
  const voucher = row.voucher == null ? null : voucherIn(draft, row.voucher);
  const { recorded_at, ...view } = redemptionView(row, voucher, state.member_id, state.external_id);
  return {
    ...view,
    recorded_at,
    entry_ids: entries.map(({ sequence }) => makeId('ent', state.member_id, sequence)),
    balances: balancesOf(state, rules),
  };
};

/** What is taken, and what for. */
export interface Taking {
  readonly id: string;
  /** 0: a reward that costs nothing. No entry is written. */
  readonly points: number;
  readonly wallet: string;
  /** When the hold lapses; null: it is redeemed at once. */
  readonly until: Instant | null;
  readonly reward: RedeemedReward | null;
}

const takePoints = (draft: Draft, { points, wallet, until }: Taking): LedgerEntry | null =>
  points === 0
    ? null
    : apply(draft, {
        movement: until === null ? 'redeem' : 'hold',
        wallet,
        from: 'available',
        to: until === null ? 'redeemed' : 'held',
        points,
        occurredAt: draft.now,
        allocations: takeLots(draft, wallet, points),
      });

/** Events name the reward they are about. */
const named = (reward: RedeemedReward | null) => (reward === null ? {} : { reward: reward.code });

/** What a hold of a reward has to give back, besides points. */
const rewardTaken = ({ code, stocked, counted_on, entitlement }: RedeemedReward): RewardTaken => ({
  code,
  stocked,
  counted_on,
  entitlement,
});

/** Takes the points and says what is recorded. */
export const take = (draft: Draft, taking: Taking): RedemptionRow => {
  const { id, points, wallet, until, reward } = taking;
  const { state } = draft;
  const entry = takePoints(draft, taking);
  const allocations = entry?.allocations ?? [];
  const { commands: ordinal } = state;
  const common = { redemption: id, wallet, points, entry: entry?.sequence ?? null, ...named(reward) };
  if (until === null) addEvent(draft, 'points.redeemed', draft.now, common);
  else {
    const held = reward === null ? {} : { reward: rewardTaken(reward) };
    state.holds = [...holdsOf(state), { id, ordinal, wallet, points, expires_at: until, lots: allocations, ...held }];
    addEvent(draft, 'points.held', draft.now, { ...common, expires_at: instantText(until) });
  }
  return {
    redemption_id: id,
    ordinal,
    wallet,
    points,
    entry: entry?.sequence ?? null,
    recorded_at: draft.now,
    expires_at: until,
    lots: allocations.map(({ lot, points: part }) => ({
      lot,
      points: part,
      expires_at: lotOf(draft, lot).expires_at,
    })),
    status: until === null ? 'captured' : 'held',
    released: 0,
    refunded: 0,
    reward,
  };
};

/** When a hold lapses of which nothing, or this, is said. */
export const holdUntil = (draft: Draft, { hold }: Pick<CreateRedemption, 'hold'>): Instant =>
  hold === undefined ? draft.now + limits.holdDefaultMs : parseInstant(hold.expires_at);

/** Redeems points, at once or held first. The draft is settled, so an expired point is not there any more. */
export const redeemPoints = (draft: Draft, request: RedeemPoints): Outcome => {
  const wallet = request.wallet ?? 'points';
  const until = request.capture === false ? holdUntil(draft, request) : null;
  const refusal = refuseSpending(draft, wallet, request.points) ?? (until === null ? null : refuseHold(draft, until));
  if (refusal !== null) return refusal;
  draft.cause = { cause: 'redemption', cause_id: request.id };
  const written = draft.entries.length;
  const { id, points } = request;
  const row = take(draft, { id, points, wallet, until, reward: null });
  const entries = draft.entries.slice(written);
  draft.redeemed.push(row);
  evaluate(draft, draft.now);
  return accept(redemptionAnswer(draft, row, entries), 201);
};

export const unknownWallet = (wallet: string) =>
  refuse('unknown_wallet', `the program has no wallet ${wallet}`, {
    errors: [
      { pointer: '/wallet', code: 'unknown_wallet', detail: wallet, expected: 'the code of a wallet of the program' },
    ],
  });
