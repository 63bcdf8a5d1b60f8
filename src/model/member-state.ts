import type { Burns } from './burn-limit.ts';
import type { Window } from './condition.ts';
import type { Period } from './earn-limits.ts';
import type { MemberId } from './ids.ts';
import type { EpochDay, Instant } from './instant.ts';
import type { Allocation } from './ledger-entry.ts';
import type { MemberStatus } from './member.ts';
import type { RewardTaken } from './redeemed-reward.ts';
import type { ReferredBy } from './referral.ts';

/** Points of a wallet whose expiry slides: they expire together. */
export interface SlidingPoints {
  /** When, if nothing renews them; null: nothing runs until points are given, or an act renews what will be given. */
  readonly at: Instant | null;
  readonly pending: number;
  readonly available: number;
  /** When they last did, and how many entries there were: what comes back into lots made before comes too late. */
  readonly gone: { readonly at: Instant; readonly entry: number } | null;
}

/** One member's wallet: balances, lifetime totals, and when time next moves points. */
export interface Account {
  readonly pending: number;
  readonly available: number;
  readonly held: number;
  /** At most what was taken without being there; shown positive. */
  readonly debt: number;
  readonly redeemed: number;
  readonly expired: number;
  /** The earliest instants at which a lot of this account may be released, and may expire. May be early, never late. */
  readonly releases_from: Instant | null;
  readonly expires_from: Instant | null;
  /** The earliest instant at which something of it may be announced to expire. As early; stored states of earlier versions have none. */
  readonly announces_from?: Instant | null;
  /** The last instant of expiry that was announced: nothing is announced twice, not even when the program shortens its notice. */
  readonly announced_to?: Instant;
  /** Only where a lot of the account slides, or an act renewed what will be given. */
  readonly sliding?: SlidingPoints;
}

export const emptyAccount: Account = {
  pending: 0,
  available: 0,
  held: 0,
  debt: 0,
  redeemed: 0,
  expired: 0,
  releases_from: null,
  expires_from: null,
  announces_from: null,
};

/** What a member did: over one local day, over a window, or ever. `earned` is by wallet. */
export interface Totals {
  readonly spend: number;
  readonly purchases: number;
  readonly earned: Readonly<Record<string, number>>;
  /** How many activities of each type. */
  readonly activities: Readonly<Record<string, number>>;
}

export const noTotals: Totals = { spend: 0, purchases: 0, earned: {}, activities: {} };

/** Totals over a window, and the earliest of its days on which there may be something; null: on none. May be early, never late. */
export interface WindowTotals extends Totals {
  readonly from: EpochDay | null;
}

export interface TierHeld {
  readonly tier: string | null;
  readonly since: Instant;
  /** How many times the member changed tier in this scheme. */
  readonly changes: number;
  /** The minimum stay: the tier is not left before. */
  readonly stay_until: Instant | null;
  /** Since when the entry of the tier held has been true without a break; null: it is not. */
  readonly qualified_since: Instant | null;
  /** When grace ends for a tier whose entry is not true any more. */
  readonly leaves_at: Instant | null;
  /** Set by hand: not below this tier before this instant (null: for good). */
  readonly manual: { readonly tier: string; readonly until: Instant | null } | null;
  /** The instant of leaving that was announced with `tier.expiring`. */
  readonly announced: Instant | null;
  /** The purchase with which the tier was entered or qualified for anew, by its ordinal, and what was held before. */
  readonly begun?: {
    readonly purchase: number;
    readonly tier: string | null;
    readonly stay_until: Instant | null;
  };
}

export interface SegmentHeld {
  readonly since: Instant;
  /** Which of the member's events told it: names the row of the membership. */
  readonly number: number;
}

/** The last answer to a survey: how likely to recommend, 0 to 10. */
export interface NpsScore {
  readonly score: number;
  readonly at: Instant;
}

/** How often a rule gave to the member in one period, and how many points. `from` is the period's first local day. */
export interface RuleCount {
  readonly from: EpochDay;
  readonly times: number;
  readonly points: number;
}

/** What counts against an earn rule's limits: of rules with limits or a cool-down, once they gave. */
export interface RuleCounts {
  /** The last local day on which it gave. */
  readonly last_on: EpochDay;
  /** The latest periods in which it gave, oldest first, and the last of those that are not kept any more. */
  readonly periods: Readonly<
    Partial<Record<Period, { readonly kept: readonly RuleCount[]; readonly dropped: EpochDay | null }>>
  >;
}

/** What comes again every year, and is fired by time. */
export type Yearly = 'birthday' | 'anniversary';

/** Points held by a redemption, in the lots they lie in, in the order of taking. */
export interface OpenHold {
  /** The caller's id of the redemption, and which of the member's commands it was. */
  readonly id: string;
  readonly ordinal: number;
  readonly wallet: string;
  readonly points: number;
  readonly expires_at: Instant;
  readonly lots: readonly Allocation[];
  /** The burn rule, and the local day on which its limits count it. */
  readonly burn?: { readonly rule: string; readonly on: EpochDay };
  /** What it holds besides points, where it is for a reward. */
  readonly reward?: RewardTaken;
}

