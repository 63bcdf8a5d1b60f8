import { type Static, Type } from 'typebox';
import { type Instant, InstantText } from './instant.ts';
import { Points } from './points.ts';
import { named, nullable, openEnum } from './schema.ts';

/** The buckets of a member's account, and the places outside it that points come from and go to. */
export const ACCOUNT_BUCKETS = ['pending', 'available', 'held', 'debt'] as const;
export type AccountBucket = (typeof ACCOUNT_BUCKETS)[number];
export const OUTSIDE_BUCKETS = ['issued', 'redeemed', 'expired', 'reversed', 'transferred'] as const;
export type Bucket = AccountBucket | (typeof OUTSIDE_BUCKETS)[number];

export const MOVEMENTS = [
  'earn',
  'release',
  'hold',
  'capture',
  'void',
  'lapse',
  'redeem',
  'refund',
  'grace',
  'expire',
  'recover',
  'adjust',
  'return',
  'write_off',
  'transfer',
  'opening',
  'merge',
  'unmerge',
] as const;
export type Movement = (typeof MOVEMENTS)[number];

export const CAUSES = [
  'purchase',
  'redemption',
  'adjustment',
  'time',
  'closing',
  'activity',
  'enrolment',
  'birthday',
  'anniversary',
  'tier.entered',
  'segment.entered',
  'referral.qualified',
  'referral.returned',
  'return',
  'cancellation',
  'transfer',
  'opening',
  'merge',
  'unmerge',
] as const;
export type Cause = (typeof CAUSES)[number];

/** Points of an entry that came from, or went into, one lot. */
export interface Allocation {
  readonly lot: number;
  readonly points: number;
}

/** An immutable movement of points between two buckets. `sequence` counts a member's entries from 1 without a gap. */
export interface LedgerEntry {
  readonly sequence: number;
  /** Which of the member's commands wrote it. */
  readonly ordinal: number;
  readonly wallet: string;
  readonly movement: Movement;
  readonly from_bucket: Bucket;
  readonly to_bucket: Bucket;
  readonly points: number;
  readonly pending_after: number;
  readonly available_after: number;
  readonly held_after: number;
  readonly debt_after: number;
  readonly cause: Cause;
  /** The caller's id of the purchase (of a cancellation too), return, activity or redemption; the code of the tier or segment; the id of the transfer or merge; null for the other causes. */
  readonly cause_id: string | null;
  readonly allocations: readonly Allocation[];
  readonly rules: readonly { readonly rule: string; readonly points: number }[];
  readonly revision: number;
  readonly occurred_at: Instant;
  readonly recorded_at: Instant;
}

export const LedgerEntryView = named(
  'LedgerEntry',
  Type.Object(
    {
      id: Type.String({ description: 'Id of the entry.' }),
      sequence: Type.Integer({ description: 'Place among the member’s entries, from 1 without a gap.' }),
      wallet: Type.String({ description: 'Code of the wallet.' }),
      movement: openEnum(MOVEMENTS, 'What kind of movement it is.'),
      from: openEnum([...ACCOUNT_BUCKETS, ...OUTSIDE_BUCKETS], 'Where the points came from.'),
      to: openEnum([...ACCOUNT_BUCKETS, ...OUTSIDE_BUCKETS], 'Where they went.'),
      points: Points('Points moved.'),
      balances: Type.Object(
        {
          pending: Points('Pending after it.'),
          available: Points('Available after it.'),
          held: Points('Held after it.'),
          debt: Points('Debt after it.'),
        },
        { description: 'The account after the entry.' },
      ),
      cause: openEnum(CAUSES, 'What brought it about.'),
      cause_id: nullable(
        Type.String({
          description:
            'The caller’s id of the purchase (of a cancellation too), return, redemption or activity; the code of the tier or segment entered; the id of the transfer or merge.',
        }),
      ),
      lots: Type.Array(Type.Object({ lot_id: Type.String(), points: Points('Points of the lot.') }), {
        description: 'The lots it made, moved or took from.',
      }),
      rules: Type.Array(Type.Object({ rule: Type.String(), points: Points('Points from the rule.') }), {
        description: 'The rules that gave the points.',
      }),
      reason: nullable(Type.String({ description: 'Why, if a person gave a reason.' })),
      actor: nullable(Type.String({ description: 'Who, if a person decided it.' })),
      revision: Type.Integer({ description: 'Revision of the configuration it was decided in.' }),
      occurred_at: InstantText('When it happened.'),
      recorded_at: InstantText('When the engine took it.'),
    },
    { description: 'An immutable movement of points.' },
  ),
);
export type LedgerEntryView = Static<typeof LedgerEntryView>;
