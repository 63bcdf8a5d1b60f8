import { type Static, Type } from 'typebox';
import { Balances } from './account.ts';
import { type EpochDay, type Instant, InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { POINTS_MAX, Points, PositivePoints } from './points.ts';
import { closed, named, nullable, ref } from './schema.ts';
import { code } from './text.ts';
import { TierView } from './tier-view.ts';

/**
 * The day bucket of what the old system counted and no past purchase dates: 1 January of the year 1. No window reaches
 * back to it, and nothing is reported of days before 1970.
 */
export const UNDATED_DAY: EpochDay = -719_162;

const openingLot = closed(
  {
    points: PositivePoints('Points that are left of it.'),
    earned_at: InstantText('When they were earned. Not in the future, not before 1970.'),
    available_at: Type.Optional(
      InstantText('From when on they can be spent: until then they are pending. Absent: they can be by now.'),
    ),
    expires_at: Type.Optional(
      nullable(
        InstantText(
          'When they expire. Null: never. Absent: as the wallet says of points earned then. In a wallet whose expiry slides: when they expire unless the member renews them, and all of the wallet expire with the last of them.',
        ),
      ),
    ),
  },
  { description: 'Points from one source that expire together.' },
);
export type OpeningLot = Static<typeof openingLot>;

const openingTier = closed(
  {
    tier: code('The tier held.', 'silver'),
    since: InstantText('Since when it is held. Not in the future.'),
    until: nullable(
      InstantText(
        'The member is not below it before. Null: for good. An instant that has passed protects nothing: then the conditions decide.',
      ),
    ),
  },
  { description: 'A tier as the old system gave it.' },
);
export type OpeningTier = Static<typeof openingTier>;

const count = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description }));

const lifetime = closed(
  {
    spend: count('Money spent up to the cut-over, in minor units, as the program counts it.'),
    purchases: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Number of purchases up to the cut-over.' }),
    ),
    earned: Type.Optional(
      Type.Integer({ minimum: 0, maximum: POINTS_MAX, description: 'Points of the wallet ever earned by purchases.' }),
    ),
    first_purchase_at: Type.Optional(InstantText('When the first purchase occurred.')),
    last_purchase_at: Type.Optional(InstantText('When the last purchase occurred.')),
  },
  {
    description:
      'What the member did up to the cut-over, over the whole membership. Past purchases that are imported as well are part of it and are not counted twice: of the sum of them and what stands here the larger one counts, number by number.',
  },
);
export type Lifetime = Static<typeof lifetime>;

export const OpenBalance = named(
  'OpenBalance',
  closed(
    {
      wallet: Type.Optional(code('The wallet. Absent: `points`.', 'points')),
      lots: Type.Array(openingLot, {
        maxItems: limits.openingLots,
        description: 'The points the member had, by source and expiry.',
      }),
      debt: Type.Optional(
        PositivePoints('Points owed after a shortfall. Absent: none. Lots do not pay it back; later earnings do.'),
      ),
      tiers: Type.Optional(
        Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_-]{0,63}$' }), openingTier, {
          maxProperties: limits.tiersPerProgram,
          additionalProperties: false,
          description: 'Tiers held, by the code of their scheme.',
        }),
      ),
      lifetime: Type.Optional(lifetime),
    },
    {
      description: 'What a member had of one wallet in the system that is left, at the cut-over.',
      examples: [
        {
          lots: [
            { points: 500, earned_at: '2025-11-03T10:15:00Z', expires_at: '2027-11-30T23:00:00Z' },
            { points: 120, earned_at: '2026-02-20T17:40:00Z', expires_at: null },
          ],
          tiers: { status: { tier: 'silver', since: '2025-06-01T00:00:00Z', until: '2026-12-31T23:00:00Z' } },
          lifetime: { spend: 184_900, purchases: 12, earned: 1_849, first_purchase_at: '2022-04-09T15:00:00Z' },
        },
      ],
    },
  ),
);
export type OpenBalance = Static<typeof OpenBalance>;

export const OpeningAnswer = named(
  'BalanceOpened',
  Type.Object(
    {
      member: Type.String({ description: 'The member’s id.' }),
      wallet: Type.String({ description: 'Code of the wallet.' }),
      lots: Type.Integer({ description: 'Lots that were made.' }),
      points: Points('Points of all of them.'),
      pending: Points('How many of those are pending.'),
      expired: Points('How many had expired by now, and went at once.'),
      debt: Points('Points owed.'),
      recorded_at: InstantText('When the engine took it.'),
      balances: Type.Array(ref(Balances), { description: 'Balances after it.' }),
      tiers: Type.Array(ref(TierView), { description: 'Tiers after it.' }),
    },
    { description: 'A recorded opening balance. The answer is kept as long as the member.' },
  ),
);
export type OpeningAnswer = Static<typeof OpeningAnswer>;

export interface OpeningRow {
  readonly wallet: string;
  /** Which of the member's commands. */
  readonly ordinal: number;
  readonly points: number;
  readonly lifetime: Lifetime;
  readonly recorded_at: Instant;
}

/** By what a repetition of an opening balance is recognised: there is one for each member and wallet. */
export const openingIdOf = (member: number, wallet: string): string => `${member}:${wallet}`;
export const openingId = (member: number, { wallet = 'points' }: OpenBalance): string => openingIdOf(member, wallet);
