import { purchaseClaimed } from '../engine/claim-purchase.ts';
import { creditTakenBack } from '../engine/referrals.ts';
import { givenOf } from '../engine/return-facts.ts';
import type { Command } from '../model/command.ts';
import type { Entitlement } from '../model/decision.ts';
import type { MemberId } from '../model/ids.ts';
import type { ReturnRow } from '../model/purchase-return.ts';
import type { PurchaseAnswer } from '../model/purchase-view.ts';
import type { Tx } from '../store/connection.ts';
import { followUpKey, loadCredits } from '../store/follow-ups.ts';
import { lockGuestPurchases } from '../store/guest-claims.ts';
import { findOperations, type OperationReference } from '../store/operation-references.ts';
import { loadReturns } from '../store/purchase-returns.ts';
import { loadRedemptions } from '../store/redemptions.ts';
import {
  loadGifts,
  loadGranted,
  loadPurchases,
  loadPurchaseTimes,
  type NumberRange,
  type StoredPurchase,
} from '../store/returned-purchases.ts';
import type { RulesCache } from '../store/rules-cache.ts';
import type { World } from './world.ts';

type Owned = StoredPurchase & { readonly member_id: MemberId };

const isOwned = (purchase: StoredPurchase): purchase is Owned => purchase.member_id !== null;

const LAST = 2 ** 31 - 1;

const isWithin =
  ({ member, from, to }: NumberRange) =>
  (row: { readonly member_id: MemberId }, number: number): boolean =>
    row.member_id === member && number >= from && number <= to;

const entriesOf = ({ member_id: member, facts }: Owned): NumberRange => {
  const [from, to] = facts.on_return?.entries ?? [1, 0];
  return { member, from, to };
};

/** What earlier versions granted is found by its cause. */
const eventsOf = ({ member_id: member, facts }: Owned): NumberRange => {
  const [from, to] = facts.on_return?.events ?? [0, LAST];
  return { member, from, to };
};

/** The redemptions that were captured with it, whose points go back with it. */
const redemptionsOf = ({ member_id, facts }: Owned): OperationReference[] =>
  (facts.on_return?.redemptions ?? []).map(({ id, ordinal }) => ({ kind: 'redemption', id, member_id, ordinal }));

/** Takes redemptions into the world: those that paid for purchases, and those for which entitlements were used. */
const loadUndone = async (
  tx: Tx,
  { program, members }: World,
  captured: readonly OperationReference[],
  granted: readonly Entitlement[],
): Promise<void> => {
  const used = granted.flatMap(({ redemption_id: id }) => (id == null ? [] : [{ kind: 'redemption' as const, id }]));
  const references = [...captured, ...(used.length > 0 ? await findOperations(tx, program, used) : [])];
  if (references.length === 0) return;
  for (const { member_id, ...row } of await loadRedemptions(tx, program, references))
    members.get(member_id)?.redemptions.set(row.redemption_id, row);
};

const loadMembers = async (
  tx: Tx,
  world: World,
  purchases: readonly Owned[],
  returns: ReadonlyMap<string, ReturnRow[]>,
  cache: RulesCache,
): Promise<void> => {
  const { program } = world;
  const byMember = Map.groupBy(purchases, ({ member_id }) => member_id);
  const [gifts, granted, times] = await Promise.all([
    loadGifts(tx, program, purchases.map(entriesOf)),
    loadGranted(tx, program, purchases.map(eventsOf)),
    // Each return of the batch takes at most one of the first or last away.
    loadPurchaseTimes(
      tx,
      program,
      [...byMember].map(([member, some]) => ({ member, count: some.length + 1 })),
    ),
  ]);
  await loadUndone(tx, world, purchases.flatMap(redemptionsOf), granted);
  for (const { member_id, ordinal, occurred_at } of times) {
    const known = world.purchaseTimes.get(member_id) ?? new Map();
    world.purchaseTimes.set(member_id, known.set(ordinal, occurred_at));
  }
  for (const purchase of purchases) {
    const { member_id, answer, fingerprint: _, ...row } = purchase;
    const { revision, on_return } = row.facts;
    const isOfCommand = isWithin(entriesOf(purchase));
    const isOfEvents = isWithin(eventsOf(purchase));
    world.returning.set(row.purchase_id, {
      member: member_id,
      row,
      rules: world.rules.revision === revision ? world.rules : await cache.load(tx, program, revision),
      returns: returns.get(row.purchase_id) ?? [],
      given: on_return?.given ?? givenOf((JSON.parse(answer) as PurchaseAnswer).earned),
      triggered: gifts.filter((entry) => entry.cause !== 'purchase' && isOfCommand(entry, entry.sequence)),
      entitlements: granted.filter(
        (one) =>
          isOfEvents(one, one.number) &&
          (on_return !== undefined || (one.cause === 'purchase' && one.cause_id === row.purchase_id)),
      ),
    });
  }
};

