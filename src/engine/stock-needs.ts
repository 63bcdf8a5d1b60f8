import type { Command } from '../model/command.ts';
import type { RedemptionRow } from '../model/decision.ts';
import type { Instant } from '../model/instant.ts';
import type { MemberState } from '../model/member-state.ts';
import type { Rules } from '../rules/rules.ts';
import { holdsOf } from './draft.ts';
import { lapsedBy } from './holds.ts';
import { redemptionsNamed, rewardsRedeemed } from './named.ts';
import { nowFor } from './needs.ts';

/** What of the stock that members share a command may use or give back. */
export interface StockNeeds {
  /** Rewards of which something may be used or come back. Those with a pool are among them: who draws holds the stock. */
  readonly stock: readonly string[];
  /** Rewards from whose pool codes may be drawn, one for each code. */
  readonly codes: readonly string[];
}

type Redemptions = ReadonlyMap<string, RedemptionRow>;

/** Rewards of holds that end with the command, or lapse before it. */
const rewardsReleased = (state: MemberState, command: Command, now: Instant): string[] => {
  const holds = holdsOf(state);
  if (holds.length === 0) return [];
  const lapsed = new Set(lapsedBy(holds, now));
  const named = redemptionsNamed(command);
  return holds
    .filter((hold) => lapsed.has(hold) || command.kind === 'close_member' || named.includes(hold.id))
    .flatMap(({ reward }) => (reward?.stocked === true ? [reward.code] : []));
};

const codesDrawn = (command: Command, rules: Rules, redemptions: Redemptions): string[] => {
  // One that is held now may be captured by a later command of the same batch.
  const redeemed = rewardsRedeemed(command).flatMap(({ reward }) =>
    rules.rewards.get(reward)?.reward.voucher?.codes === 'pool' ? [reward] : [],
  );
  if (command.kind !== 'capture_redemption' && command.kind !== 'record_purchase') return redeemed;
  const captured = redemptionsNamed(command).flatMap((id) => {
    const reward = redemptions.get(id)?.reward;
    return reward?.voucher?.codes === 'pool' ? [reward.code] : [];
  });
  return [...redeemed, ...captured];
};

const rewardsUsed = (command: Command, rules: Rules, redemptions: Redemptions, undone: readonly string[]): string[] => {
  const redeemed = rewardsRedeemed(command).flatMap(({ reward }) =>
    (rules.rewards.get(reward)?.reward.stock ?? null) === null ? [] : [reward],
  );
  const refunded = command.kind === 'refund_redemption' ? [command.id] : undone;
  const comingBack = refunded.flatMap((id) => {
    const reward = redemptions.get(id)?.reward;
    return reward?.stocked === true ? [reward.code] : [];
  });
  return [...redeemed, ...comingBack];
};

/** What a command needs of stock and codes; `redemptions` are those it names, `undone` those it may give back with a return. */
export const stockNeedsOf = (
  state: MemberState,
  command: Command,
  rules: Rules,
  clock: Instant,
  redemptions: Redemptions,
  undone: readonly string[] = [],
): StockNeeds => {
  const codes = codesDrawn(command, rules, redemptions);
  const released = rewardsReleased(state, command, nowFor(state, clock));
  return { stock: [...codes, ...released, ...rewardsUsed(command, rules, redemptions, undone)], codes };
};

/** How many vouchers a command issues at most. */
export const vouchersOfCommand = (command: Command): number => {
  const captures = command.kind === 'capture_redemption' || command.kind === 'record_purchase';
  return rewardsRedeemed(command).length + (captures ? redemptionsNamed(command).length : 0);
};
