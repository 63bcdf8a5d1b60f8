import { Type } from 'typebox';
import { named, nullable } from './schema.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description });

export const RewardStock = named(
  'RewardStock',
  Type.Object(
    {
      stock: nullable(count('How many there are altogether. Null: any number.')),
      used: count('How many are held or were redeemed.'),
      left: nullable(count('How many can still be redeemed. Null: any number.')),
    },
    { description: 'How much is left of a reward.', examples: [{ stock: 100, used: 40, left: 60 }] },
  ),
);
