import { type Static, Type } from 'typebox';
import { Balances } from './account.ts';
import { Context } from './context.ts';
import { type Instant, InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { Identity, memberRef } from './member.ts';
import { Amount, Money } from './money.ts';
import { Points } from './points.ts';
import { closed, named, nullable, openEnum, ref } from './schema.ts';
import { callerId, text } from './text.ts';
import { TierView } from './tier-view.ts';

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

/** The facts a purchase was decided on. A return evaluates the remaining purchase on them again. */
export interface PurchaseFacts {
  readonly revision: number;
  readonly count_tax: boolean;
  readonly count_shipping: boolean;
  readonly shipping_counted: number;
  /** The tier held before the purchase, by scheme. */
  readonly tiers: Readonly<Record<string, string | null>>;
  readonly rules: readonly RuleFact[];
  /** What of the member the rules' conditions read, by label: why a rule did not give can be found again from it. */
  readonly fields?: Readonly<Record<string, unknown>>;
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
  };
  readonly facts: PurchaseFacts;
}

export const EarnedPoints = named(
  'EarnedPoints',
  Type.Object(
    {
      entry_id: Type.String({ description: 'The ledger entry.' }),
      wallet: Type.String({ description: 'Code of the wallet.' }),
      points: Points('Points given. Part of them may have paid back debt.'),
      recovered: Points('How many of them paid back debt.'),
      bucket: openEnum(['available', 'pending'], 'Where the points went.'),
      available_at: InstantText('When they are or become available.'),
      expires_at: nullable(InstantText('When they expire.')),
      rules: Type.Array(Type.Object({ rule: Type.String(), points: Points('Points from this rule.') }), {
        description: 'Which rules gave how many.',
      }),
    },
    { description: 'Points a purchase gave, by wallet.' },
  ),
);
export type EarnedPoints = Static<typeof EarnedPoints>;

/** What every view of a purchase begins with. */
const recorded = {
  id: Type.String({ description: 'The shop’s own id.' }),
  member: nullable(Type.String({ description: 'The member’s id; null for a guest.' })),
  occurred_at: InstantText('When the purchase was made.'),
  recorded_at: InstantText('When the engine took it.'),
  total: ref(Money),
  spend: ref(Money),
};

export const PurchaseAnswer = named(
  'PurchaseRecorded',
  Type.Object(
    {
      ...recorded,
      earned: Type.Array(ref(EarnedPoints), {
        description: 'What it gave, what tiers and segments entered by it and a referral gave included.',
      }),
      balances: Type.Array(ref(Balances), { description: 'Balances after it. Empty for a guest.' }),
      tiers: Type.Array(ref(TierView), { description: 'Tiers after it. Empty for a guest.' }),
    },
    { description: 'A recorded purchase with what it gave. The answer is kept as long as the purchase.' },
  ),
);
export type PurchaseAnswer = Static<typeof PurchaseAnswer>;

export const Purchase = named(
  'Purchase',
  Type.Object(
    {
      ...recorded,
      lines: Type.Array(
        Type.Object(
          {
            sku: Type.String(),
            categories: Type.Array(Type.String()),
            quantity: Type.Integer(),
            unit_price: Type.Integer(),
            discount: Type.Integer(),
            total: Type.Integer(),
            cost: Type.Optional(Type.Integer()),
            discount_share: Type.Integer({ description: 'Share of the discount on the whole.' }),
            tax_share: Type.Integer({ description: 'Share of the tax.' }),
            counted: Type.Integer({ description: 'What counts as spend and earns points.' }),
          },
          { description: 'A line, with what falls to it of the whole, in minor units.' },
        ),
      ),
      discount: Type.Integer({ description: 'Discount on the whole, in minor units.' }),
      shipping: Type.Integer({ description: 'Shipping, in minor units.' }),
      tax: nullable(Tax),
      channel: nullable(Type.String()),
      store: nullable(Type.String()),
      context: Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Boolean()]), {
        description: 'As reported.',
      }),
      revision: Type.Integer({ description: 'Revision of the configuration it was decided in.' }),
      rules: Type.Array(
        Type.Object({
          rule: Type.String(),
          counted: Type.Integer({ description: 'Minor units the rule looked at.' }),
          points: Points('Points it gave.'),
          limited_to: Type.Optional(
            Points('What was left of its limits or budget, where that was less than it would have given.'),
          ),
          multiplied: Type.Optional(
            Type.Array(Type.String(), { description: 'The multipliers that worked on what it gave.' }),
          ),
          withheld: Type.Optional(openEnum(WITHHELD, 'Why it gave nothing although its conditions were fulfilled.')),
        }),
        {
          description: 'Which rules gave how many points, and on what; `tier:CODE` is what a tier’s multiplier added.',
        },
      ),
    },
    { description: 'A purchase as recorded.' },
  ),
);
export type Purchase = Static<typeof Purchase>;
