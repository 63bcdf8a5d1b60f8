import type { ActivityRow } from '../model/activity.ts';
import type { Burns, KeyBurns } from '../model/burn-limit.ts';
import type { ConsentChange } from '../model/consent.ts';
import type {
  Changes,
  Entitlement,
  EntitlementUse,
  EntryNote,
  LoadedMember,
  RedemptionRow,
  RedemptionStanding,
  RewardNote,
  SegmentTransition,
  TierNote,
  TierTransition,
} from '../model/decision.ts';
import type { Event } from '../model/event.ts';
import type { DecidedData, MemberEventType } from '../model/event-catalogue.ts';
import type { EpochDay, Instant } from '../model/instant.ts';
import type { Cause, LedgerEntry } from '../model/ledger-entry.ts';
import type { Lot } from '../model/lot.ts';
import type { MemberProfile } from '../model/member.ts';
import type { ErasedPerson } from '../model/member-erasure.ts';
import {
  type Account,
  emptyAccount,
  type MemberState,
  type OpenHold,
  type OpenVoucher,
  type Totals,
} from '../model/member-state.ts';
import type { OpeningRow } from '../model/opening-balance.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import type { ReturnRow } from '../model/purchase-return.ts';
import type { EarnedPoints } from '../model/purchase-view.ts';
import type { FollowUp } from '../model/referral.ts';
import type { TransferRow } from '../model/transfer.ts';
import type { IssuedVoucher, VoucherStanding } from '../model/voucher.ts';
import type { Rules } from '../rules/rules.ts';
import { type Merging, mergingOf, nothingMerged } from './merging.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A tier or segment entered at an instant. */
export interface Entered {
  readonly kind: 'tier' | 'segment';
  readonly code: string;
  readonly at: Instant;
}

/** The API key that asked for a command. `burns` is null where they were not loaded: nothing may be burned then. */
export interface AskingKey {
  readonly id: string;
  readonly burns: Burns | null;
}

/** Codes for vouchers that the command may issue, each to be used once, in this order. */
export interface VoucherCodes {
  readonly generated: readonly string[];
  /** By reward: free ones of its pool. */
  readonly pool: ReadonlyMap<string, readonly string[]>;
}

/** What members share, as it stood before the command. */
export interface Shared {
  /** Points used of the budgets of earn rules. What was not loaded is taken as used up. */
  readonly budgetsUsed: ReadonlyMap<string, number>;
  /** How many of rewards are used of their stock. What was not loaded is taken as used up. */
  readonly stockUsed: ReadonlyMap<string, number>;
  readonly codes: VoucherCodes;
  /** The API key that asked for the command; null: a job's. */
  readonly key: AskingKey | null;
}

const nothingShared: Shared = {
  budgetsUsed: new Map(),
  stockUsed: new Map(),
  codes: { generated: [], pool: new Map() },
  key: null,
};

/**
 * What one command does to one member while it is being decided. It stands over what was loaded and never touches it:
 * a refusal drops the draft, and nothing has happened.
 */
export interface Draft extends Shared, Merging {
  readonly loaded: LoadedMember;
  readonly rules: Rules;
  /** When the engine takes the command; not before what it took for this member earlier. */
  readonly now: Instant;
  readonly state: Writable<MemberState>;
  readonly lots: Map<number, Lot>;
  /** Every day bucket at hand, the current day's included, as the draft leaves it. */
  readonly buckets: Map<EpochDay, Totals>;
  /** The buckets that changed. */
  readonly days: Map<EpochDay, Totals>;
  readonly entries: LedgerEntry[];
  readonly events: Event[];
  readonly transitions: TierTransition[];
  readonly memberships: SegmentTransition[];
  /** Points given by rules, whatever set those off, in the order of their entries. */
  readonly given: EarnedPoints[];
  /** Tiers and segments entered, for the rules that entering sets off; whoever fires those takes them away. */
  readonly entered: Entered[];
  /** Earn rules that gave for something other than a purchase: each does so once a command. */
  readonly fired: Set<string>;
  readonly entitlements: Entitlement[];
  readonly entitlementsUsed: Map<number, EntitlementUse | null>;
  readonly issued: IssuedVoucher[];
  readonly vouchers: Map<number, VoucherStanding>;
  readonly rewardNotes: RewardNote[];
  /** Points by which this command uses budgets of earn rules. */
  readonly budgets: Map<string, number>;
  /** By how much it uses the stock of rewards. */
  readonly stock: Map<string, number>;
  /** Whether every bucket of the windows is at hand, not only those that fall out of them by now. */
  readonly wholeWindows: boolean;
  /** Whether what is entered and left now is due to an edit of the rules, not to the member. */
  backfill: boolean;
  readonly notes: EntryNote[];
  tierNote: TierNote | null;
  purchase: PurchaseRow | null;
  purchaseReturn: ReturnRow | null;
  /** The purchase that is being returned, by its ordinal: a stay it began protects nobody. */
  returned: number | null;
  readonly revoked: number[];
  readonly activities: ActivityRow[];
  readonly followUps: FollowUp[];
  followedUp: string | null;
  referralCode: string | null;
  readonly redeemed: RedemptionRow[];
  usedQuote: Changes['usedQuote'];
  /** Earlier redemptions that changed, by the caller's id. */
  readonly redemptions: Map<string, RedemptionStanding>;
  /** What came back of the purchase while it was a guest's. */
  claimed: readonly ReturnRow[] | null;
  opening: OpeningRow | null;
  transfer: TransferRow | null;
  profile: MemberProfile | null;
  identities: Changes['identities'];
  readonly consents: ConsentChange[];
  erased: ErasedPerson | null;
  due: { readonly due_at: Instant | null } | null;
  /** Null: no key asked for it. */
  key: AskingKey | null;
  keyBurns: KeyBurns | null;
  /** What the entries written next are due to. */
  cause: { readonly cause: Cause; readonly cause_id: string | null };
}

