import type { Command } from '../model/command.ts';
import type { MemberId } from '../model/ids.ts';
import type { RedeemReward } from '../model/redemption.ts';

/* What a command names, as it stands: before anything is loaded. */

/** The recipient's side of a transfer; null: the command is about one member only. */
export const receiptOf = (command: Command): Extract<Command, { kind: 'receive_points' }> | null =>
  command.kind === 'transfer_points'
    ? { kind: 'receive_points', member_id: command.to, from: command.member_id }
    : null;

/** A command with every side of it. */
export const sidesOf = (command: Command): Command[] => {
  const receipt = receiptOf(command);
  return receipt === null ? [command] : [command, receipt];
};

/** The members a command is about: none for a guest's, or where one is yet to be enrolled. */
export const membersOf = (command: Command): MemberId[] => {
  if (command.member_id === null) return [];
  return command.kind === 'transfer_points' ? [command.member_id, command.to] : [command.member_id];
};

/** Redemptions a command names, by the caller's id. */
export const redemptionsNamed = (command: Command): readonly string[] => {
  switch (command.kind) {
    case 'capture_redemption':
    case 'void_redemption':
    case 'refund_redemption':
      return [command.id];
    case 'record_purchase':
      return command.report.capture_redemptions ?? [];
    default:
      return [];
  }
};

/** Whether a command may take points to be spent, which the program may limit. */
export const mayBurn = (command: Command): boolean =>
  command.kind === 'redeem_points' ||
  command.kind === 'redeem_reward' ||
  command.kind === 'transfer_points' ||
  (command.kind === 'record_purchase' && (command.report.redeem ?? []).length > 0);

/** Rewards a command redeems. */
export const rewardsRedeemed = (command: Command): readonly Pick<RedeemReward, 'reward' | 'entitlement'>[] => {
  if (command.kind === 'redeem_reward') return [command.request];
  if (command.kind !== 'record_purchase') return [];
  return (command.report.redeem ?? []).flatMap(({ reward, entitlement }) =>
    reward === undefined ? [] : [{ reward, ...(entitlement === undefined ? {} : { entitlement }) }],
  );
};

/** Whether a command may be decided by another revision than the present one: what that reads of the member is not known here. */
export const isPricedOtherwise = (command: Command): boolean =>
  (command.kind === 'record_purchase' &&
    (command.report.quote !== undefined || command.report.replaces !== undefined)) ||
  ((command.kind === 'redeem_points' || command.kind === 'redeem_reward') && command.request.quote !== undefined);