/** The purchase that a member's command returns, or replaces. */
export const purchaseUndone = (command: Command): string | null => {
  switch (command.kind) {
    case 'return_purchase':
      return command.purchase;
    case 'record_purchase':
      return command.report.replaces ?? null;
    default:
      return null;
  }
};

/** Guests' purchases that the commands claim, or take something back of, in the order of their ids. */
const guestPurchasesOf = (commands: readonly Command[]): string[] => {
  const ids = commands.flatMap((command) => {
    if (command.kind === 'return_guest_purchase') return [command.purchase];
    return command.kind === 'claim_purchase' ? (purchaseClaimed(command.followUp) ?? []) : [];
  });
  return [...new Set(ids)].sort();
};

/**
 * Takes what the returns of a batch need of their purchases into the world, and what claims need of theirs. The members
 * are locked; guests' purchases are before they are read, so that one is not claimed while a return of it is recorded.
 */
const loadReturned = async (tx: Tx, world: World, commands: readonly Command[], cache: RulesCache): Promise<void> => {
  const returned = commands.flatMap((command) => purchaseUndone(command) ?? []);
  const ofGuests = guestPurchasesOf(commands);
  const unique = [...new Set([...returned, ...ofGuests])];
  if (unique.length === 0) return;
  const [, purchases, rows] = await Promise.all([
    ofGuests.length > 0 && lockGuestPurchases(tx, world.program, ofGuests),
    loadPurchases(tx, world.program, unique),
    loadReturns(tx, world.program, unique),
  ]);
  const returns = Map.groupBy(rows, ({ purchase_id }) => purchase_id);
  for (const { member_id, fingerprint, answer, ...row } of purchases) {
    const { purchase_id: id } = row;
    if (member_id === null) world.guests.set(id, { row, returns: returns.get(id) ?? [], fingerprint, answer });
    else world.claimedBy.set(id, member_id);
  }
  const known = new Set(purchases.map(({ purchase_id }) => purchase_id));
  for (const id of returned) if (!known.has(id)) world.unknownReturns.set(id, returns.get(id)?.length ?? 0);
  const owned = purchases.filter(isOwned).filter(({ purchase_id }) => returned.includes(purchase_id));
  if (owned.length > 0) await loadMembers(tx, world, owned, returns, cache);
};

/** What referrers got for what is taken back from them. */
const loadTakenCredits = async (tx: Tx, world: World, commands: readonly Command[]): Promise<void> => {
  const wanted = commands.flatMap((command) => {
    const id = command.kind === 'credit_referrer' ? creditTakenBack(command.followUp) : null;
    return id === null || command.member_id === null ? [] : [{ member_id: command.member_id, id }];
  });
  if (wanted.length === 0) return;
  const done = await loadCredits(tx, world.program, wanted);
  const ranges = done.map(({ member_id: member, entries_from: from, entries_to: to }) => ({ member, from, to }));
  const gifts = ranges.length === 0 ? [] : await loadGifts(tx, world.program, ranges);
  done.forEach((credit, index) => {
    const range = ranges[index];
    if (range === undefined) return;
    const isOfCredit = isWithin(range);
    world.credits.set(
      followUpKey(credit),
      gifts.filter((entry) => isOfCredit(entry, entry.sequence)),
    );
  });
};

/** What commands that take something back need of what had been given. */
export const loadReturnsOf = async (
  tx: Tx,
  world: World,
  commands: readonly Command[],
  cache: RulesCache,
): Promise<void> => {
  await Promise.all([loadReturned(tx, world, commands, cache), loadTakenCredits(tx, world, commands)]);
};
