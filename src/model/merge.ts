import { type Static, Type } from 'typebox';
import type { MemberId } from './ids.ts';
import { type EpochDay, type Instant, InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { memberRef } from './member.ts';
import type { Absorbed, MemberState, NpsScore, RuleCounts, TierHeld, Totals } from './member-state.ts';
import { Points } from './points.ts';
import { closed, named, nullable, ref } from './schema.ts';
import { text } from './text.ts';
import type { PointValue } from './wallet.ts';

const note = {
  reason: Type.Optional(
    text(limits.noteLength, 'Why. Kept beside the merge, where it can be erased.', 'The same person, enrolled twice'),
  ),
  actor: Type.Optional(text(limits.textLength, 'Who decided it, kept like the reason.', 'support: Camille')),
};

export const MergeMember = named(
  'MergeMember',
  closed(
    { into: memberRef, ...note },
    {
      description: 'The member who stays.',
      examples: [{ into: 'm-1002', reason: 'The same person, enrolled twice', actor: 'support: Camille' }],
    },
  ),
);
export type MergeMember = Static<typeof MergeMember>;

export const UnmergeMember = named(
  'UnmergeMember',
  closed(note, {
    description: 'Why two members are parted again.',
    examples: [{ reason: 'Two sisters', actor: 'support: Camille' }],
  }),
);
export type UnmergeMember = Static<typeof UnmergeMember>;

export const MergedAccount = named(
  'MergedAccount',
  Type.Object(
    {
      wallet: Type.String({ description: 'Code of the wallet.' }),
      pending: Points('Pending points that passed.'),
      available: Points('Available points that passed.'),
      debt: Points('Debt that passed.'),
    },
    { description: 'What of a wallet passed from one member to the other.' },
  ),
);
export type MergedAccount = Static<typeof MergedAccount>;

const merge = {
  id: Type.String({ description: 'Id of the merge: the `cause_id` of the ledger entries on both sides.' }),
  member: Type.String({ description: 'The id of the member who was merged.' }),
  into: Type.String({ description: 'The id of the member who stays.' }),
};

export const MergeAnswer = named(
  'MemberMerged',
  Type.Object(
    {
      ...merge,
      recorded_at: InstantText('When the engine took it.'),
      accounts: Type.Array(ref(MergedAccount), {
        description: 'What passed, by wallet; wallets without anything are left out.',
      }),
      entry_ids: Type.Array(Type.String(), { description: 'Ledger entries of the member who was merged.' }),
    },
    { description: 'A merge, or its end, as it was recorded.' },
  ),
);
export type MergeAnswer = Static<typeof MergeAnswer>;

export const MergeView = named(
  'Merge',
  Type.Object(
    {
      ...merge,
      merged_at: InstantText('When they were merged.'),
      unmerged_at: nullable(InstantText('When they were parted again. Null: they were not.')),
      reason: nullable(Type.String({ description: 'Why they were merged, if somebody said.' })),
      actor: nullable(Type.String({ description: 'Who decided it, if somebody said.' })),
      unmerge_reason: nullable(Type.String({ description: 'Why they were parted, if somebody said.' })),
      unmerge_actor: nullable(Type.String({ description: 'Who decided that, if somebody said.' })),
    },
    { description: 'Two members who were merged.' },
  ),
);
export type MergeView = Static<typeof MergeView>;

/** How a member is found: by the caller's id, a referral code, an identity; `merged` finds a merged one itself. */
export interface Name {
  readonly kind: string;
  readonly value: string;
}

/** Points of a merged member's lot, with what the survivor's keeps of it. */
export interface LotHandedOver {
  readonly lot: number;
  readonly wallet: string;
  readonly bucket: 'pending' | 'available';
  readonly points: number;
  readonly value: PointValue | null;
  readonly earned_at: Instant;
  readonly available_at: Instant;
  readonly expires_at: Instant | null;
}

/** Debt of a merged member; `lots` are those of its own that pay it first. */
export interface DebtHandedOver {
  readonly wallet: string;
  readonly points: number;
  readonly lots: readonly number[];
}

type CountsOf = Readonly<Record<string, RuleCounts>>;

/** What was given and burned under limits, by rule or reward. */
export type Counters = { readonly [K in 'limits' | 'burn_limits' | 'reward_limits']: CountsOf };

/** What a member that is merged right now passes on besides points and sums. */
export interface Person {
  readonly external_id: string;
  readonly names: readonly Name[];
  readonly tiers: Readonly<Record<string, TierHeld>>;
  readonly nps: NpsScore | null;
  readonly frozen_until: Instant | null;
  readonly referral_code: string | null;
  readonly absorbed: readonly Absorbed[];
  readonly request: MergeMember;
}

/** What a merged member passes on to the one it is merged into: all of it first, then whatever its own records bring. */
export interface Handover {
  readonly id: string;
  readonly from: MemberId;
  /** Which of its commands merged it. */
  readonly ordinal: number;
  readonly into: MemberId;
  readonly lots: readonly LotHandedOver[];
  readonly debts: readonly DebtHandedOver[];
  /** By how much its days changed. */
  readonly days: readonly (readonly [EpochDay, Totals])[];
  readonly counters: { readonly before: Counters; readonly after: Counters };
  readonly first_purchase_at: Instant | null;
  readonly last_purchase_at: Instant | null;
  /** Null: it was merged before. */
  readonly person: Person | null;
}

/** What of a survivor is not a sum: put back as it was, unless it changed since. */
export type Kept = Pick<MemberState, 'tiers' | 'segments' | 'nps'> &
  Counters & { readonly frozen_until: Instant | null };

export interface MergeRow {
  readonly source: MemberId;
  readonly ordinal: number;
  readonly recorded_at: Instant;
  readonly kept: { readonly before: Kept; readonly after: Kept };
  readonly debts: readonly Pick<DebtHandedOver, 'wallet' | 'points'>[];
  readonly reason: string | null;
  readonly actor: string | null;
}

export interface UnmergeRow {
  readonly ordinal: number;
  readonly recorded_at: Instant;
  readonly reason: string | null;
  readonly actor: string | null;
}

/** A lot of the survivor's that was one of a merged member's. */
export interface MergedLot {
  readonly lot: number;
  readonly source: MemberId;
  readonly source_lot: number;
  readonly merge_ordinal: number;
  readonly points: number;
}

/** What a survivor gives back. */
export interface Handback {
  readonly id: string;
  readonly from: string;
  readonly into: MemberId;
  readonly lots: readonly {
    readonly lot: number;
    readonly wallet: string;
    readonly bucket: 'pending' | 'available';
    readonly points: number;
  }[];
  readonly debts: MergeRow['debts'];
  /** Of the identities it came with, those it is still known by. */
  readonly identities: readonly Name[];
}
