import type { ActivityRow } from './activity.ts';
import type { KeyBurns, RefusedBurn } from './burn-limit.ts';
import type { ConsentChange } from './consent.ts';
import type { Event } from './event.ts';
import type { EpochDay, Instant } from './instant.ts';
import type { Cause, LedgerEntry } from './ledger-entry.ts';
import type { Lot } from './lot.ts';
import type { MemberProfile } from './member.ts';
import type { ErasedPerson } from './member-erasure.ts';
import type { MemberState, Totals } from './member-state.ts';
import type { Handback, Handover, MergedLot, MergeRow, Name, UnmergeRow } from './merge.ts';
import type { OpeningRow } from './opening-balance.ts';
import type { Fault } from './problem.ts';
import type { ProblemCode } from './problem-codes.ts';
import type { PurchaseRow } from './purchase.ts';
import type { ReturnRow } from './purchase-return.ts';
import type { QuoteRow } from './quote.ts';
import type { RedeemedReward } from './redeemed-reward.ts';
import type { RedemptionStatus } from './redemption.ts';
import type { FollowUp } from './referral.ts';
import type { TakenBack } from './taken-back.ts';
import type { TransferRow } from './transfer.ts';
import type { IssuedVoucher, VoucherRow, VoucherStanding } from './voucher.ts';
import type { PointValue } from './wallet.ts';

/** A member as the engine gets to see it: the state row, and what the commands at hand need besides. */
export interface LoadedMember {
  readonly state: MemberState;
  /** Only for commands about the person. */
  readonly profile: MemberProfile | null;
  readonly lots: ReadonlyMap<number, Lot>;
  /** Day buckets that were asked for and exist. */
  readonly days: ReadonlyMap<EpochDay, Totals>;
  /** Redemptions that the commands name, by the caller's id. */
  readonly redemptions: ReadonlyMap<string, RedemptionRow>;
  /** Entitlements and vouchers that the commands need, by number. */
  readonly entitlements: ReadonlyMap<number, Entitlement>;
  readonly vouchers: ReadonlyMap<number, VoucherRow>;
  /** By wallet, where something may be due. */
  readonly later: ReadonlyMap<string, LaterInstants>;
}

/** Of lots that were not loaded: when the next is released or expires, and which expiry is the next to be announced. */
export interface LaterInstants {
  readonly releases_from: Instant | null;
  readonly expires_from: Instant | null;
  readonly beyond_notice: Instant | null;
}

export interface TierTransition {
  readonly scheme: string;
  readonly number: number;
  readonly from_tier: string | null;
  readonly to_tier: string | null;
  readonly at: Instant;
  readonly recorded_at: Instant;
  readonly revision: number;
  readonly facts: TransitionFacts;
}

