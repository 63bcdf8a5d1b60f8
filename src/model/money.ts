import { type Static, Type } from 'typebox';
import { closed, named } from './schema.ts';

/** An amount in minor units of its currency (cents of a euro, yen of a yen). Always a safe integer, never negative. */
export const Amount = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });

export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code.', examples: ['EUR'] });

export const Money = named(
  'Money',
  closed(
    {
      amount: Amount('Minor units: 1999 is 19.99 in a currency with two decimals.'),
      currency: Currency,
    },
    { description: 'An amount of money in minor units.', examples: [{ amount: 1999, currency: 'EUR' }] },
  ),
);
export type Money = Static<typeof Money>;
