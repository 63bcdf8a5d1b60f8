import { decide, type MemberCommand, settled } from '../engine/decide.ts';
import { heirsOf, receiptOf } from '../engine/named.ts';
import { toldOfHeirs } from '../engine/told-of-heirs.ts';
import { transferId } from '../engine/transfer.ts';
import { balancesOf } from '../engine/view.ts';
import type { Acceptance, Changes, Decision, Refusal } from '../model/decision.ts';
import { budgetsUsed, ownPurchases } from './situation.ts';
import type { World } from './world.ts';

/* The sides of a command that is about more than one member: all of them accept, or nothing happens. */

export type Parts = Refusal | readonly [Acceptance, ...Acceptance[]];

/** Of a transfer: the recipient's side. */
const received = (world: World, command: MemberCommand, sent: Acceptance): Parts => {
  const { transfer, budgets } = sent.changes;
  const receipt = receiptOf(command);
  if (receipt === null || transfer === null) return [sent];
  const decision = decide({
    member: world.members.get(receipt.member_id) ?? null,
    command: receipt,
    rules: world.rules,
    now: world.now,
    ...budgetsUsed(world, budgets),
    received: { ...transfer, id: transferId(receipt.from, transfer) },
  });
  return decision.outcome === 'refused' ? decision : [sent, decision];
};

/** Nothing was passed on: balances that are told are the heir's all the same. */
const asOfHeir = ({ members, rules, now }: World, command: MemberCommand, first: Acceptance): Acceptance => {
  const last = heirsOf(command).at(-1);
  const heir = last === undefined ? undefined : members.get(last);
  if (heir === undefined || first.answer === null || !('balances' in first.answer)) return first;
  return { ...first, answer: { ...first.answer, balances: balancesOf(settled(heir, rules, now).state, rules) } };
};

/** What a merged member passes on goes to the one it is merged into, and from there on, if that one was merged as well. */
const inherited = (world: World, command: MemberCommand, first: Acceptance): Parts => {
  const parts: [Acceptance, ...Acceptance[]] = [first];
  for (let { handover }: Pick<Changes, 'handover'> = first.changes; handover !== null; ) {
    const { from, into } = handover;
    const decision = decide({
      member: world.members.get(into) ?? null,
      command: { kind: 'take_over', member_id: into, from, of: command },
      rules: world.rules,
      now: world.now,
      ...budgetsUsed(world, first.changes.budgets),
      taking: {
        handover,
        lots: world.merges.get(from)?.lots ?? [],
        own: handover.person === null ? ownPurchases(world, into) : null,
      },
    });
    if (decision.outcome === 'refused') return decision;
    parts.push(decision);
    handover = decision.changes.handover;
  }
  return parts.length === 1 ? [asOfHeir(world, command, first)] : toldOfHeirs(parts);
};

/** Two members are parted: the survivor says first what it gives back, and whether it can. */
const parted = (world: World, command: Extract<MemberCommand, { kind: 'unmerge_member' }>): Parts | null => {
  const source = world.members.get(command.member_id);
  const merged = source?.state.merged;
  const known = world.merges.get(command.member_id);
  if (source === undefined || merged === undefined || known === undefined || known.row === null) return null;
  const situation = { rules: world.rules, now: world.now, ...budgetsUsed(world) };
  const given = decide({
    ...situation,
    member: world.members.get(merged.into) ?? null,
    command: { kind: 'give_back_merged', member_id: merged.into, to: command.member_id },
    parting: { source, row: known.row, lots: known.lots, own: ownPurchases(world, merged.into) ?? [] },
  });
  if (given.outcome === 'refused') return given;
  const { handback } = given.changes;
  const taken = decide({ ...situation, member: source, command, ...(handback === null ? {} : { handback }) });
  return taken.outcome === 'refused' ? taken : [taken, given];
};

/** Whoever was merged into an erased member goes with it. */
const erased = (world: World, first: Acceptance): Parts => {
  const parts: [Acceptance, ...Acceptance[]] = [first];
  const kin = first.changes.state?.absorbed ?? [];
  if (first.changes.erased === null) return parts;
  for (const { member, external_id: pseudonym } of kin) {
    const decision = decide({
      member: world.members.get(member) ?? null,
      command: { kind: 'erase_merged', member_id: member, pseudonym, kin },
      rules: world.rules,
      now: world.now,
    });
    if (decision.outcome === 'refused') return decision;
    parts.push(decision);
  }
  return parts;
};

/** Every member's part in what a command came to, or why there is none. */
export const partsOf = (world: World, command: MemberCommand, decideAlone: () => Decision): Parts => {
  const both = command.kind === 'unmerge_member' ? parted(world, command) : null;
  if (both !== null) return both;
  const decision = decideAlone();
  if (decision.outcome === 'refused') return decision;
  if (command.kind === 'erase_member') return erased(world, decision);
  return command.kind === 'transfer_points' ? received(world, command, decision) : inherited(world, command, decision);
};
