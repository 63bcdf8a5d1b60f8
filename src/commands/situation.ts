import { timingSafeEqual } from 'node:crypto';
import { purchaseClaimed } from '../engine/claim-purchase.ts';
import type { MemberCommand, Situation } from '../engine/decide.ts';
import { creditTakenBack } from '../engine/referrals.ts';
import { vouchersOfCommand } from '../engine/stock-needs.ts';
import type { Changes } from '../model/decision.ts';
import type { MemberId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { followUpKey } from '../store/follow-ups.ts';
import { cartHash } from './cart-hash.ts';
import { isRemembered } from './erased-members.ts';
import { referrerOf, takenIdentities } from './load-batch.ts';
import { claimableBy } from './load-claims.ts';
import { quoteNamed } from './load-quotes.ts';
import { purchaseUndone } from './load-returns.ts';
import { memberOfQuote } from './quoting.ts';
import { newVoucherCode } from './voucher-code.ts';
import type { World } from './world.ts';

/* What a command is decided on besides its member, out of the world as earlier commands of the batch left it. */

/** What is used of budgets, by a command that is decided and not yet taken into the world as well. */
export const budgetsUsed = (
  { budgets }: World,
  also: Changes['budgets'] = new Map(),
): Pick<Situation, 'budgetsUsed'> =>
  budgets.size === 0
    ? {}
    : { budgetsUsed: new Map([...budgets].map(([rule, { used }]) => [rule, used + (also.get(rule) ?? 0)])) };

/** What members share: budgets, the stock of rewards, and codes for vouchers. */
export const sharedSituation = (
  world: World,
  command: MemberCommand,
): Pick<Situation, 'budgetsUsed' | 'stockUsed' | 'codes'> => {
  const vouchers = vouchersOfCommand(command);
  return {
    ...budgetsUsed(world),
    ...(world.stock.size === 0 ? {} : { stockUsed: world.stock }),
    ...(vouchers === 0
      ? {}
      : { codes: { generated: Array.from({ length: vouchers }, newVoucherCode), pool: world.pool } }),
  };
};

/** What a command that takes something back is decided on besides. */
const returnSituation = (
  world: World,
  command: MemberCommand,
): Partial<Pick<Situation, 'returning' | 'unknownReturns' | 'isOpen' | 'credited'>> => {
  const purchase = purchaseUndone(command);
  if (purchase !== null) {
    const { member, ...found } = world.returning.get(purchase) ?? { member: null };
    const unknownReturns = world.unknownReturns.get(purchase);
    if (unknownReturns !== undefined) return { unknownReturns };
    if (member === null || member !== command.member_id || !('row' in found)) return {};
    const times = world.purchaseTimes.get(member) ?? new Map<number, Instant>();
    const others = [...times].flatMap(([ordinal, at]) => (ordinal === found.row.ordinal ? [] : [at]));
    return { returning: { ...found, others } };
  }
  if (command.kind !== 'credit_referrer') return {};
  const { followUp } = command;
  const credit = creditTakenBack(followUp);
  const credited =
    credit === null ? undefined : world.credits.get(followUpKey({ member_id: command.member_id, id: credit }));
  return {
    isOpen: world.followUps.has(followUpKey(followUp)),
    ...(credited === undefined ? {} : { credited }),
  };
};

const transferSituation = ({ members }: World, command: MemberCommand): Pick<Situation, 'recipient'> => {
  const recipient = command.kind === 'transfer_points' ? members.get(command.to) : undefined;
  return recipient === undefined ? {} : { recipient: recipient.state.external_id };
};

/** When the purchases of a member occurred, as far as they are at hand; null: nobody asked. */
export const ownPurchases = ({ purchaseTimes }: World, member: MemberId): Instant[] | null => {
  const times = purchaseTimes.get(member);
  return times === undefined ? null : [...times.values()];
};

const mergeSituation = ({ members }: World, command: MemberCommand): Pick<Situation, 'into'> => {
  const into = command.kind === 'merge_member' ? members.get(command.into) : undefined;
  return into === undefined ? {} : { into: into.state.external_id };
};

const claimSituation = (
  world: World,
  command: MemberCommand,
): Partial<Pick<Situation, 'taken' | 'referrer' | 'isKnown' | 'claimable' | 'claim' | 'isOpen'>> => {
  if (command.kind === 'put_member')
    return {
      taken: takenIdentities(world, command),
      referrer: referrerOf(world, command),
      isKnown: isRemembered(world, command),
      claimable: claimableBy(world, command),
    };
  if (command.kind !== 'claim_purchase') return {};
  const claim = world.guests.get(purchaseClaimed(command.followUp) ?? '') ?? null;
  return { isOpen: world.followUps.has(followUpKey(command.followUp)), claim };
};

/** The quote a command names, and whether it is for the cart that the command is about. */
const quoteSituation = (world: World, command: MemberCommand): Pick<Situation, 'quoted'> => {
  const id = quoteNamed(command);
  const found = id === undefined || memberOfQuote(id) !== command.member_id ? undefined : world.quotes.get(id);
  if (found === undefined) return {};
  const sameCart = command.kind !== 'record_purchase' || timingSafeEqual(cartHash(command.report), found.row.cart);
  return { quoted: { ...found, sameCart } };
};

/** Everything a command is decided on besides its member and the budgets. */
export const situationOf = (world: World, command: MemberCommand): Partial<Situation> => ({
  ...returnSituation(world, command),
  ...transferSituation(world, command),
  ...mergeSituation(world, command),
  ...claimSituation(world, command),
  ...quoteSituation(world, command),
});
