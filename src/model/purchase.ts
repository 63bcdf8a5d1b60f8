import { type Static, Type } from 'typebox';
import { Context } from './context.ts';
import { type Instant, InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { Identity, memberRef } from './member.ts';
import type { RuleCounts } from './member-state.ts';
import { Amount } from './money.ts';
import { PositivePoints } from './points.ts';
import { closed, named, ref } from './schema.ts';
import { callerId, code, text } from './text.ts';

export const PurchaseLine = named(
  'PurchaseLine',
  closed(
    {
      sku: text(limits.idLength, 'Stock keeping unit.', 'SHOE-42'),
      categories: Type.Optional(
        Type.Array(text(limits.idLength, 'A category.', 'shoes'), {
          maxItems: limits.categoriesPerLine,
          uniqueItems: true,
          description: 'Categories of the item.',
        }),
      ),
      quantity: Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'Pieces. Weighed goods are one line of quantity 1.',
      }),
      unit_price: Amount('Price of one piece, in minor units.'),
      discount: Type.Optional(Amount('Discount on the line, in minor units.')),
      total: Amount('quantity × unit_price − discount, in minor units.'),
      cost: Type.Optional(Amount('What the line cost the shop, in minor units.')),
    },
    { description: 'One line of a purchase.' },
  ),
);
export type PurchaseLine = Static<typeof PurchaseLine>;

export const Tax = closed(
  {
    amount: Amount('Tax of the whole purchase, in minor units.'),
    included: Type.Boolean({ description: 'Whether prices include it.' }),
  },
  { description: 'Tax. Absent: none.' },
);

/** What is bought, at what price and in which circumstances. */
export const cart = {
  currency: Type.String({
    pattern: '^[A-Z]{3}$',
    description: 'ISO 4217; must be the program’s currency.',
    examples: ['EUR'],
  }),
  lines: Type.Array(ref(PurchaseLine), {
    minItems: 1,
    maxItems: limits.purchaseLines,
    description: 'What was bought.',
  }),
  discount: Type.Optional(
    Amount('Discount on the purchase as a whole, in minor units; spread over the lines in proportion.'),
  ),
  shipping: Type.Optional(Amount('Shipping, in minor units.')),
  tax: Type.Optional(Tax),
  total: Amount('Sum of the lines − discount + shipping, + tax when prices do not include it, in minor units.'),
  channel: Type.Optional(text(limits.textLength, 'Channel.', 'web')),
  store: Type.Optional(text(limits.textLength, 'Shop or till.', 'lyon-2')),
  context: Type.Optional(Context),
};

export const RedeemWithPurchase = named(
  'RedeemWithPurchase',
  closed(
    {
      id: callerId(
        'The caller’s own id of the redemption, unique in the program: it can be refunded under it like any other.',
        'r-2026-0003',
      ),
      wallet: Type.Optional(code('The wallet to take from. Absent: `points`.', 'points')),
      points: Type.Optional(PositivePoints('Points to redeem. Either this or `reward`.')),
      reward: Type.Optional(
        code('Code of a reward to redeem, at its price for the member. Either this or `points`.', 'free-coffee'),
      ),
      entitlement: Type.Optional(
        Type.String({
          maxLength: limits.idLength,
          description: 'With `reward`: the entitlement it is had for. Then it costs nothing.',
          examples: ['ett_1_3'],
        }),
      ),
    },
    {
      description: 'Points or a reward redeemed at once with a purchase.',
      examples: [{ id: 'r-2026-0003', points: 500 }],
    },
  ),
);

