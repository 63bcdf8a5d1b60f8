import { type Static, Type } from 'typebox';
import type { Instant } from './instant.ts';
import { PositivePoints } from './points.ts';
import { defaulted, nullable } from './schema.ts';

/** How fast points may be burned: redeemed, or held to be redeemed. */
export const BurnLimit = defaulted(
  {
    within: Type.String({
      pattern: '^(PT[1-9][0-9]?H|P[1-9][0-9]?D)$',
      description:
        'The window, in hours or in days of 24 hours, as ISO 8601 writes it. A burn counts for at least so long, and at most a twelfth longer.',
      examples: ['PT1H'],
    }),
    times: nullable(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'How often.' }), { default: null }),
    points: nullable(PositivePoints('How many points, of all wallets together.'), { default: null }),
    per: Type.Enum(['member', 'key'], {
      default: 'member',
      description: 'Whether each member’s burns are counted, or all that are made with one API key.',
    }),
  },
  {
    description: 'How often, and how many points, may be burned within a window. At least one of both.',
    examples: [{ within: 'PT1H', times: 3, points: 5_000, per: 'member' }],
  },
);
export type BurnLimit = Static<typeof BurnLimit>;

/** Burns of one twelfth of a window, which begins at `from`. */
export interface BurnCount {
  readonly from: Instant;
  readonly times: number;
  readonly points: number;
}

/** What was burned lately, by window, the oldest first. At most a few more than twelve counts each. */
export type Burns = Readonly<Record<string, readonly BurnCount[]>>;

/** What was burned lately with an API key. */
export interface KeyBurns {
  readonly key: string;
  readonly burns: Burns;
}

/** Why a burn was refused that the member may otherwise have made. */
export type BurnRefusal = 'burn_limit_reached' | 'member_frozen';

/** A refused burn as it is told to the outside: nobody is told of the same again before `quiet_until`. */
export interface RefusedBurn {
  readonly code: BurnRefusal;
  /** The limit that was reached, of several the one with the longest window; null: the member is frozen. */
  readonly limit: Pick<BurnLimit, 'within' | 'per'> | null;
  /** When it would be taken; null: not within these limits. */
  readonly until: Instant | null;
  readonly quiet_until: Instant;
}
