import { type Static, Type } from 'typebox';
import type { MemberId } from './ids.ts';
import type { Instant } from './instant.ts';
import { named } from './schema.ts';

/** What is drawn at random for a code, in letters and digits that are not mistaken for each other: 80 bits. */
export const REFERRAL_CODE_LENGTH = 16;
export const REFERRAL_ALPHABET = 'abcdefghjkmnpqrstuvwxyz234567890';

export const referralCode = Type.String({
  pattern: '^[a-z0-9]{1,32}$',
  maxLength: 32,
  description: 'A member’s referral code, as `POST /v1/members/{id}/referral-code` gives it.',
  examples: ['k7m2x9qd4hwt3bzn'],
});

export const ReferralCode = named(
  'ReferralCode',
  Type.Object(
    {
      member: Type.String({ description: 'The member’s id.' }),
      referral_code: Type.String({ description: 'The code, the same for good.' }),
    },
    { description: 'The code by which others enrol on a member’s recommendation.' },
  ),
);
export type ReferralCode = Static<typeof ReferralCode>;

/** On whose recommendation a member was enrolled. */
export interface ReferredBy {
  readonly code: string;
  readonly member_id: MemberId;
  /** When the first qualifying purchase was recorded; null: none yet. It qualifies once, unless that purchase is returned. */
  readonly qualified_at: Instant | null;
  /** The purchase that qualified it, by its ordinal. */
  readonly purchase?: number;
}

/**
 * Something that a command brings about for another member, or for its own that would make it too large: written with
 * it, and done in a command of its own, which its id says.
 */
export interface FollowUp {
  /** Unique among those of the member. */
  readonly id: string;
  /** The member it is about. */
  readonly member_id: MemberId;
  /** When it happened. */
  readonly at: Instant;
}
