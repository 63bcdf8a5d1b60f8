import { type Claimable, type GuestClaim, purchaseClaimed } from '../engine/claim-purchase.ts';
import type { Quoted } from '../engine/quoted.ts';
import { creditTakenBack } from '../engine/referrals.ts';
import type { Returning } from '../engine/returning.ts';
import type { Burns } from '../model/burn-limit.ts';
import type { Changes, Entitlement, LaterInstants, LoadedMember, RedemptionRow } from '../model/decision.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import type { EpochDay, Instant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { Lot } from '../model/lot.ts';
import type { MemberProfile } from '../model/member.ts';
import type { MemberState, Totals } from '../model/member-state.ts';
import type { MergedLot } from '../model/merge.ts';
import { isNothing } from '../model/totals.ts';
import type { VoucherRow } from '../model/voucher.ts';
import type { Rules } from '../rules/rules.ts';
import type { BudgetRow } from '../store/earn-budgets.ts';
import { followUpKey } from '../store/follow-ups.ts';
import { REFERRAL } from '../store/identities.ts';
import type { StoredMerge } from '../store/merges.ts';

/** A member within a batch: what was loaded, with what earlier commands of the batch left. */
export interface WorkingMember extends LoadedMember {
  state: MemberState;
  profile: MemberProfile | null;
  readonly lots: Map<number, Lot>;
  readonly days: Map<EpochDay, Totals>;
  readonly redemptions: Map<string, RedemptionRow>;
  readonly entitlements: Map<number, Entitlement>;
  readonly vouchers: Map<number, VoucherRow>;
  readonly later: Map<string, LaterInstants>;
  /** Whether the member was enrolled by this batch. */
  readonly isNew: boolean;
}

/** A member's purchase that commands return, as earlier commands of the batch left it. */
export interface LoadedPurchase extends Omit<Returning, 'others'> {
  readonly member: MemberId;
}

/** A guest's purchase, with what a repetition of its report is answered. */
export interface LoadedGuest extends GuestClaim {
  readonly fingerprint: Uint8Array;
  readonly answer: string;
}

/** A merge that commands need to know: the row where it may be undone, the lots that are asked for. */
export interface LoadedMerge {
  readonly ordinal: number;
  readonly row: StoredMerge | null;
  readonly lots: readonly MergedLot[];
}

/** An answer given before, to be given again. */
export interface KnownAnswer {
  readonly fingerprint: Uint8Array;
  readonly status: number;
  readonly body: string;
}

/** Everything a batch decides on. */
export interface World {
  readonly program: ProgramId;
  readonly rules: Rules;
  /** The program's time: what everything is decided by. A sandbox program has a clock of its own. */
  readonly now: Instant;
  /** Real time, by which stored answers expire. */
  readonly realNow: Instant;
  readonly members: Map<MemberId, WorkingMember>;
  /** Owners of the identities the batch names, by `kind:value`. */
  readonly identities: Map<string, MemberId>;
  /** Answers to purchases and redemptions recorded before, by `kind:id`. */
  readonly operations: Map<string, KnownAnswer>;
  /** Answers given under an Idempotency-Key, by member and key. */
  readonly keys: Map<string, KnownAnswer>;
  /** Purchases that the batch returns, by their own ids: members' and guests'. */
  readonly returning: Map<string, LoadedPurchase>;
  readonly guests: Map<string, LoadedGuest>;
  /** Whose purchases are that a command may take for a guest's. */
  readonly claimedBy: Map<string, MemberId>;
  /** Guests' purchases of the identities that the batch gives to members, by the identity's hash. */
  readonly claimable: Map<string, readonly Claimable[]>;
  /** Purchases that nobody made and the batch returns: how many returns of each there were before. */
  readonly unknownReturns: Map<string, number>;
  /** When purchases occurred of the members who return some, by ordinal: the first and the last ones. */
  readonly purchaseTimes: Map<MemberId, Map<number, Instant>>;
  /** Quotes that the batch names, by id, with the rules of their revisions. */
  readonly quotes: Map<string, Omit<Quoted, 'sameCart'>>;
  /** What follow-ups gave that the batch may take back, by member and id. */
  readonly credits: Map<string, readonly LedgerEntry[]>;
  /** Follow-ups that are still to be done, by member and id. */
  readonly followUps: Set<string>;
  /** Budgets of earn rules that the batch may use, locked, by rule, as earlier commands of the batch left them. */
  readonly budgets: Map<string, BudgetRow>;
  /** Rules of which the batch used some. */
  readonly budgetsChanged: Set<string>;
  /** What was burned lately with the API keys that the batch may burn with, locked, by key, and the keys it burned with. */
  readonly keyBurns: Map<string, Burns>;
  readonly keyBurnsChanged: Set<string>;
  /** What is used of the stock of rewards that the batch may use, locked, by reward, as earlier commands of the batch left it. */
  readonly stock: Map<string, number>;
  /** Rewards of which the batch used some, or gave some back. */
  readonly stockChanged: Set<string>;
  /** What is known of merges, by the member who was merged: as it was loaded. */
  readonly merges: Map<MemberId, LoadedMerge>;
  /** Free codes of the pools of rewards that the batch may draw from. */
  readonly pool: Map<string, readonly string[]>;
  /** With what the program hashes identities of members it erased, once loaded, and the hashes it knows again. */
  readonly erasure: { salt: Uint8Array | null; readonly remembered: Set<string> };
  /** Internal ids for members to be enrolled. */
  readonly newIds: MemberId[];
}

