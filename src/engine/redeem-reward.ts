import { accept, type Outcome, type RedemptionRow, type Refusal, refuse } from '../model/decision.ts';
import { parseId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { RedeemedReward } from '../model/redeemed-reward.ts';
import type { RedeemReward } from '../model/redemption.ts';
import type { CompiledReward } from '../rules/reward-rules.ts';
import { refuseBurn } from './burns.ts';
import { addEvent, type Draft } from './draft.ts';
import { entitlementIn, refuseOver } from './entitlement-standing.ts';
import { evaluate } from './evaluate.ts';
import { type Pricing, pricedSubject } from './pricing.ts';
import { pricingFor, type Quoted } from './quoted.ts';
import { holdUntil, redemptionAnswer, refuseHold, take } from './redeem.ts';
import { stockUsed, takeReward } from './reward-taken.ts';
import { obstaclesTo, priceOf, tiersHeld, unknownReward } from './rewards.ts';
import { refuseSpender } from './spending.ts';
import { issueVoucher } from './vouchers.ts';

/** A redemption recorded in the draft, with the entries it wrote. */
export interface Redeemed {
  readonly outcome: 'redeemed';
  readonly row: RedemptionRow;
  readonly entries: readonly LedgerEntry[];
}

const refuseEntitlement = (draft: Draft, id: string, reward: string): Refusal | number => {
  const parsed = parseId('ett', id);
  const number = parsed?.member === draft.state.member_id ? parsed.number : null;
  const found = number === null ? null : entitlementIn(draft, number);
  if (number === null || found === null) {
    const error = { pointer: '/entitlement', code: 'entitlement_not_found', detail: 'names none' };
    const errors = [{ ...error, expected: 'an entitlement of the member' }];
    // Of somebody who was merged into the member, it is refused here where the member redeems nothing.
    return (
      refuseSpender(draft.state) ??
      refuseBurn(draft, 0) ??
      refuse('entitlement_not_found', 'the member has no such entitlement', { errors })
    );
  }
  if (found.reward !== reward) {
    const error = { pointer: '/entitlement', code: 'entitlement_mismatch', detail: found.reward, expected: reward };
    return refuse('entitlement_mismatch', `the entitlement is for ${found.reward}`, { errors: [error] });
  }
  return refuseOver(found, draft) ?? number;
};

/** What is kept of a reward with its redemption. */
const redeemedOf = (
  draft: Draft,
  { code, reward, bounds }: CompiledReward,
  entitlement: number | null,
  revision: number,
): RedeemedReward => ({
  code,
  stocked: reward.stock !== null,
  counted_on: entitlement === null && bounds.limits.length > 0 ? draft.rules.calendar.dayOf(draft.now) : null,
  entitlement,
  name: reward.name,
  benefit: reward.benefit,
  voucher: reward.voucher,
  revision,
});

/** What is told and issued once a reward is captured, at once or after it was held. */
export const completeReward = (draft: Draft, row: RedemptionRow, at: Instant): ReturnType<typeof issueVoucher> => {
  const { reward } = row;
  if (reward !== null)
    addEvent(draft, 'reward.redeemed', at, { reward: reward.code, redemption: row.redemption_id, points: row.points });
  return issueVoucher(draft, row, at);
};

/**
 * Redeems a reward in the draft, at once or held first (`until` is when the hold lapses), at its price and by its terms
 * under a pricing. Evaluates nothing yet. Several in one command each need a `state.commands` of their own.
 */
export const redeemReward = (
  draft: Draft,
  pricing: Pricing,
  request: Pick<RedeemReward, 'id' | 'reward' | 'entitlement'>,
  until: Instant | null,
): Refusal | Redeemed => {
  const { rules, tiers, at } = pricing;
  const reward = rules.rewards.get(request.reward);
  if (reward === undefined) return unknownReward(rules, request.reward);
  const { wallet } = reward.reward;
  const entitlement =
    request.entitlement === undefined ? null : refuseEntitlement(draft, request.entitlement, reward.code);
  if (entitlement !== null && typeof entitlement !== 'number') return entitlement;
  const price = entitlement === null ? priceOf(reward, tiersHeld({ tiers })) : 0;
  const subject = pricedSubject(draft, pricing);
  if (subject.person === null && rules.rewardsReadPerson) throw new Error('the person was not loaded');
  const entitled = entitlement !== null;
  const used = stockUsed(draft, reward.code);
  const [obstacle = null] = obstaclesTo({ reward, subject, price, wallet, at, used, entitled });
  const refusal = obstacle ?? refuseBurn(draft, price ?? 0) ?? (until === null ? null : refuseHold(draft, until));
  if (refusal !== null) return refusal;
  const written = draft.entries.length;
  const kept = redeemedOf(draft, reward, entitlement, rules.revision);
  const taken = take(draft, { id: request.id, points: price ?? 0, wallet, until, burn: null, reward: kept });
  takeReward(draft, kept, request.id);
  const issued = until === null ? completeReward(draft, taken, draft.now) : null;
  if (issued?.outcome === 'refused') return issued;
  const row = { ...taken, voucher: issued?.number ?? null };
  draft.redeemed.push(row);
  return { outcome: 'redeemed', row, entries: draft.entries.slice(written) };
};

/** The command: redeems a reward, and looks at tiers and segments again. The draft is settled. */
export const decideRedeemReward = (draft: Draft, request: RedeemReward, quoted: Quoted | null): Outcome => {
  const pricing = pricingFor(draft, request.quote, quoted, draft.now);
  if ('outcome' in pricing) return pricing;
  const until = request.capture === false ? holdUntil(draft, request) : null;
  const redeemed = redeemReward(draft, pricing, request, until);
  if (redeemed.outcome === 'refused') return redeemed;
  evaluate(draft, draft.now);
  return accept(redemptionAnswer(draft, redeemed.row, redeemed.entries), 201);
};
