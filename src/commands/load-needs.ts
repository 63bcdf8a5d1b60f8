import { purchaseClaimed } from '../engine/claim-purchase.ts';
import { sidesOf } from '../engine/named.ts';
import {
  type Needs,
  needsOf,
  type Undone,
  undoneBy,
  undoneByClaim,
  undoneByParting,
  undoneByUnknown,
} from '../engine/needs.ts';
import { creditTakenBack } from '../engine/referrals.ts';
import type { Command } from '../model/command.ts';
import type { MemberId } from '../model/ids.ts';
import type { Lot } from '../model/lot.ts';
import type { Tx } from '../store/connection.ts';
import { type DayRange, loadDays } from '../store/day-buckets.ts';
import { loadEntitlements } from '../store/entitlements.ts';
import { followUpKey } from '../store/follow-ups.ts';
import {
  type AccountDue,
  type AccountKey,
  loadLotsByNumber,
  loadLotsDue,
  loadLotsLater,
  loadLotsLeft,
  loadLotsToSpend,
  type OwnedLot,
  type SpendingPage,
} from '../store/lots.ts';
import { loadProfiles } from '../store/profiles.ts';
import { loadVouchers, type NumberOf } from '../store/vouchers.ts';
import { inheritedFrom } from './inherited.ts';
import { purchaseUndone } from './load-returns.ts';
import type { World } from './world.ts';

/**
 * Lots of a first page, and how pages grow for the redemption that takes thousands. A first page of 64 made a small
 * redemption by a member with 10,000 lots half as fast as by one with ten: most take from one or two.
 */
const FIRST_PAGE = 8;
const PAGE_GROWTH = 8;
const PAGE_MAX = 2_048;

interface Wanted {
  readonly days: DayRange[];
  readonly due: AccountDue[];
  readonly left: MemberId[];
  readonly numbered: { readonly member: MemberId; readonly lot: number }[];
  readonly persons: Set<MemberId>;
  readonly entitlements: NumberOf[];
  readonly vouchers: NumberOf[];
  /** Points to be taken, by member and wallet. */
  readonly spend: Map<string, AccountKey & { points: number }>;
}

const add = (wanted: Wanted, member: MemberId, needs: Needs): void => {
  wanted.days.push(...needs.days.map((range) => ({ member, ...range })));
  if (needs.allLots) wanted.left.push(member);
  wanted.numbered.push(...needs.lots.map((lot) => ({ member, lot })));
  if (needs.person) wanted.persons.add(member);
  if (!wanted.due.some((account) => account.member === member))
    wanted.due.push(...needs.due.map((due) => ({ member, ...due })));
  wanted.entitlements.push(...needs.entitlements.map((number) => ({ member, number })));
  wanted.vouchers.push(...needs.vouchers.map((number) => ({ member, number })));
  for (const [wallet, points] of needs.spend) {
    const key = `${member}:${wallet}`;
    wanted.spend.set(key, { member, wallet, points: points + (wanted.spend.get(key)?.points ?? 0) });
  }
};

const keep = (world: World, lots: readonly OwnedLot[]): void => {
  for (const [member, lot] of lots) world.members.get(member)?.lots.set(lot.lot, lot);
};

interface Spending extends SpendingPage {
  /** Points still to be covered. */
  readonly points: number;
}

const following = (page: Spending, lots: readonly Lot[], size: number): Spending[] => {
  const points = page.points - lots.reduce((sum, lot) => sum + lot.available, 0);
  const last = lots.at(-1);
  if (points <= 0 || lots.length < size || last === undefined) return [];
  return [{ ...page, points, after: last }];
};

/** Loads lots in spending order, page by page, until what may be taken is covered. Lots that have expired are not among them. */
const loadSpending = async (tx: Tx, world: World, spend: Wanted['spend']): Promise<void> => {
  let pages: Spending[] = [...spend.values()].flatMap((wanted) => {
    const available = world.members.get(wanted.member)?.state.accounts[wanted.wallet]?.available ?? 0;
    const points = Math.min(wanted.points, available);
    return points > 0
      ? [{ member: wanted.member, wallet: wanted.wallet, points, after: { expires_at: world.now, lot: 2 ** 31 - 1 } }]
      : [];
  });
  let size = FIRST_PAGE;
  while (pages.length > 0) {
    const lots = await loadLotsToSpend(tx, world.program, pages, size);
    keep(world, lots);
    const loaded = Map.groupBy(lots, ([member, lot]) => `${member}:${lot.wallet}`);
    const sizeOfPage = size;
    pages = pages.flatMap((page) =>
      following(
        page,
        (loaded.get(`${page.member}:${page.wallet}`) ?? []).map(([, lot]) => lot),
        sizeOfPage,
      ),
    );
    size = Math.min(size * PAGE_GROWTH, PAGE_MAX);
  }
};