export const openDraft = (
  loaded: LoadedMember,
  rules: Rules,
  now: Instant,
  wholeWindows: boolean,
  shared: Partial<Shared> = {},
): Draft => {
  const recordedAt = Math.max(now, loaded.state.recorded_at);
  return {
    loaded,
    rules,
    now: recordedAt,
    state: {
      ...loaded.state,
      recorded_at: recordedAt,
      commands: loaded.state.commands + 1,
      revision: rules.revision,
      status_revision: rules.statusRevision,
    },
    lots: new Map(),
    buckets: new Map(loaded.days).set(loaded.state.day, loaded.state.today),
    days: new Map(),
    entries: [],
    events: [],
    transitions: [],
    memberships: [],
    given: [],
    entered: [],
    fired: new Set(),
    entitlements: [],
    ...nothingShared,
    ...shared,
    budgets: new Map(),
    stock: new Map(),
    entitlementsUsed: new Map(),
    issued: [],
    vouchers: new Map(),
    rewardNotes: [],
    wholeWindows,
    backfill: false,
    notes: [],
    tierNote: null,
    purchase: null,
    purchaseReturn: null,
    returned: null,
    revoked: [],
    activities: [],
    followUps: [],
    followedUp: null,
    referralCode: null,
    redeemed: [],
    usedQuote: null,
    redemptions: new Map(),
    claimed: null,
    opening: null,
    transfer: null,
    ...nothingMerged(),
    profile: null,
    due: null,
    keyBurns: null,
    identities: { added: [], removed: [] },
    consents: [],
    erased: null,
    cause: { cause: 'time', cause_id: null },
  };
};

export const accountOf = (state: MemberState, wallet: string): Account => state.accounts[wallet] ?? emptyAccount;

export const holdsOf = (state: MemberState): readonly OpenHold[] => state.holds ?? [];

export const vouchersOf = (state: MemberState): readonly OpenVoucher[] => state.vouchers ?? [];

export const setAccount = (draft: Draft, wallet: string, account: Account): void => {
  draft.state.accounts = { ...draft.state.accounts, [wallet]: account };
};

/** A lot as the draft leaves it. */
export const lotOf = (draft: Draft, lot: number): Lot => {
  const found = draft.lots.get(lot) ?? draft.loaded.lots.get(lot);
  if (found === undefined) throw new Error(`lot ${lot} was not loaded`);
  return found;
};

/** Every lot at hand, changed ones as changed. */
export const lotsAtHand = (draft: Draft): Lot[] => {
  const lots: Lot[] = [];
  for (const [number, lot] of draft.loaded.lots) lots.push(draft.lots.get(number) ?? lot);
  for (const [number, lot] of draft.lots) if (!draft.loaded.lots.has(number)) lots.push(lot);
  return lots;
};

export const addEvent = <T extends MemberEventType>(
  draft: Draft,
  type: T,
  occurredAt: Instant,
  data: DecidedData<T> & Event['data'],
): void => {
  draft.state.events += 1;
  draft.events.push({ number: draft.state.events, type, occurred_at: occurredAt, data });
};

export const changesOf = (draft: Draft): Changes => ({
  state: draft.state,
  lots: draft.lots,
  days: draft.days,
  entries: draft.entries,
  events: draft.events,
  transitions: draft.transitions,
  memberships: draft.memberships,
  entitlements: draft.entitlements,
  budgets: draft.budgets,
  stock: draft.stock,
  notes: draft.notes,
  tierNote: draft.tierNote,
  purchase: draft.purchase,
  purchaseReturn: draft.purchaseReturn,
  revoked: draft.revoked,
  entitlementsUsed: draft.entitlementsUsed,
  issued: draft.issued,
  vouchers: draft.vouchers,
  rewardNotes: draft.rewardNotes,
  activities: draft.activities,
  followUps: draft.followUps,
  followedUp: draft.followedUp,
  referralCode: draft.referralCode,
  redeemed: draft.redeemed,
  usedQuote: draft.usedQuote,
  redemptions: draft.redemptions,
  claimed: draft.claimed,
  opening: draft.opening,
  transfer: draft.transfer,
  ...mergingOf(draft),
  profile: draft.profile,
  due: draft.due,
  keyBurns: draft.keyBurns,
  identities: draft.identities,
  consents: draft.consents,
  erased: draft.erased,
});
