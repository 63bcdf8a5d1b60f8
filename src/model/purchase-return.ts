import { type Static, Type } from 'typebox';
import { Balances } from './account.ts';
import { type Instant, InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { memberRef } from './member.ts';
import { Amount, Money } from './money.ts';
import { Purchase } from './purchase-view.ts';
import { closed, named, nullable, openEnum, ref } from './schema.ts';
import { RefundedPoints, TakenBack } from './taken-back.ts';
import { callerId } from './text.ts';
import { TierView } from './tier-view.ts';

export const RETURN_KINDS = ['return', 'cancellation'] as const;
export type ReturnKind = (typeof RETURN_KINDS)[number];

const returnedLine = closed(
  {
    line: Type.Integer({
      minimum: 0,
      maximum: limits.purchaseLines - 1,
      description: 'Which line of the purchase, from 0.',
      examples: [0],
    }),
    quantity: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Pieces that come back.', examples: [1] }),
  },
  { description: 'Pieces of one line.' },
);

export const CreateReturn = named(
  'CreateReturn',
  closed(
    {
      id: callerId(
        'The caller’s own id of the return, unique in the program. The same id again is the same return.',
        'ret-2026-0001',
      ),
      lines: Type.Optional(
        Type.Array(returnedLine, {
          minItems: 1,
          maxItems: limits.purchaseLines,
          description: 'What comes back, by lines. Either this or `amount`.',
        }),
      ),
      amount: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: Number.MAX_SAFE_INTEGER,
          description:
            'Money given back, in minor units: spread over lines and shipping in proportion to what is left of them. Either this or `lines`.',
        }),
      ),
      member: Type.Optional(
        Type.String({
          ...memberRef,
          description:
            'Whose return it is, where the purchase may be one that was never reported: see the policy `unknown_purchase_returns`. The member of a purchase that is known.',
        }),
      ),
      occurred_at: Type.Optional(InstantText('When it came back. Absent: now. Any age.')),
      dry_run: Type.Optional(
        Type.Boolean({ description: 'Only say what would come of it: nothing is recorded, and the answer is 200.' }),
      ),
    },
    {
      description: 'Something of a purchase comes back, by lines or by an amount.',
      examples: [{ id: 'ret-2026-0001', lines: [{ line: 0, quantity: 1 }] }],
    },
  ),
);
export type CreateReturn = Static<typeof CreateReturn>;

/** What is asked for: a return by the caller, or everything that is left. */
export type ReturnRequest =
  | ({ readonly kind: 'return' } & CreateReturn)
  | { readonly kind: 'cancellation'; readonly occurred_at?: undefined; readonly dry_run?: undefined };

/** What came back of a line, and of its money. */
export interface ReturnedLine {
  readonly line: number;
  readonly quantity: number;
  /** What the buyer paid for it, tax included, in minor units. */
  readonly paid: number;
  /** What of it counted as spend. */
  readonly counted: number;
}

export interface Returned {
  readonly lines: readonly ReturnedLine[];
  readonly shipping: { readonly paid: number; readonly counted: number };
}

/** Points of the purchase itself that were taken back: those of one wallet that became available and expire together. */
export interface TakenPoints {
  readonly group: string;
  readonly points: number;
  /** How many of them had paid back debt, and are debt again. */
  readonly owed_again: number;
}

export interface TakenFacts {
  readonly points: readonly TakenPoints[];
  /** Entries written for what the purchase set off, taken back with it, by sequence. */
  readonly triggered: readonly number[];
  /** Points given back of redemptions captured with the purchase; absent: none. */
  readonly refunded?: readonly { readonly redemption: string; readonly points: number }[];
  /** What of the amount had been paid with points, in minor units; absent: nothing. */
  readonly paid_with_points?: number;
  /** The purchase was not known: what it may have given had not been earned here. */
  readonly unknown?: true;
}

export interface ReturnRow {
  readonly kind: ReturnKind;
  /** The caller's id of the return; of a cancellation, the purchase's. */
  readonly id: string;
  readonly purchase_id: string;
  /** Which of the purchase's returns, from 1. */
  readonly number: number;
  /** Which of the member's commands; 0 for a guest's. */
  readonly ordinal: number;
  readonly occurred_at: Instant;
  readonly recorded_at: Instant;
  readonly amount: number;
  readonly spend: number;
  /** Whether nothing of the purchase is left. */
  readonly whole: boolean;
  readonly returned: Returned;
  readonly taken: TakenFacts;
}

const recorded = {
  id: Type.String({ description: 'The caller’s own id of the return; of a cancellation, the purchase’s.' }),
  kind: openEnum(RETURN_KINDS, 'Whether a part was returned, or the purchase cancelled.'),
  purchase: Type.String({ description: 'The shop’s own id of the purchase.' }),
  amount: ref(Money),
  spend: ref(Money),
  paid_with_points: ref(Money),
  whole: Type.Boolean({ description: 'Whether nothing of the purchase is left.' }),
  lines: Type.Array(
    Type.Object({
      line: Type.Integer({ description: 'Which line of the purchase, from 0.' }),
      quantity: Type.Integer({ description: 'Pieces that came back.' }),
      amount: Amount('What was paid for them, tax included, in minor units.'),
      spend: Amount('What of that had counted as spend.'),
    }),
    { description: 'What came back, by lines.' },
  ),
  occurred_at: InstantText('When it came back.'),
  recorded_at: InstantText('When the engine took it.'),
};

export const PurchaseReturn = named(
  'PurchaseReturn',
  Type.Object(recorded, {
    description:
      'A return as recorded. `amount` is what comes back, `paid_with_points` what of it was paid with points and not with money, `spend` what of it had counted.',
  }),
);
export type PurchaseReturn = Static<typeof PurchaseReturn>;

export const ReturnAnswer = named(
  'ReturnRecorded',
  Type.Object(
    {
      ...recorded,
      member: nullable(Type.String({ description: 'The member’s id; null for a guest.' })),
      taken_back: Type.Array(ref(TakenBack), { description: 'Points taken back, by wallet. Empty for a guest.' }),
      refunded: Type.Array(ref(RefundedPoints), {
        description: 'Points that had paid for it and are given back, in proportion to the amount. Empty for a guest.',
      }),
      revoked: Type.Array(Type.String(), {
        description: 'Entitlements that are taken back. One that was used stays used, but is not open again.',
      }),
      balances: Type.Array(ref(Balances), { description: 'Balances after it. Empty for a guest.' }),
      tiers: Type.Array(ref(TierView), { description: 'Tiers after it. Empty for a guest.' }),
      segments: Type.Array(Type.String(), { description: 'Segments after it. Empty for a guest.' }),
    },
    { description: 'A recorded return with what it took back. The answer is kept as long as the return.' },
  ),
);
export type ReturnAnswer = Static<typeof ReturnAnswer>;

/** Returns shown with a purchase at most. */
export const RETURNS_SHOWN = 100;

export const PurchaseWithReturns = named(
  'PurchaseWithReturns',
  Type.Object(
    {
      ...Purchase.properties,
      returns: Type.Array(ref(PurchaseReturn), {
        description: `What came back of it, the last first: at most ${RETURNS_SHOWN}. GET /v1/purchases/{id}/returns lists all.`,
      }),
    },
    { description: 'A purchase as recorded, with what came back of it.' },
  ),
);