/** What decided a transition: the condition of which tier or segment, and the values it read. */
export interface TransitionFacts {
  readonly because:
    | 'entry'
    | 'exit'
    | 'condition'
    | 'manual'
    | 'imported'
    | 'archived'
    | 'configuration'
    | 'merge'
    | 'erased';
  readonly of: string | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A segment entered, or left. `number` is that of the event that told the entering. */
export interface SegmentTransition {
  readonly segment: string;
  readonly number: number;
  readonly kind: 'entered' | 'left';
  readonly at: Instant;
  /** When it was entered. */
  readonly since: Instant;
  readonly recorded_at: Instant;
  readonly revision: number;
  readonly facts: TransitionFacts;
}

/** What of a redemption changes after it was recorded. */
export interface RedemptionStanding {
  readonly ordinal: number;
  readonly status: RedemptionStatus;
  readonly released: number;
  readonly refunded: number;
  /** The voucher it issued, by its number; absent: unchanged. */
  readonly voucher?: number | null;
}

/** By which burn rule points pay: `value.amount` minor units for each `value.points` points, rounded down. */
export interface Burn {
  readonly rule: string;
  readonly value: PointValue;
  readonly currency: string;
}

export interface RedemptionRow extends RedemptionStanding {
  readonly redemption_id: string;
  readonly wallet: string;
  readonly points: number;
  /** The entry that took the points; null: it cost none. */
  readonly entry: number | null;
  readonly recorded_at: Instant;
  /** When the hold lapses; null: redeemed at once. */
  readonly expires_at: Instant | null;
  /** What was taken, in the order of taking. */
  readonly lots: readonly { readonly lot: number; readonly points: number; readonly expires_at: Instant | null }[];
  /** Null: they pay nothing the engine knows of. */
  readonly burn: Burn | null;
  /** Null: it is for money off. */
  readonly reward: RedeemedReward | null;
}

/** Free text of an adjustment or transfer: beside the ledger, so that it can be erased. */
export interface EntryNote {
  readonly sequence: number;
  readonly reason: string | null;
  readonly actor: string | null;
}

/** Why a tier was given by hand: beside the history, so that it can be erased. `number` is that of the event. */
export interface TierNote {
  readonly number: number;
  readonly scheme: string;
  readonly tier: string;
  readonly until: Instant | null;
  readonly reason: string;
  readonly actor: string;
  readonly recorded_at: Instant;
}

/** Why a person decided something about rewards: beside it, so that it can be erased. `number` is that of the entitlement or voucher. */
export interface RewardNote {
  readonly kind: 'granted' | 'revoked' | 'cancelled';
  readonly number: number;
  readonly reason: string;
  readonly actor: string;
  readonly recorded_at: Instant;
}

/** By which redemption an entitlement was used. */
export interface EntitlementUse {
  readonly used_at: Instant;
  readonly redemption_id: string;
}

/** A reward granted by an earn rule or a person. `number` is that of the event that told it. */
export interface Entitlement {
  readonly number: number;
  readonly reward: string;
  /** Null: a person granted it. */
  readonly rule: string | null;
  readonly cause: Cause;
  readonly cause_id: string | null;
  readonly granted_at: Instant;
  readonly recorded_at: Instant;
  readonly expires_at: Instant | null;
  /** When it was taken back; absent where it was just granted. */
  readonly revoked_at?: Instant | null;
  /** Absent, as in what was just granted: not used. */
  readonly used_at?: Instant | null;
  readonly redemption_id?: string | null;
  readonly revision: number;
}

/** What an accepted command changes, table by table. */
export interface Changes {
  readonly state: MemberState | null;
  readonly lots: ReadonlyMap<number, Lot>;
  readonly days: ReadonlyMap<EpochDay, Totals>;
  readonly entries: readonly LedgerEntry[];
  readonly events: readonly Event[];
  readonly transitions: readonly TierTransition[];
  readonly memberships: readonly SegmentTransition[];
  readonly entitlements: readonly Entitlement[];
  /** Points by which budgets of earn rules were used, by rule. */
  readonly budgets: ReadonlyMap<string, number>;
  /** By how much the stock of rewards is used, or less used, by reward. */
  readonly stock: ReadonlyMap<string, number>;
  readonly notes: readonly EntryNote[];
  readonly tierNote: TierNote | null;
  readonly purchase: PurchaseRow | null;
  readonly purchaseReturn: ReturnRow | null;
  /** Entitlements taken back, by number. */
  readonly revoked: readonly number[];
  /** Entitlements that were used, by number; null: they are open again. */
  readonly entitlementsUsed: ReadonlyMap<number, EntitlementUse | null>;
  readonly issued: readonly IssuedVoucher[];
  /** Where earlier vouchers stand from now on, by number. */
  readonly vouchers: ReadonlyMap<number, VoucherStanding>;
  readonly rewardNotes: readonly RewardNote[];
  readonly activities: readonly ActivityRow[];
  /** What is to be done for other members, in commands of their own. */
  readonly followUps: readonly FollowUp[];
  /** The id of the follow-up that this command does. */
  readonly followedUp: string | null;
  /** The referral code the member was given. */
  readonly referralCode: string | null;
  /** Redemptions it records. */
  readonly redeemed: readonly RedemptionRow[];
  /** The quote that the purchase was made by. */
  readonly usedQuote: Pick<QuoteRow, 'quote_id' | 'used_by'> | null;
  /** Where earlier redemptions stand from now on, by the caller's id. */
  readonly redemptions: ReadonlyMap<string, RedemptionStanding>;
  /** What came back of the purchase while it was a guest's, of a purchase that was one; null: it was the member's at once. */
  readonly claimed: readonly ReturnRow[] | null;
  /** The balance it opens. */
  readonly opening: OpeningRow | null;
  /** The transfer it sends. */
  readonly transfer: TransferRow | null;
  /** What a merged member passes on to the one it is merged into. */
  readonly handover: Handover | null;
  /** What a survivor gives back to the member that was merged into it. */
  readonly handback: Handback | null;
  /** What was paid for a merged member whose purchase was returned. */
  readonly paid: readonly TakenBack[];
  /** The merge it survives. */
  readonly merge: MergeRow | null;
  /** Lots it took over, and which of the other's they were. */
  readonly mergedLots: readonly MergedLot[];
  /** The merge it ends. */
  readonly unmerge: UnmergeRow | null;
  readonly profile: MemberProfile | null;
  /** What the due table must say from now on; absent when it need not change. */
  readonly due: { readonly due_at: Instant | null } | null;
  /** What was burned lately with the API key, after it; absent where that is not limited. */
  readonly keyBurns: KeyBurns | null;
  readonly identities: { readonly added: readonly Name[]; readonly removed: readonly Name[] };
  readonly consents: readonly ConsentChange[];
  /** What the member was known by until the command erased them; null: it erased nobody. */
  readonly erased: ErasedPerson | null;
}

/** A "yes", with what is answered. */
export interface Accepted {
  readonly outcome: 'accepted';
  readonly status: 200 | 201;
  /** The answer to the caller; null where the caller reads the member afresh. */
  readonly answer: Readonly<Record<string, unknown>> | null;
  /** The command itself changes nothing: where time has brought nothing either, nothing is saved, not even that it was there. */
  readonly saves?: false;
}

/** A "yes", with what it changes. */
export interface Acceptance extends Accepted {
  readonly changes: Changes;
}

/** A "no": a value, never an exception. It changes nothing. */
export interface Refusal {
  readonly outcome: 'refused';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly Fault[];
  readonly missing?: number;
  readonly available?: number;
  /** A burn that the outside is told of: in a command of its own, as a refusal changes nothing. */
  readonly refusedBurn?: RefusedBurn;
}

export type Decision = Acceptance | Refusal;

/** What a command comes to while it is being decided: what it changes stands in the draft. */
export type Outcome = Accepted | Refusal;

export const accept = (answer: Accepted['answer'], status: Accepted['status'] = 200): Accepted => ({
  outcome: 'accepted',
  status,
  answer,
});

export const refuse = (
  code: ProblemCode,
  detail: string,
  more: Partial<Pick<Refusal, 'errors' | 'missing' | 'available' | 'refusedBurn'>> = {},
): Refusal => ({ outcome: 'refused', code, detail, ...more });