/** What a command takes back of what was given before. */
export const undoneIn = (world: World, command: Command): Undone | undefined => {
  const purchase = purchaseUndone(command);
  if (purchase !== null)
    return world.unknownReturns.has(purchase) ? undoneByUnknown : undoneBy(world.returning.get(purchase));
  if (command.kind === 'claim_purchase') {
    const claim = world.guests.get(purchaseClaimed(command.followUp) ?? '');
    return claim === undefined ? undefined : undoneByClaim(claim);
  }
  if (command.kind === 'take_over') {
    const undone = undoneIn(world, command.of);
    return undone === undefined ? undefined : inheritedFrom(world, command.from, undone);
  }
  if (command.kind === 'give_back_merged') return undoneByParting(world.merges.get(command.to)?.lots ?? [], 'lot');
  if (command.kind === 'unmerge_member')
    return undoneByParting(world.merges.get(command.member_id)?.lots ?? [], 'source_lot');
  const credit = command.kind === 'credit_referrer' ? creditTakenBack(command.followUp) : null;
  if (credit === null || command.member_id === null) return undefined;
  return undoneBy(undefined, world.credits.get(followUpKey({ member_id: command.member_id, id: credit })));
};

/** Loads what the commands need of their members besides the state rows: day buckets, lots that are due, lots to spend. */
export const loadNeeds = async (tx: Tx, world: World, commands: readonly Command[]): Promise<void> => {
  const wanted: Wanted = {
    days: [],
    due: [],
    left: [],
    numbered: [],
    persons: new Set(),
    entitlements: [],
    vouchers: [],
    spend: new Map(),
  };
  for (const command of commands.flatMap(sidesOf)) {
    const member = command.member_id === null ? undefined : world.members.get(command.member_id);
    if (member === undefined) continue;
    add(
      wanted,
      member.state.member_id,
      needsOf(member.state, command, world.rules, world.now, member.redemptions, undoneIn(world, command)),
    );
  }
  await Promise.all([
    wanted.days.length > 0 &&
      loadDays(tx, world.program, wanted.days).then((days) => {
        for (const [member, day, totals] of days) world.members.get(member)?.days.set(day, totals);
      }),
    wanted.due.length > 0 && loadLotsDue(tx, world.program, wanted.due, world.now).then((lots) => keep(world, lots)),
    wanted.due.length > 0 &&
      loadLotsLater(tx, world.program, wanted.due, world.now).then((rows) => {
        for (const { member_id, wallet, ...later } of rows) world.members.get(member_id)?.later.set(wallet, later);
      }),
    wanted.persons.size > 0 &&
      loadProfiles(tx, world.program, [...wanted.persons]).then((profiles) => {
        for (const [member, profile] of profiles) {
          const working = world.members.get(member);
          if (working !== undefined) working.profile = profile;
        }
      }),
    wanted.numbered.length > 0 &&
      loadLotsByNumber(tx, world.program, wanted.numbered).then((lots) => keep(world, lots)),
    wanted.left.length > 0 && loadLotsLeft(tx, world.program, wanted.left).then((lots) => keep(world, lots)),
    wanted.entitlements.length > 0 &&
      loadEntitlements(tx, world.program, wanted.entitlements).then((rows) => {
        for (const { member_id, ...row } of rows) world.members.get(member_id)?.entitlements.set(row.number, row);
      }),
    wanted.vouchers.length > 0 &&
      loadVouchers(tx, world.program, wanted.vouchers).then((rows) => {
        for (const { member_id, ...row } of rows) world.members.get(member_id)?.vouchers.set(row.number, row);
      }),
    loadSpending(tx, world, wanted.spend),
  ]);
};
