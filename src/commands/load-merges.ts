import { heirsOf, isOfItself } from '../engine/named.ts';
import type { Command } from '../model/command.ts';
import type { MemberId } from '../model/ids.ts';
import type { MergedLot } from '../model/merge.ts';
import { openingId } from '../model/opening-balance.ts';
import type { Tx } from '../store/connection.ts';
import { keyOf, loadKeys } from '../store/idempotency-keys.ts';
import { loadMergedLots, loadMerges } from '../store/merges.ts';
import { findOperations, loadOperationAnswers, operationKey } from '../store/operation-references.ts';
import { loadPurchaseTimes } from '../store/returned-purchases.ts';
import { undoneIn } from './load-needs.ts';
import type { Submission } from './submission.ts';
import type { World } from './world.ts';

/* What commands about merged members need: which lots of the survivors were theirs, and how the merge is undone. */

/** Whom keys are shared with: members merged into this one, and those it was merged into before. */
export const kinOf = ({ members }: World, member: MemberId): MemberId[] => {
  const state = members.get(member)?.state;
  return [...(state?.absorbed ?? []).map((one) => one.member), ...(state?.parted ?? [])];
};

/** Answers given under the keys at hand to members that are one with theirs, or were. */
export const loadKeysOfKin = async (tx: Tx, world: World, submissions: readonly Submission[]): Promise<void> => {
  const scopes = submissions.flatMap(({ key, command: { member_id } }) =>
    key === null || member_id === null ? [] : kinOf(world, member_id).map((member) => ({ key, member })),
  );
  if (scopes.length === 0) return;
  for (const { member_id: member, key, fingerprint, status, answer: body } of await loadKeys(
    tx,
    world.program,
    scopes,
    world.realNow,
  ))
    world.keys.set(keyOf({ member, key }), { fingerprint, status, body });
};

/** Opening balances that the members' kin brought, of the wallets at hand: a line of a file that is sent again is known. */
export const loadOpeningsOfKin = async (tx: Tx, world: World, commands: readonly Command[]): Promise<void> => {
  const wanted = commands.flatMap((command) =>
    command.kind === 'open_balance'
      ? kinOf(world, command.member_id).map((kin) => ({
          kind: 'opening_balance' as const,
          id: openingId(kin, command.request),
        }))
      : [],
  );
  const found = wanted.length === 0 ? [] : await findOperations(tx, world.program, wanted);
  if (found.length === 0) return;
  for (const { fingerprint, answer: body, ...operation } of await loadOperationAnswers(tx, world.program, found))
    world.operations.set(operationKey(operation), { fingerprint, status: 201, body });
};

/** Loads what is known of the merge of a member, once. `lots` are those of the member that are asked for; null: all. */
const loadMerge = async (
  tx: Tx,
  world: World,
  source: MemberId,
  lots: readonly number[] | null,
): Promise<readonly MergedLot[]> => {
  const merged = world.members.get(source)?.state.merged;
  if (merged === undefined) return [];
  const known = world.merges.get(source);
  const key = { source, ordinal: merged.ordinal };
  const found =
    lots !== null && lots.length === 0 ? [] : await loadMergedLots(tx, world.program, merged.into, key, lots);
  const all = new Map([...(known?.lots ?? []), ...found].map((one) => [one.lot, one]));
  world.merges.set(source, { ordinal: merged.ordinal, row: known?.row ?? null, lots: [...all.values()] });
  return found;
};

/** Along the heirs of a merged member: its lots, with the next one those that they became, and so on. */
const loadInherited = async (tx: Tx, world: World, command: Command): Promise<void> => {
  const { member_id } = command;
  if (member_id === null || !isOfItself(command)) return;
  let lots: readonly number[] = (undoneIn(world, command)?.given ?? []).map(({ lot }) => lot);
  for (const member of [member_id, ...heirsOf(command)])
    lots = (await loadMerge(tx, world, member, lots)).map(({ lot }) => lot);
};

const loadParting = async (tx: Tx, world: World, source: MemberId): Promise<void> => {
  const merged = world.members.get(source)?.state.merged;
  if (merged === undefined) return;
  await loadMerge(tx, world, source, null);
  const [row] = await loadMerges(tx, world.program, [{ source, ordinal: merged.ordinal }]);
  const known = world.merges.get(source);
  if (row !== undefined && known !== undefined) world.merges.set(source, { ...known, row });
};

/** Takes what is known of merges into the world. After what is returned: that says which lots are asked for. */
export const loadMergesOf = async (tx: Tx, world: World, commands: readonly Command[]): Promise<void> => {
  const parted = commands.flatMap((command) => (command.kind === 'unmerge_member' ? [command.member_id] : []));
  const heirs = [...new Set(commands.flatMap(heirsOf))].filter((heir) => !world.purchaseTimes.has(heir));
  if (heirs.length > 0) {
    // Each command of the batch takes at most one of the first or last away.
    const wanted = heirs.map((member) => ({ member, count: commands.length + 1 }));
    for (const member of heirs) world.purchaseTimes.set(member, new Map());
    for (const { member_id, ordinal, occurred_at } of await loadPurchaseTimes(tx, world.program, wanted))
      world.purchaseTimes.get(member_id)?.set(ordinal, occurred_at);
  }
  for (const source of parted) await loadParting(tx, world, source);
  for (const command of commands) if (heirsOf(command).length > 0) await loadInherited(tx, world, command);
};