/** Nothing to be taken back or claimed yet. */
export const noReturns = (): Pick<
  World,
  'returning' | 'guests' | 'claimedBy' | 'claimable' | 'unknownReturns' | 'purchaseTimes' | 'credits' | 'merges'
> => ({
  returning: new Map(),
  guests: new Map(),
  claimedBy: new Map(),
  claimable: new Map(),
  unknownReturns: new Map(),
  purchaseTimes: new Map(),
  credits: new Map(),
  merges: new Map(),
});

/** Nothing that members share is loaded yet. */
export const nothingShared = (): Pick<
  World,
  'budgets' | 'budgetsChanged' | 'keyBurns' | 'keyBurnsChanged' | 'stock' | 'stockChanged' | 'pool' | 'erasure'
> => ({
  budgets: new Map(),
  budgetsChanged: new Set(),
  keyBurns: new Map(),
  keyBurnsChanged: new Set(),
  stock: new Map(),
  stockChanged: new Set(),
  pool: new Map(),
  erasure: { salt: null, remembered: new Set() },
});

export const workingMember = (state: MemberState, profile: MemberProfile | null, isNew: boolean): WorkingMember => ({
  state,
  profile,
  lots: new Map(),
  days: new Map(),
  redemptions: new Map(),
  entitlements: new Map(),
  vouchers: new Map(),
  later: new Map(),
  isNew,
});

/** The follow-ups a command does: the one it was handed in for, and the credit that one takes back, which is over with it. */
export const followUpsDone = ({
  followedUp,
  entries,
}: Changes): { readonly id: string; readonly entries: readonly [number, number] | null }[] => {
  if (followedUp === null) return [];
  const credit = creditTakenBack({ id: followedUp });
  if (credit !== null) return [credit, followedUp].map((id) => ({ id, entries: null }));
  if (purchaseClaimed({ id: followedUp }) !== null) return [{ id: followedUp, entries: null }];
  const first = entries.find(({ cause }) => cause === 'referral.qualified');
  const last = entries.at(-1);
  const range = first === undefined || last === undefined ? null : ([first.sequence, last.sequence] as const);
  return [{ id: followedUp, entries: range }];
};

/** A return in the batch is known to those after it, and so are purchases; one that was a guest's is that no more. */
const absorbPurchases = (
  world: World,
  member: MemberId,
  { purchase, claimed, purchaseReturn, revoked }: Changes,
): void => {
  const times = world.purchaseTimes.get(member);
  if (purchase !== null) times?.set(purchase.ordinal, purchase.occurred_at);
  const unknown = purchaseReturn === null ? undefined : world.unknownReturns.get(purchaseReturn.purchase_id);
  if (purchaseReturn !== null && unknown !== undefined)
    world.unknownReturns.set(purchaseReturn.purchase_id, unknown + 1);
  if (purchase !== null && claimed !== null) {
    world.guests.delete(purchase.purchase_id);
    world.claimedBy.set(purchase.purchase_id, member);
  }
  const found = purchaseReturn === null ? undefined : world.returning.get(purchaseReturn.purchase_id);
  if (purchaseReturn === null || found === undefined) return;
  if (purchaseReturn.whole) times?.delete(found.row.ordinal);
  world.returning.set(purchaseReturn.purchase_id, {
    ...found,
    returns: [...found.returns, purchaseReturn],
    entitlements: found.entitlements.filter(({ number }) => !revoked.includes(number)),
  });
};

