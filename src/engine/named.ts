import type { Command } from '../model/command.ts';
import { type MemberId, parseId } from '../model/ids.ts';
import type { RedeemReward } from '../model/redemption.ts';

/* What a command names, as it stands: before anything is loaded. */

/** The recipient's side of a transfer; null: the command is about one member only. */
export const receiptOf = (command: Command): Extract<Command, { kind: 'receive_points' }> | null =>
  command.kind === 'transfer_points'
    ? { kind: 'receive_points', member_id: command.to, from: command.member_id }
    : null;

/** About what a member has of its own, and keeps when it is merged: not about whoever bears its name. */
const OF_ITSELF: ReadonlySet<Command['kind']> = new Set([
  'return_purchase',
  'capture_redemption',
  'void_redemption',
  'refund_redemption',
  'revoke_entitlement',
  'use_voucher',
  'cancel_voucher',
  'credit_referrer',
  'claim_purchase',
  'unmerge_member',
]);

/** Whose the entitlement is that a redemption names; null: it names none. */
export const entitledMember = (command: Command): MemberId | null =>
  command.kind === 'redeem_reward' ? (parseId('ett', command.request.entitlement ?? '')?.member ?? null) : null;

export const isOfItself = (command: Command): boolean =>
  OF_ITSELF.has(command.kind) || (command.member_id !== null && entitledMember(command) === command.member_id);

/** Whom a command's member is merged into, and so on, as far as whoever handed it in knew. */
export const heirsOf = ({ heirs = [] }: Command): readonly MemberId[] => heirs;

/** Whom an erasure takes along, as far as whoever handed it in knew: those who were merged into the member. */
export const absorbedOf = (command: Command): readonly MemberId[] =>
  command.kind === 'erase_member' ? (command.absorbed ?? []) : [];

/** The sides of those who take over from a merged member, or give back to it. */
const survivorsOf = (command: Command): Command[] => {
  if (command.kind === 'merge_member')
    return [{ kind: 'take_over', member_id: command.into, from: command.member_id, of: command }];
  const { member_id } = command;
  if (member_id === null) return [];
  return heirsOf(command).map((heir, index) =>
    command.kind === 'unmerge_member'
      ? { kind: 'give_back_merged', member_id: heir, to: member_id }
      : { kind: 'take_over', member_id: heir, from: heirsOf(command)[index - 1] ?? member_id, of: command },
  );
};

/** A command with every side of it. */
export const sidesOf = (command: Command): Command[] => {
  if (command.kind === 'erase_member')
    return [command, ...absorbedOf(command).map((member_id) => ({ ...command, member_id }))];
  const receipt = receiptOf(command);
  return receipt === null ? [command, ...survivorsOf(command)] : [command, receipt];
};

/** The members a command is about: none for a guest's, or where one is yet to be enrolled. */
export const membersOf = (command: Command): MemberId[] => {
  if (command.member_id === null) return [];
  if (command.kind === 'transfer_points') return [command.member_id, command.to];
  if (command.kind === 'merge_member') return [command.member_id, command.into];
  return [command.member_id, ...absorbedOf(command), ...heirsOf(command)];
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
