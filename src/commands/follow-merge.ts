import { frozenUntil } from '../engine/burns.ts';
import { absorbedOf, entitledMember, heirsOf, isOfItself } from '../engine/named.ts';
import type { Command } from '../model/command.ts';
import type { MemberId } from '../model/ids.ts';
import type { World } from './world.ts';

/*
 * A command whose member was merged into another is about that other one, unless it is about what the merged member has
 * of its own: its purchases, redemptions, vouchers. Then it stays the member's, and everybody it passes on to has to be
 * at hand. Under the lock it is known how things stand; what came with another belief is handed in again.
 */

/** Whom a member is merged into, and so on, as far as they are at hand and one further. */
const chainOf = (world: World, member: MemberId): MemberId[] => {
  const chain: MemberId[] = [];
  for (let next = world.members.get(member)?.state.merged?.into; next !== undefined && !chain.includes(next); ) {
    chain.push(next);
    next = world.members.get(next)?.state.merged?.into;
  }
  return chain;
};

/** Whether what is known of the merges on the way is of these merges, not of earlier ones. */
const isLoaded = (world: World, members: readonly MemberId[]): boolean =>
  members.every((member) => {
    const merged = world.members.get(member)?.state.merged;
    return merged === undefined || world.merges.get(member)?.ordinal === merged.ordinal;
  });

/**
 * Whose entitlement a redemption uses: one of a merged member is used in the name of the one it is merged into, who must
 * be free to redeem.
 */
const ofAbsorbed = (world: World, command: Command): MemberId | null => {
  const owner = entitledMember(command);
  const state = command.member_id === null ? undefined : world.members.get(command.member_id)?.state;
  if (owner === null || state === undefined || owner === state.member_id) return null;
  const isAbsorbed = (state.absorbed ?? []).some(({ member }) => member === owner);
  return isAbsorbed && state.status === 'active' && frozenUntil(state, world.now) === null ? owner : null;
};

/** An erasure takes along whoever was merged into the member: all of them have to be at hand. */
const withAbsorbed = (world: World, command: Extract<Command, { kind: 'erase_member' }>): Command | null => {
  const state = world.members.get(command.member_id)?.state;
  const absorbed = state?.erased_at === undefined ? (state?.absorbed ?? []).map(({ member }) => member) : [];
  const known = absorbedOf(command);
  const isRight = absorbed.every((member) => known.includes(member) && world.members.has(member));
  return isRight ? null : { ...command, absorbed };
};

/** The command as it has to be handed in, as the world stands; null: it is right as it is. */
export const followed = (world: World, command: Command): Command | null => {
  if (command.member_id === null) return null;
  if (command.kind === 'transfer_points' || command.kind === 'merge_member') {
    const other = command.kind === 'transfer_points' ? command.to : command.into;
    const heir = chainOf(world, other).at(-1);
    if (heir !== undefined)
      return command.kind === 'transfer_points' ? { ...command, to: heir } : { ...command, into: heir };
  }
  const chain = chainOf(world, command.member_id);
  const [next] = chain;
  const owner = next === undefined ? ofAbsorbed(world, command) : null;
  if (owner !== null) return { ...command, member_id: owner } as Command;
  if (next === undefined && command.kind === 'erase_member') return withAbsorbed(world, command);
  if (next === undefined || command.kind === 'settle_member' || command.kind === 'merge_member') return null;
  if (!isOfItself(command)) return { ...command, member_id: chain.at(-1) ?? next };
  const heirs = command.kind === 'unmerge_member' ? [next] : chain;
  const known = heirsOf(command);
  const isRight = known.length === heirs.length && heirs.every((heir, index) => known[index] === heir);
  const concerned = command.kind === 'unmerge_member' ? [command.member_id] : [command.member_id, ...heirs];
  return isRight && isLoaded(world, concerned) ? null : { ...command, heirs };
};
