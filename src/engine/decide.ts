import type { Command } from '../model/command.ts';
import { accept, type Decision, type LoadedMember, type Outcome, refuse } from '../model/decision.ts';
import type { MemberId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import { noTotals } from '../model/member-state.ts';
import type { Handback } from '../model/merge.ts';
import type { Rules } from '../rules/rules.ts';
import { adjustPoints } from './adjust.ts';
import { tellRefusedBurn, unfreezeMember } from './burns.ts';
import { type Claimable, claimPurchase, type GuestClaim } from './claim-purchase.ts';
import { changesOf, type Draft, openDraft, type Shared } from './draft.ts';
import { renewDue } from './due.ts';
import { grantEntitlement, revokeEntitlement } from './entitlements.ts';
import { eraseMember, eraseMerged, refuseErased } from './erase.ts';
import { followReferral } from './follow-referral.ts';
import { giveBackMerged, type Parting } from './give-back-merged.ts';
import { handOver } from './handover.ts';
import { brokenInvariants, overflows } from './invariants.ts';
import { mergeMember, unmergeMember } from './merge.ts';
import { nowFor, wantsWholeWindows } from './needs.ts';
import { isAsLoaded, noChanges } from './no-changes.ts';
import { openBalance } from './open-balance.ts';
import { recordPastPurchase } from './past-purchase.ts';
import { emptyProfile, putMember } from './put-member.ts';
import type { Quoted } from './quoted.ts';
import { recordActivity } from './record-activity.ts';
import { recordPurchase } from './record-purchase.ts';
import { redeemPoints } from './redeem.ts';
import { decideRedeemReward } from './redeem-reward.ts';
import { captureRedemption, refundRedemption, voidRedemption } from './redemption-life.ts';
import { makeReferralCode } from './referrals.ts';
import { returnPurchase } from './return-purchase.ts';
import { returnUnknownPurchase } from './return-unknown.ts';
import type { Returning } from './returning.ts';
import { liftTier, setTier } from './set-tier.ts';
import { settle } from './settle.ts';
import { closeMember, reactivateMember, suspendMember } from './status.ts';
import { type TakingOver, takeOver } from './take-over.ts';
import { type Received, receivePoints, transferPoints } from './transfer.ts';
import { cancelVoucher, useVoucher } from './vouchers.ts';

/** A command about one member. Guests' purchases have no member: see `recordGuestPurchase` and `returnGuestPurchase`. */
export type MemberCommand = Exclude<Command, { kind: 'record_guest_purchase' | 'return_guest_purchase' }>;

export interface Situation extends Partial<Shared> {
  /** The member; null when the command enrols. */
  readonly member: LoadedMember | null;
  readonly command: MemberCommand;
  readonly rules: Rules;
  readonly now: Instant;
  /** The internal id a new member gets. */
  readonly newId?: MemberId;
  /** Identities the command names that belong to other members, as `kind:value`. */
  readonly taken?: ReadonlySet<string>;
  /** Whether who is enrolled was a member before, as the program remembers of those it erased. */
  readonly isKnown?: boolean;
  /** Whose the referral code is that the command names; null: nobody's. */
  readonly referrer?: MemberId | null;
  /** Whether what the command follows up is still to be done. */
  readonly isOpen?: boolean;
  /** The quote that the command names, if the member has it. */
  readonly quoted?: Quoted;
  /** The purchase that the command returns, or replaces. */
  readonly returning?: Returning;
  /** Where nobody made the purchase that the command returns: how many returns of it there were before. */
  readonly unknownReturns?: number;
  /** The entries that gave what the command takes back from a referrer. */
  readonly credited?: readonly LedgerEntry[];
  /** Guests' purchases of the identities that the command gives to the member. */
  readonly claimable?: readonly Claimable[];
  /** The guest's purchase that the command claims; null: it is a guest's no more. */
  readonly claim?: GuestClaim | null;
  /** The caller's id of the member that a transfer goes to. */
  readonly recipient?: string;
  /** The transfer that the command receives. */
  readonly received?: Received;
  /** The caller's id of the member that another is merged into. */
  readonly into?: string;
  /** What a merged member passes on to this one. */
  readonly taking?: TakingOver;
  /** The merge that is to be undone: with the survivor, and what it gives back with the other. */
  readonly parting?: Parting;
  readonly handback?: Handback;
}

const newMember = (
  id: MemberId,
  externalId: string,
  rules: Rules,
  now: Instant,
  enrolledAt: Instant,
): LoadedMember => ({
  state: {
    member_id: id,
    external_id: externalId,
    status: 'active',
    enrolled_at: enrolledAt,
    enrolled_on: rules.calendar.dayOf(enrolledAt),
    recorded_at: now,
    entries: 0,
    commands: 0,
    events: 0,
    accounts: {},
    totals: noTotals,
    first_purchase_at: null,
    last_purchase_at: null,
    day: rules.calendar.dayOf(now),
    today: noTotals,
    windows: {},
    tiers: {},
    segments: {},
    nps: null,
    reassess_at: null,
    due_at: null,
    revision: rules.revision,
    status_revision: rules.statusRevision,
  },
  profile: emptyProfile,
  lots: new Map(),
  days: new Map(),
  redemptions: new Map(),
  entitlements: new Map(),
  vouchers: new Map(),
  later: new Map(),
});

const decideSettled = (draft: Draft, situation: Situation): Outcome => {
  const { command } = situation;
  switch (command.kind) {
    case 'record_purchase':
      return recordPurchase(draft, command.report, situation.quoted ?? null, situation.returning ?? null);
    case 'record_past_purchase':
      return recordPastPurchase(draft, command.report);
    case 'open_balance':
      return openBalance(draft, command.request);
    case 'return_purchase':
      return situation.unknownReturns !== undefined && command.request.kind === 'return'
        ? returnUnknownPurchase(draft, command.purchase, situation.unknownReturns + 1, command.request)
        : returnPurchase(draft, situation.returning ?? null, command.request);
    case 'record_activity':
      return recordActivity(draft, command.report);
    case 'redeem_points':
      return redeemPoints(draft, command.request, situation.quoted ?? null);
    case 'redeem_reward':
      return decideRedeemReward(draft, command.request, situation.quoted ?? null);
    case 'grant_entitlement':
      return grantEntitlement(draft, command.request);
    case 'revoke_entitlement':
      return revokeEntitlement(draft, command.number, command.request);
    case 'use_voucher':
      return useVoucher(draft, command.number, command.request);
    case 'cancel_voucher':
      return cancelVoucher(draft, command.number, command.request);
    case 'capture_redemption':
      return captureRedemption(draft, command.id, command.request);
    case 'void_redemption':
      return voidRedemption(draft, command.id);
    case 'refund_redemption':
      return refundRedemption(draft, command.id, command.request);
    case 'adjust_points':
      return adjustPoints(draft, command.request);
    case 'put_member':
      return putMember(
        draft,
        command,
        situation.member === null,
        situation.taken ?? new Set(),
        situation.referrer ?? null,
        situation.claimable ?? [],
        situation.isKnown === true,
      );
    case 'suspend_member':
      return suspendMember(draft);
    case 'reactivate_member':
      return reactivateMember(draft);
    case 'close_member':
      return closeMember(draft);
    case 'erase_member':
      return eraseMember(draft, command.pseudonym);
    case 'erase_merged':
      return eraseMerged(draft, command.pseudonym, command.kin);
    case 'unfreeze_member':
      return unfreezeMember(draft);
    case 'tell_refused_burn':
      return tellRefusedBurn(draft, command.refused);
    case 'set_tier':
      return setTier(draft, command.scheme, command.request);
    case 'lift_tier':
      return liftTier(draft, command.scheme);
    case 'make_referral_code':
      return makeReferralCode(draft, command.code);
    case 'credit_referrer':
      return followReferral(draft, situation.isOpen === true ? command.followUp : null, situation.credited ?? []);
    case 'claim_purchase':
      return claimPurchase(draft, situation.isOpen === true ? command.followUp : null, situation.claim ?? null);
    case 'transfer_points':
      return transferPoints(draft, command.to, situation.recipient ?? null, command.request);
    case 'receive_points':
      return receivePoints(draft, situation.received ?? null);
    case 'merge_member':
      return mergeMember(draft, command.into, situation.into ?? null, command.request);
    case 'unmerge_member':
      return unmergeMember(draft, situation.handback ?? null, command.request);
    case 'take_over':
      return takeOver(draft, situation.taking ?? null);
    case 'give_back_merged':
      return giveBackMerged(draft, situation.parting ?? null);
    case 'settle_member':
      return accept(null);
    default:
      return command satisfies never;
  }
};

/**
 * The only way in. First the member is settled up to now, then the command is decided, then the instants at which time
 * will next change something are renewed. Pure: the same situation gives the same decision, and a refusal changes nothing.
 */
export const decide = (situation: Situation): Decision => {
  const { command, rules, now, newId, budgetsUsed, stockUsed, codes, key } = situation;
  const loaded =
    situation.member ??
    (command.kind === 'put_member' && newId !== undefined
      ? newMember(newId, command.external_id, rules, now, Math.min(command.enrolled_at ?? now, now))
      : null);
  if (loaded === null) return refuse('member_not_found', 'there is no such member');
  const erased = refuseErased(loaded.state, command);
  if (erased !== null) return erased;
  const wholeWindows = wantsWholeWindows(loaded.state, command, nowFor(loaded.state, now));
  const draft = openDraft(loaded, rules, now, wholeWindows, {
    ...(budgetsUsed === undefined ? {} : { budgetsUsed }),
    ...(stockUsed === undefined ? {} : { stockUsed }),
    ...(codes === undefined ? {} : { codes }),
    ...(key === undefined ? {} : { key }),
  });
  settle(draft);
  const outcome = decideSettled(draft, situation);
  if (outcome.outcome === 'refused') return outcome;
  if (outcome.saves === false && isAsLoaded(draft)) return { ...outcome, changes: noChanges(draft) };
  draft.handover ??= handOver(draft);
  if (overflows(draft))
    return refuse('number_too_large', 'a balance or total would grow beyond what can be counted exactly');
  const broken = brokenInvariants(draft);
  if (broken.length > 0) throw new Error(`invariants broken: ${broken.join('; ')}`);
  renewDue(draft, command.kind === 'settle_member');
  return { ...outcome, changes: changesOf(draft) };
};

/** A member's state as it is now, for reads: settled in memory, nothing written. */
export const settled = (member: LoadedMember, rules: Rules, now: Instant): Draft => {
  const draft = openDraft(member, rules, now, wantsWholeWindows(member.state, null, nowFor(member.state, now)));
  settle(draft);
  return draft;
};
