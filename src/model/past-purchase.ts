import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { memberRef } from './member.ts';
import { Amount } from './money.ts';
import { PositivePoints } from './points.ts';
import { cart } from './purchase.ts';
import { closed, named } from './schema.ts';
import { callerId, code } from './text.ts';

export const RecordPastPurchase = named(
  'RecordPastPurchase',
  closed(
    {
      id: callerId(
        'The shop’s own id of the purchase: one id, whether it is recorded as past or as made here.',
        'o-2025-0417',
      ),
      member: memberRef,
      occurred_at: InstantText('When the purchase was made. Any age from 1970 on.'),
      ...cart,
      paid_with_points: Type.Optional(Amount('What of the total was paid with points, in minor units.')),
      points_given: Type.Optional(
        Type.Array(
          closed({
            wallet: Type.Optional(code('The wallet. Absent: `points`.', 'points')),
            points: PositivePoints('Points the old system gave for it.'),
          }),
          {
            maxItems: limits.walletsPerProgram,
            description:
              'What the old system gave for it: what is left of that stands in the opening balance. It is not given again; it counts as earned, and a return takes it back in proportion, from any points of the member, else as debt or written off, as the program says.',
          },
        ),
      ),
    },
    {
      description: 'A purchase made before the cut-over, as the old system knew it.',
      examples: [
        {
          id: 'o-2025-0417',
          member: 'm-1001',
          occurred_at: '2025-04-17T11:20:00Z',
          currency: 'EUR',
          lines: [{ sku: 'SHOE-42', categories: ['shoes'], quantity: 1, unit_price: 8900, total: 8900 }],
          total: 8900,
          points_given: [{ points: 89 }],
        },
      ],
    },
  ),
);
export type RecordPastPurchase = Static<typeof RecordPastPurchase>;

/** What the old system gave for a past purchase, by wallet. */
export type PointsGiven = NonNullable<RecordPastPurchase['points_given']>;