/** What a command does to rewards is known to those after it: stock, codes drawn, entitlements and vouchers. */
const absorbRewards = (world: World, member: WorkingMember, changes: Changes): void => {
  for (const [reward, count] of changes.stock) {
    const used = world.stock.get(reward);
    if (used === undefined) throw new Error(`the stock of ${reward} was not loaded`);
    world.stock.set(reward, used + count);
    world.stockChanged.add(reward);
  }
  for (const { number, reward, code, pooled, ...row } of changes.issued) {
    const free = world.pool.get(reward);
    if (pooled && free !== undefined)
      world.pool.set(
        reward,
        free.filter((other) => other !== code),
      );
    member.vouchers.set(number, { number, reward, code, ...row });
  }
  for (const [number, standing] of changes.vouchers) {
    const voucher = member.vouchers.get(number);
    if (voucher !== undefined) member.vouchers.set(number, { ...voucher, ...standing });
  }
  for (const entitlement of changes.entitlements) member.entitlements.set(entitlement.number, entitlement);
  for (const [number, use] of changes.entitlementsUsed) {
    const entitlement = member.entitlements.get(number);
    if (entitlement !== undefined)
      member.entitlements.set(number, {
        ...entitlement,
        used_at: use?.used_at ?? null,
        redemption_id: use?.redemption_id ?? null,
      });
  }
  for (const number of changes.revoked) {
    const entitlement = member.entitlements.get(number);
    if (entitlement !== undefined)
      member.entitlements.set(number, { ...entitlement, revoked_at: member.state.recorded_at });
  }
};

/** Takes an accepted command's changes into the world, for the commands after it. */
export const absorb = (world: World, changes: Changes): void => {
  const { state } = changes;
  if (state === null) return;
  let member = world.members.get(state.member_id);
  if (member === undefined) {
    member = workingMember(state, null, true);
    world.members.set(state.member_id, member);
    world.identities.set(`id:${state.external_id}`, state.member_id);
  }
  // The day the state stood on becomes a day like any other once the state has moved on.
  if (member.state.day !== state.day && !isNothing(member.state.today))
    member.days.set(member.state.day, member.state.today);
  member.state = state;
  member.profile = changes.profile ?? member.profile;
  for (const [rule, points] of changes.budgets) {
    const budget = world.budgets.get(rule);
    if (budget === undefined) throw new Error(`the budget of ${rule} was not loaded`);
    world.budgets.set(rule, { ...budget, used: budget.used + points });
    world.budgetsChanged.add(rule);
  }
  if (changes.keyBurns !== null) {
    const { key, burns } = changes.keyBurns;
    world.keyBurns.set(key, burns);
    world.keyBurnsChanged.add(key);
  }
  absorbRewards(world, member, changes);
  for (const [number, lot] of changes.lots) member.lots.set(number, lot);
  const quote = changes.usedQuote === null ? undefined : world.quotes.get(changes.usedQuote.quote_id);
  if (quote !== undefined)
    world.quotes.set(quote.row.quote_id, { ...quote, row: { ...quote.row, ...changes.usedQuote } });
  for (const row of changes.redeemed) member.redemptions.set(row.redemption_id, row);
  for (const [id, standing] of changes.redemptions) {
    const redemption = member.redemptions.get(id);
    if (redemption !== undefined) member.redemptions.set(id, { ...redemption, ...standing });
  }
  for (const [day, totals] of changes.days) member.days.set(day, totals);
  for (const identity of changes.identities.removed) world.identities.delete(`${identity.kind}:${identity.value}`);
  for (const identity of changes.identities.added)
    world.identities.set(`${identity.kind}:${identity.value}`, state.member_id);
  if (changes.referralCode !== null) world.identities.set(`${REFERRAL}:${changes.referralCode}`, state.member_id);
  absorbPurchases(world, state.member_id, changes);
  for (const [source, lots] of Map.groupBy(changes.mergedLots, (one) => one.source)) {
    const known = world.merges.get(source);
    if (known !== undefined) world.merges.set(source, { ...known, lots: [...known.lots, ...lots] });
  }
  for (const { id, entries } of followUpsDone(changes)) {
    const key = followUpKey({ member_id: state.member_id, id });
    world.followUps.delete(key);
    if (entries !== null)
      world.credits.set(
        key,
        changes.entries.filter(({ sequence }) => sequence >= entries[0]),
      );
  }
};
