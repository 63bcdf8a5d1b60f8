import { accept, type Burn, type Outcome, type RedemptionRow, type Refusal, refuse } from '../model/decision.ts';
import { makeId } from '../model/ids.ts';
import { DAY_MS, type Instant, instantText, parseInstant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import { limits } from '../model/limits.ts';
import type { OpenHold } from '../model/member-state.ts';
import type { RedeemedReward } from '../model/redeemed-reward.ts';
import type { CreateRedemption, RedeemPoints, RedemptionAnswer } from '../model/redemption.ts';
import { redemptionView } from '../model/redemption-view.ts';
import { apply } from './apply.ts';
import { burnBy, countBurn } from './burn.ts';
import { noteBurn, refuseBurn } from './burns.ts';
import { addEvent, type Draft, holdsOf, lotOf } from './draft.ts';
import { evaluate } from './evaluate.ts';
import type { Pricing } from './pricing.ts';
import { pricingFor, type Quoted } from './quoted.ts';
import { expiryOfLot, renewSliding } from './sliding.ts';
import { refusePoints, refuseSpender } from './spending.ts';
import { takeLots } from './take-lots.ts';
import { balancesOf } from './view.ts';
import { voucherIn } from './vouchers.ts';

/** Why so many points of a wallet cannot be spent; null: they can. */
export const refuseSpending = (draft: Draft, walletCode: string, points: number): Refusal | null => {
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
  return refusePoints(state, walletCode, points) ?? refuseBurn(draft, points);
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
  readonly burn: Burn | null;
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

/** What a hold has to give back, besides points. */
const heldBesides = (draft: Draft, { burn, reward }: Taking): Partial<OpenHold> => {
  if (burn !== null) return { burn: { rule: burn.rule, on: draft.rules.calendar.dayOf(draft.now) } };
  if (reward === null) return {};
  const { code, stocked, counted_on, entitlement } = reward;
  return { reward: { code, stocked, counted_on, entitlement } };
};

/** Takes the points out of the lots that are next to be spent, and says what is recorded. */
export const take = (draft: Draft, taking: Taking): RedemptionRow => {
  const { id, points, wallet, until, burn, reward } = taking;
  const { state } = draft;
  draft.cause = { cause: 'redemption', cause_id: id };
  const entry = takePoints(draft, taking);
  // A hold alone is no act yet: whoever holds and lets go again would renew for ever.
  if (until === null) renewSliding(draft, 'redemption', draft.now);
  noteBurn(draft, points);
  if (burn !== null) countBurn(draft, burn.rule, points);
  const allocations = entry?.allocations ?? [];
  const { commands: ordinal } = state;
  const common = { redemption: id, wallet, points, entry: entry?.sequence ?? null, ...named(reward) };
  if (until === null) addEvent(draft, 'points.redeemed', draft.now, common);
  else {
    const hold = { id, ordinal, wallet, points, expires_at: until, lots: allocations, ...heldBesides(draft, taking) };
    state.holds = [...holdsOf(state), hold];
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
      expires_at: expiryOfLot(draft.state, lotOf(draft, lot)),
    })),
    burn,
    status: until === null ? 'captured' : 'held',
    released: 0,
    refunded: 0,
    reward,
  };
};

/** What points are redeemed, as a request of its own or with a purchase. */
export type Redeeming = Pick<Taking, 'id' | 'points' | 'wallet' | 'until'>;

/** Redeems points, at once or held first, and notes what is recorded. The draft is settled: an expired point is not there any more. */
export const redeemBy = (draft: Draft, pricing: Pricing, redeeming: Redeeming): RedemptionRow | Refusal => {
  const { wallet, points, until } = redeeming;
  const refusal = refuseSpending(draft, wallet, points) ?? (until === null ? null : refuseHold(draft, until));
  if (refusal !== null) return refusal;
  const burn = burnBy(draft, pricing, wallet, points, '/points');
  if (burn !== null && 'outcome' in burn) return burn;
  const row = take(draft, { ...redeeming, burn, reward: null });
  draft.redeemed.push(row);
  return row;
};

/** When a hold lapses of which nothing, or this, is said. */
export const holdUntil = (draft: Draft, { hold }: Pick<CreateRedemption, 'hold'>): Instant =>
  hold === undefined ? draft.now + limits.holdDefaultMs : parseInstant(hold.expires_at);

/** A redemption of points on their own. */
export const redeemPoints = (draft: Draft, request: RedeemPoints, quoted: Quoted | null): Outcome => {
  const pricing = pricingFor(draft, request.quote, quoted, draft.now);
  if ('outcome' in pricing) return pricing;
  const written = draft.entries.length;
  const row = redeemBy(draft, pricing, {
    id: request.id,
    wallet: request.wallet ?? 'points',
    points: request.points,
    until: request.capture === false ? holdUntil(draft, request) : null,
  });
  if ('outcome' in row) return row;
  const entries = draft.entries.slice(written);
  evaluate(draft, draft.now);
  return accept(redemptionAnswer(draft, row, entries), 201);
};

export const unknownWallet = (wallet: string) =>
  refuse('unknown_wallet', `the program has no wallet ${wallet}`, {
    errors: [
      { pointer: '/wallet', code: 'unknown_wallet', detail: wallet, expected: 'the code of a wallet of the program' },
    ],
  });
