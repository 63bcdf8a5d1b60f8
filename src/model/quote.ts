import { type Static, Type } from 'typebox';
import { type Instant, InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { memberRef } from './member.ts';
import type { MemberState } from './member-state.ts';
import { Money } from './money.ts';
import { Points, PositivePoints } from './points.ts';
import type { ProblemCode } from './problem-codes.ts';
import { cart, WITHHELD } from './purchase.ts';
import { EarnedPoints } from './purchase-view.ts';
import { closed, named, nullable, openEnum, ref } from './schema.ts';
import { code } from './text.ts';
import { TierView } from './tier-view.ts';
import { PointValue } from './wallet.ts';

export const quoteId = (description: string) =>
  Type.String({
    pattern: '^quo_[0-9a-z]{1,10}_[0-9a-z]{13}$',
    description,
    examples: ['quo_1_3w5e11264sgsf'],
  });

const RedeemInQuote = closed(
  {
    wallet: Type.Optional(code('The wallet. Absent: `points`.', 'points')),
    points: PositivePoints('Points the member means to spend.'),
  },
  { description: 'Points to be spent on the cart.' },
);

export const CreateQuote = named(
  'CreateQuote',
  closed(
    {
      member: memberRef,
      ...cart,
      redeem: Type.Optional(
        Type.Array(RedeemInQuote, {
          maxItems: limits.redemptionsPerPurchase,
          description: 'Points the member means to spend: what they pay earns nothing. Nothing is taken or held.',
        }),
      ),
      expires_at: Type.Optional(
        InstantText(
          `Until when the quote is honoured: in the future, at most ${limits.quoteMs / 60_000} minutes ahead. Absent: ${limits.quoteDefaultMs / 60_000} minutes.`,
        ),
      ),
    },
    {
      description: 'A cart before it is paid.',
      examples: [
        {
          member: 'm-1001',
          currency: 'EUR',
          lines: [{ sku: 'SHOE-42', categories: ['shoes'], quantity: 2, unit_price: 4995, discount: 990, total: 9000 }],
          shipping: 490,
          total: 9490,
          channel: 'web',
        },
      ],
    },
  ),
);
export type CreateQuote = Static<typeof CreateQuote>;

/** A quote as it is kept: what was frozen for a cart, and until when. */
export interface QuoteRow {
  readonly quote_id: string;
  readonly revision: number;
  /** SHA-256 of the cart. */
  readonly cart: Uint8Array;
  readonly created_at: Instant;
  readonly expires_at: Instant;
  /** The tiers that count as held. */
  readonly tiers: MemberState['tiers'];
  /** The purchase that was made by it. */
  readonly used_by: string | null;
}

export const NOT_SPENDABLE = [
  'member_suspended',
  'member_frozen',
  'no_burn_rule',
  'too_few_points',
  'limit',
  'cart',
] as const;

export const REWARD_REASONS = [
  'member_suspended',
  'member_closed',
  'reward_not_available',
  'reward_not_eligible',
  'reward_limit_reached',
  'reward_out_of_stock',
  'insufficient_points',
] as const satisfies readonly ProblemCode[];

export const Spendable = named(
  'Spendable',
  Type.Object(
    {
      wallet: Type.String({ description: 'Code of the wallet.' }),
      available: Points('Points that are available.'),
      burn_rule: nullable(Type.String(), {
        description: 'The burn rule that holds for the member; null: none does, or the wallet has none.',
      }),
      value: nullable(PointValue),
      minimum_points: Points('The least that can be spent at once; 0 with `maximum_points`: nothing can.'),
      maximum_points: Points('The most that can be spent on this cart.'),
      step_points: Type.Integer({ description: 'In multiples of so many.' }),
      maximum_amount: nullable(ref(Money)),
      because: nullable(
        openEnum(
          NOT_SPENDABLE,
          'Why nothing can be spent: the member is suspended or frozen, no burn rule holds, too few points, the limits of the rule, or nothing of the cart may be paid with points.',
        ),
      ),
      missing: nullable(Points('With `too_few_points`: how many lack to the least.')),
    },
    {
      description:
        'What can be spent of a wallet on the cart. `maximum_amount` is what the most points pay, null where no burn rule says so.',
    },
  ),
);
export type Spendable = Static<typeof Spendable>;

export const RewardOffer = named(
  'RewardOffer',
  Type.Object(
    {
      reward: Type.String({ description: 'Code of the reward.' }),
      name: Type.String({ description: 'Its name.' }),
      wallet: Type.String({ description: 'The wallet it is paid from.' }),
      price: nullable(Points('What it costs the member. Null: it is not for sale.')),
      available: Type.Boolean({
        description: 'Whether the member could redeem it now. Codes of pools are not looked at.',
      }),
      reasons: Type.Array(openEnum(REWARD_REASONS, 'Why not: the code it would be refused with.'), {
        description: 'Why not, all at once. Empty: it is available.',
      }),
      missing: nullable(Points('Points that lack.')),
    },
    { description: 'A reward, what it costs the member, and why it cannot be had.' },
  ),
);
export type RewardOffer = Static<typeof RewardOffer>;

const { entry_id: _, ...expected } = EarnedPoints.properties;

export const Quote = named(
  'Quote',
  Type.Object(
    {
      id: quoteId('Id of the quote. `POST /v1/purchases` and `POST /v1/redemptions` take it as `quote`.'),
      member: Type.String({ description: 'The member’s id.' }),
      created_at: InstantText('When it was given.'),
      expires_at: InstantText('Until when it is honoured.'),
      revision: Type.Integer({ description: 'Revision of the configuration by which it is honoured.' }),
      total: ref(Money),
      spend: ref(Money),
      earned: Type.Array(Type.Object(expected, { description: 'Points the cart would give, of one wallet.' }), {
        description: 'What the cart would give, what tiers and segments entered by it give included.',
      }),
      withheld: Type.Array(
        Type.Object({
          rule: Type.String({ description: 'Code of the rule.' }),
          withheld: openEnum(WITHHELD, 'Why it would give nothing although its conditions are fulfilled.'),
        }),
        { description: 'Rules held back by a limit, a cool-down, a budget or a better one of their group.' },
      ),
      redeem: Type.Array(
        Type.Object({
          wallet: Type.String({ description: 'Code of the wallet.' }),
          points: Points('Points to be spent.'),
          amount: nullable(ref(Money)),
        }),
        { description: 'What the points of the request pay; null where no burn rule says so.' },
      ),
      spendable: Type.Array(ref(Spendable), { description: 'What can be spent on the cart, by wallet.' }),
      rewards: Type.Array(ref(RewardOffer), {
        description: 'The rewards in force, by code, for the member as they are before the purchase.',
      }),
      tiers: Type.Array(ref(TierView), { description: 'Tiers after the purchase.' }),
      segments: Type.Array(Type.String(), { description: 'Segments after it.' }),
    },
    {
      description:
        'What a cart comes to: what it earns and by which rules, the status after it, what can be spent. Revision, tiers, rates and prices are honoured for this cart until it lapses, once; points, budgets and limits are not reserved: a hold does that.',
    },
  ),
);
export type Quote = Static<typeof Quote>;
