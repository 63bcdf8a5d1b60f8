import { accept, type Burn, type Outcome, type RedemptionRow, type Refusal, refuse } from '../model/decision.ts';
import { makeId } from '../model/ids.ts';
import { DAY_MS, type Instant, instantText, parseInstant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import { limits } from '../model/limits.ts';
import type { CreateRedemption, RedemptionAnswer } from '../model/redemption.ts';
import { redemptionView } from '../model/redemption-view.ts';
import { apply } from './apply.ts';
import { burnBy, countBurn } from './burn.ts';
import { noteBurn, refuseBurn } from './burns.ts';
import { accountOf, addEvent, type Draft, holdsOf, lotOf } from './draft.ts';
import { evaluate } from './evaluate.ts';
import type { Pricing } from './pricing.ts';
import { pricingFor, type Quoted } from './quoted.ts';
import { expiryOfLot, renewSliding } from './sliding.ts';
import { takeLots } from './take-lots.ts';
import { balancesOf } from './view.ts';

/** Why a member spends nothing at all; null: the member may. */
export const refuseSpender = ({ status }: Draft['state']): Refusal | null => {
  if (status === 'closed') return refuse('member_closed', 'a closed membership redeems nothing');
  if (status === 'suspended') return refuse('member_suspended', 'a suspended member earns, but redeems nothing');
  return null;
};

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
  const { available } = accountOf(state, walletCode);
  if (points <= available) return refuseBurn(draft, points);
  return refuse('insufficient_points', `${points} points were asked for, ${available} are available`, {
    available,
    missing: points - available,
  });
};

const refuseHold = (draft: Draft, until: Instant): Refusal | null => {
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
  const { recorded_at, ...view } = redemptionView(row, state.member_id, state.external_id);
  return {
    ...view,
    recorded_at,
    entry_ids: entries.map(({ sequence }) => makeId('ent', state.member_id, sequence)),
    balances: balancesOf(state, rules),
  };
};

/** What is to be redeemed, as a request of its own or with a purchase. */
export interface Redeeming {
  readonly id: string;
  readonly wallet: string;
  readonly points: number;
  /** When the hold lapses; null: redeemed at once. */
  readonly until: Instant | null;
}

/** Moves the points, out of the lots that are next to be spent. */
const take = (draft: Draft, { id, wallet, points, until }: Redeeming) => {
  const allocations = takeLots(draft, wallet, points);
  // A hold alone is no act yet: whoever holds and lets go again would renew for ever.
  if (until === null) renewSliding(draft, 'redemption', draft.now);
  const lots = allocations.map(({ lot, points: part }) => ({
    lot,
    points: part,
    expires_at: expiryOfLot(draft.state, lotOf(draft, lot)),
  }));
  draft.cause = { cause: 'redemption', cause_id: id };
  const entry = apply(draft, {
    movement: until === null ? 'redeem' : 'hold',
    wallet,
    from: 'available',
    to: until === null ? 'redeemed' : 'held',
    points,
    occurredAt: draft.now,
    allocations,
  });
  noteBurn(draft, points);
  return { entry: entry.sequence, allocations, lots };
};

/** Takes the points and says what is recorded. */
const takeRedeemed = (draft: Draft, redeeming: Redeeming, burn: Burn | null): RedemptionRow => {
  const { id, wallet, points, until } = redeeming;
  const { entry, allocations, lots } = take(draft, redeeming);
  const { state } = draft;
  const { commands: ordinal } = state;
  const common = { redemption: id, wallet, points, entry };
  if (burn !== null) countBurn(draft, burn.rule, points);
  if (until === null) addEvent(draft, 'points.redeemed', draft.now, common);
  else {
    const ruled = burn === null ? {} : { burn: { rule: burn.rule, on: draft.rules.calendar.dayOf(draft.now) } };
    const hold = { id, ordinal, wallet, points, expires_at: until, lots: allocations, ...ruled };
    state.holds = [...holdsOf(state), hold];
    addEvent(draft, 'points.held', draft.now, { ...common, expires_at: instantText(until) });
  }
  return {
    redemption_id: id,
    ordinal,
    wallet,
    points,
    entry,
    recorded_at: draft.now,
    expires_at: until,
    lots,
    burn,
    status: until === null ? 'captured' : 'held',
    released: 0,
    refunded: 0,
  };
};

/** Redeems points, at once or held first, and notes what is recorded. The draft is settled: an expired point is not there any more. */
export const redeemBy = (draft: Draft, pricing: Pricing, redeeming: Redeeming): RedemptionRow | Refusal => {
  const { wallet, points, until } = redeeming;
  const refusal = refuseSpending(draft, wallet, points) ?? (until === null ? null : refuseHold(draft, until));
  if (refusal !== null) return refusal;
  const burn = burnBy(draft, pricing, wallet, points, '/points');
  if (burn !== null && 'outcome' in burn) return burn;
  const row = takeRedeemed(draft, redeeming, burn);
  draft.redeemed.push(row);
  return row;
};

const holdUntil = (draft: Draft, { hold }: CreateRedemption): Instant =>
  hold === undefined ? draft.now + limits.holdDefaultMs : parseInstant(hold.expires_at);

/** A redemption of its own. */
export const redeemPoints = (draft: Draft, request: CreateRedemption, quoted: Quoted | null): Outcome => {
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