export const RecordPurchase = named(
  'RecordPurchase',
  closed(
    {
      id: callerId(
        'The shop’s own id of the purchase, unique in the program. The same id again is the same purchase.',
        'o-2026-0001',
      ),
      member: Type.Optional(memberRef),
      guest: Type.Optional(
        closed(
          { identity: ref(Identity) },
          {
            description:
              'Without a member: an identity by which the purchase can be claimed later. Stored only as a hash.',
          },
        ),
      ),
      occurred_at: Type.Optional(InstantText('When the purchase was made. Absent: now.')),
      ...cart,
      paid_with_points: Type.Optional(
        Amount(
          'What of the total was paid with points, in minor units; it earns nothing unless the program says so. Spend stays what it is. Where burn rules say what the redemptions pay, absent is their sum, and it must be their sum.',
        ),
      ),
      capture_redemptions: Type.Optional(
        Type.Array(callerId('The caller’s own id of a redemption of the member that is held.', 'r-2026-0002'), {
          maxItems: limits.redemptionsPerPurchase,
          uniqueItems: true,
          description:
            'Held redemptions to be captured whole with the purchase: all of them, or the purchase is refused.',
        }),
      ),
      redeem: Type.Optional(
        Type.Array(ref(RedeemWithPurchase), {
          maxItems: limits.redemptionsPerPurchase,
          description:
            'Points and rewards redeemed at once, in the same step: all of them, or the purchase is refused.',
        }),
      ),
      replaces: Type.Optional(
        callerId(
          'The shop’s own id of a purchase of the member that was reported wrongly: it is cancelled in the same step, and this one takes its place. It is priced as that one was, and occurred when that did, unless `occurred_at` says otherwise.',
          'o-2026-0000',
        ),
      ),
      quote: Type.Optional(
        Type.String({
          maxLength: limits.idLength,
          description:
            'Id of a quote for this cart: it is priced as quoted, whatever was edited since. Another cart is `quote_mismatch`; a quote is used once.',
          examples: ['quo_1_3w5e11264sgsf'],
        }),
      ),
    },
    {
      description: 'A purchase as the shop reports it.',
      examples: [
        {
          id: 'o-2026-0001',
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
export type RecordPurchase = Static<typeof RecordPurchase>;

/** A line with what falls to it when the whole is spread over the lines. */
export interface StoredLine {
  readonly sku: string;
  readonly categories: readonly string[];
  readonly quantity: number;
  readonly unit_price: number;
  readonly discount: number;
  readonly total: number;
  readonly cost?: number;
  /** Share of the discount on the whole, by largest remainder over line totals. */
  readonly discount_share: number;
  /** Share of the tax, by largest remainder over what is left of the lines and shipping. */
  readonly tax_share: number;
  /** Share of what was paid with points, by largest remainder over what is to be paid. Absent: nothing was. */
  readonly points_share?: number;
  /** What counts as spend and earns points: net of discounts, tax as the program says. */
  readonly counted: number;
}

/** Why a rule that was set off gave nothing. */
export const WITHHELD = ['limit', 'cool_down', 'budget', 'exclusive_group'] as const;
export type Withheld = (typeof WITHHELD)[number];

/** What a rule contributed to an earning, and on what. Kept so that every point can be explained. */
export interface RuleFact {
  /** Its code; `tier:CODE` for what a tier's multiplier added. */
  readonly rule: string;
  /** Minor units the rule looked at. */
  readonly counted: number;
  readonly points: number;
  /** What was left of its limits or budget, where that was less than it would have given. */
  readonly limited_to?: number;
  /** The multipliers that worked on what it gave. */
  readonly multiplied?: readonly string[];
  readonly withheld?: Withheld;
}

/** Points given for a purchase: one lot, or less where some paid back debt. Instants as of when they were given. */
export interface GivenPoints {
  readonly wallet: string;
  readonly points: number;
  readonly recovered: number;
  /** The entry, and with it the lot, if any. */
  readonly entry: number;
  readonly available_at: Instant;
  readonly expires_at: Instant | null;
  readonly sliding?: true;
}

/** A redemption captured with a purchase: goes back with it. */
export interface CapturedWith {
  readonly id: string;
  readonly ordinal: number;
  readonly points: number;
}

/** What a return of the purchase needs besides: how the member stood, and what was written. Both ends of ranges are included. */
export interface ReturnFacts {
  /** Which of the member's purchases it was, from 1. */
  readonly number: number;
  /** What counted against the limits of rules before, and what was left of budgets. */
  readonly limits: Readonly<Record<string, RuleCounts>>;
  readonly budgets: Readonly<Record<string, number>>;
  /** What milestones counted before; null: the purchase lay before the window. */
  readonly milestones: Readonly<Record<string, number | null>>;
  readonly given: readonly GivenPoints[];
  /** Absent: none. */
  readonly redemptions?: readonly CapturedWith[];
  readonly entries: readonly [from: number, to: number];
  readonly events: readonly [from: number, to: number];
}

/** The facts a purchase was decided on. A return evaluates the remaining purchase on them again. */
export interface PurchaseFacts {
  readonly revision: number;
  readonly count_tax: boolean;
  readonly count_shipping: boolean;
  readonly shipping_counted: number;
  /** Share of the shipping in what was paid with points. Absent: nothing was. */
  readonly shipping_points_share?: number;
  /** The tier held before the purchase, by scheme. */
  readonly tiers: Readonly<Record<string, string | null>>;
  readonly rules: readonly RuleFact[];
  /** When rules had to be in force: absent, when the purchase occurred; else when it was quoted. */
  readonly priced_at?: Instant;
  /** What of the member the rules' conditions read, by label: why a rule did not give can be found again from it. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The member was erased, and what the rules read of the person with them: points go back in proportion. */
  readonly erased?: true;
  /** Absent in purchases recorded before there were returns: points go back in proportion. */
  readonly on_return?: ReturnFacts;
  /** Made before the cut-over: no rule was asked, and points go back in proportion. */
  readonly past?: true;
}

export interface PurchaseRow {
  readonly purchase_id: string;
  readonly ordinal: number;
  readonly occurred_at: Instant;
  readonly recorded_at: Instant;
  readonly total: number;
  readonly spend: number;
  readonly report: Omit<RecordPurchase, 'lines' | 'member' | 'id' | 'guest'> & {
    readonly lines: readonly StoredLine[];
    /** Of a past purchase: what the old system gave for it. */
    readonly points_given?: readonly { readonly wallet?: string; readonly points: number }[];
  };
  readonly facts: PurchaseFacts;
}