/** A voucher that is neither used nor cancelled, and lapses. */
export interface OpenVoucher {
  readonly number: number;
  readonly reward: string;
  readonly expires_at: Instant;
}

/** What past purchases of another system came to, returns not counted out, and what else is known of their times. */
export interface PastTotals extends Omit<Totals, 'activities'> {
  readonly first_purchase_at: Instant | null;
  readonly last_purchase_at: Instant | null;
}

/** Where a merged member went: its command, and the segments it left with it. */
export interface MergedInto {
  readonly into: MemberId;
  readonly ordinal: number;
  readonly segments: Readonly<Record<string, Instant>>;
}

/** A member merged into this one, directly or through another. */
export interface Absorbed {
  readonly member: MemberId;
  readonly external_id: string;
  readonly referral_code: string | null;
  /** Whom it was merged into: this member, or one that was merged later. */
  readonly into: MemberId;
  /** Of its purchases, and of those of whoever was merged into it. */
  readonly first_purchase_at: Instant | null;
  readonly last_purchase_at: Instant | null;
  /** Points paid for it since, as purchases of its own were returned. */
  readonly paid: number;
}

/** Everything the common write needs to know about a member, in one row. */
export interface MemberState {
  readonly member_id: MemberId;
  readonly external_id: string;
  readonly status: MemberStatus;
  readonly enrolled_at: Instant;
  /** The local day of enrolment, with which membership years begin. */
  readonly enrolled_on: EpochDay;
  /** When the engine last took something for this member; monotone. */
  readonly recorded_at: Instant;
  /** The member's ledger entries, accepted commands and events so far. */
  readonly entries: number;
  readonly commands: number;
  readonly events: number;
  readonly accounts: Readonly<Record<string, Account>>;
  readonly totals: Totals;
  readonly first_purchase_at: Instant | null;
  readonly last_purchase_at: Instant | null;
  /** Only of members who come from another system. */
  readonly past?: PastTotals;
  /** The local day up to which the window totals are rolled, and what happened on it. */
  readonly day: EpochDay;
  readonly today: Totals;
  /** Totals over the windows the rules read, as of `day`. */
  readonly windows: Readonly<Partial<Record<Window, WindowTotals>>>;
  readonly tiers: Readonly<Record<string, TierHeld>>;
  /** The segments the member is in. */
  readonly segments: Readonly<Record<string, SegmentHeld>>;
  readonly nps: NpsScore | null;
  /** When each is next fired, where the rules the member was last evaluated under fire it; stored states of earlier versions have none. */
  readonly yearly?: Readonly<Partial<Record<Yearly, Instant>>>;
  /** The member's own code for referring others, once it was asked for. */
  readonly referral_code?: string;
  readonly referred_by?: ReferredBy;
  /** The local day of the last birthday that was fired. */
  readonly last_birthday?: EpochDay;
  /** When the member was erased; absent: was not. */
  readonly erased_at?: Instant;
  /** By earn rule; stored states of earlier versions have none. */
  readonly limits?: Readonly<Record<string, RuleCounts>>;
  /** By burn rule: what was spent by those with limits. */
  readonly burn_limits?: Readonly<Record<string, RuleCounts>>;
  /** By reward: how often the member redeemed it; stored states of earlier versions have none. */
  readonly reward_limits?: Readonly<Record<string, RuleCounts>>;
  /** Open vouchers that lapse, at most `limits.vouchersPerMember`; stored states of earlier versions have none. */
  readonly vouchers?: readonly OpenVoucher[];
  /** Holds that are neither captured nor released, at most `limits.holdsPerMember`; stored states of earlier versions have none. */
  readonly holds?: readonly OpenHold[];
  /** What the member burned lately, where the program limits that; stored states of earlier versions have none. */
  readonly burns?: Burns;
  /** Until when nothing is burned, as an identity was changed; past, null or absent: the member is not frozen. */
  readonly frozen_until?: Instant | null;
  /** Until when nobody is told again that burns are refused, by what refuses them: the freeze, or a limit. */
  readonly burn_refused?: Readonly<Record<string, Instant>>;
  /** Set while the status is `merged`. */
  readonly merged?: MergedInto;
  readonly absorbed?: readonly Absorbed[];
  /** Members this one was merged into before: what was asked of it then is answered by their keys. */
  readonly parted?: readonly MemberId[];
  /** The earliest instant at which time alone may change a tier or segment. May be early, never late. */
  readonly reassess_at: Instant | null;
  /** What the due table says: the earliest instant at which a job should look at the member. */
  readonly due_at: Instant | null;
  /** The revision the member was last evaluated under. */
  readonly revision: number;
  /** The last revision that changed tiers or segments, when the member was last evaluated. */
  readonly status_revision: number;
}
