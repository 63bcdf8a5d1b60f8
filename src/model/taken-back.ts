import { type Static, Type } from 'typebox';
import { Points } from './points.ts';
import { named } from './schema.ts';

export const TakenBack = named(
  'TakenBack',
  Type.Object(
    {
      wallet: Type.String({ description: 'Code of the wallet.' }),
      points: Points('Points taken back: the sum of the others.'),
      from_pending: Points('Taken from points of the purchase that were still pending.'),
      from_lots: Points('Taken from what was left of the points of the purchase.'),
      from_other_lots: Points('Taken from other points of the wallet, those soonest to expire first.'),
      debt: Points('Not there any more, and owed: later earning pays it back. What had paid back debt is owed again.'),
      written_off: Points('Not there any more, and let go.'),
    },
    { description: 'Points of one wallet that a return took back.' },
  ),
);
export type TakenBack = Static<typeof TakenBack>;

export const RefundedPoints = named(
  'RefundedPoints',
  Type.Object(
    {
      redemption: Type.String({ description: 'The caller’s own id of the redemption.' }),
      wallet: Type.String({ description: 'Code of the wallet.' }),
      points: Points('Points given back.'),
      expired: Points('How many of them expired at once, with the lots they came from.'),
    },
    { description: 'Points of a redemption captured with the purchase that a return gave back, into the very lots.' },
  ),
);
export type RefundedPoints = Static<typeof RefundedPoints>;
