import { Type } from 'typebox';
import { nullable } from '../schema.ts';
import { amount, backfill, currency, eventSchema, purchase } from './event-schema.ts';

const booked = { purchase, spend: amount('What counts as spent.'), currency };
const bookedExample = { purchase: 'o-1001', spend: 4999, currency: 'EUR' };

export const purchaseEvents = {
  'purchase.recorded': eventSchema('A purchase was recorded.', { ...booked, backfill }, bookedExample),
  'purchase.claimed': eventSchema('A guest’s purchase became the member’s.', booked, bookedExample),
  'purchase.returned': eventSchema(
    'Something of a purchase came back, or all that was left of it.',
    {
      return: nullable(
        Type.String({ description: 'The caller’s id of the return. Null: a cancellation without one.' }),
      ),
      purchase,
      amount: amount('What came back.'),
      spend: amount('By how much less counts as spent.'),
      currency,
      whole: Type.Boolean({ description: 'Whether nothing of the purchase is left.' }),
      known: Type.Optional(Type.Boolean({ description: 'False: the program never saw the purchase.' })),
    },
    { return: 'ret-1', purchase: 'o-1001', amount: 1999, spend: 1999, currency: 'EUR', whole: false },
  ),
};
