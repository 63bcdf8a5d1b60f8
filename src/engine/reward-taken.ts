import type { RewardTaken } from '../model/redeemed-reward.ts';
import type { Draft } from './draft.ts';
import { countIn } from './rule-limits.ts';
import { lessened } from './undo-limits.ts';

/* What a redemption for a reward takes besides points: of the stock, of the member's limits, or an entitlement. */

/** How much of a reward's stock is used, as the draft leaves it. What was not loaded is taken as used up. */
export const stockUsed = (draft: Draft, code: string): number =>
  (draft.stockUsed.get(code) ?? Number.POSITIVE_INFINITY) + (draft.stock.get(code) ?? 0);

const useStock = (draft: Draft, code: string, by: 1 | -1): void => {
  draft.stock.set(code, (draft.stock.get(code) ?? 0) + by);
};

export const takeReward = (draft: Draft, taken: RewardTaken, redemption: string): void => {
  const { code, stocked, counted_on, entitlement } = taken;
  const bounds = draft.rules.rewards.get(code)?.bounds;
  if (stocked) useStock(draft, code, 1);
  if (counted_on !== null && bounds !== undefined) {
    const { reward_limits: counts = {} } = draft.state;
    const counted = countIn(bounds.limits, counts[code], counted_on, 1, 0);
    draft.state.reward_limits = { ...counts, [code]: counted };
  }
  if (entitlement !== null) draft.entitlementsUsed.set(entitlement, { used_at: draft.now, redemption_id: redemption });
};

/** What a redemption took comes back when it is voided, lapses or is refunded. */
export const giveRewardBack = (draft: Draft, { code, stocked, counted_on, entitlement }: RewardTaken): void => {
  if (stocked) useStock(draft, code, -1);
  const counts = draft.state.reward_limits?.[code];
  if (counted_on !== null && counts !== undefined)
    draft.state.reward_limits = { ...draft.state.reward_limits, [code]: lessened(counts, counted_on, 1, 0) };
  if (entitlement !== null) draft.entitlementsUsed.set(entitlement, null);
};
