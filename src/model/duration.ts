import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { closed, defaulted, nullable } from './schema.ts';
import { CODE } from './text.ts';

/**
 * A whole number of one calendar unit, as ISO 8601 writes it: `P14D`, `P2W`, `P12M`, `P1Y`. At most 99 years or 9999 of
 * the others: what is so far away still has a year of four digits.
 */
export const Duration = (description: string) =>
  Type.String({
    pattern: '^P([1-9][0-9]{0,3}[DWM]|[1-9][0-9]?Y)$',
    description: `${description} ISO 8601, one unit.`,
    examples: ['P14D'],
  });

/** A duration that ends with the last day of a month, quarter or year where that is asked for. */
export const roundedDuration = (after: string) => ({
  after: Duration(after),
  round_up_to: nullable(
    Type.Enum(['month', 'quarter', 'year'], {
      description: 'Moves that day to the last of its month, quarter or year.',
    }),
    { default: null },
  ),
});

export const Expiry = defaulted(
  roundedDuration('Points can be used until the end of the local day so long after the purchase.'),
  {
    description: 'When points expire, in the program’s time zone. Null: never.',
    examples: [{ after: 'P12M', round_up_to: 'month' }],
  },
);
export type Expiry = Static<typeof Expiry>;

/** Acts of a member that renew points whose expiry slides, besides activities, which are named by their type. */
export const RENEWING_ACTS = ['purchase', 'redemption'] as const;

export const Sliding = closed(
  {
    renewed_by: Type.Array(
      Type.String({
        pattern: CODE,
        maxLength: limits.codeLength,
        description: '`purchase`, `redemption` (points redeemed at once or captured), or the code of an activity type.',
        examples: ['purchase'],
      }),
      {
        minItems: 1,
        maxItems: limits.renewingActs,
        uniqueItems: true,
        description: 'What renews the points: each act at the instant it occurred, never backwards.',
      },
    ),
  },
  {
    description:
      'The points of the wallet expire together, so long after the member’s last renewing act. Points given while nothing runs start it. A return does not undo a renewal.',
    examples: [{ renewed_by: ['purchase', 'redemption'] }],
  },
);
export type Sliding = Static<typeof Sliding>;

export const WalletExpiry = defaulted(
  {
    ...roundedDuration(
      'Points can be used until the end of the local day so long after the purchase, or after the last renewing act where expiry slides.',
    ),
    sliding: nullable(Sliding, {
      default: null,
      description:
        'Null: each purchase’s points expire on their own. A change holds for points given from then on: those given before keep what they were given, and where nothing slides any more, nothing renews them.',
    }),
  },
  {
    description: 'When points expire, in the program’s time zone. Null: never.',
    examples: [
      { after: 'P12M', round_up_to: 'month' },
      { after: 'P24M', round_up_to: null, sliding: { renewed_by: ['purchase'] } },
    ],
  },
);
/** Wallets stored by earlier versions do not say whether expiry slides. */
export type WalletExpiry = Expiry & { readonly sliding?: Sliding | null };
