import { type Static, Type } from 'typebox';
import { Duration, WalletExpiry } from './duration.ts';
import { limits } from './limits.ts';
import { Amount } from './money.ts';
import { POINTS_MAX, Rounding } from './points.ts';
import { resourceView } from './resource.ts';
import { closed, defaulted, named, nullable } from './schema.ts';
import { text } from './text.ts';

/** What points of a wallet are worth: `amount` minor units for each `points` points. */
export const PointValue = closed(
  {
    points: Type.Integer({ minimum: 1, maximum: POINTS_MAX, description: 'For each so many points …' }),
    amount: Amount('… so many minor units of the program’s currency.'),
  },
  {
    description: 'Money value of points, kept with each lot when it is issued.',
    examples: [{ points: 100, amount: 100 }],
  },
);
export type PointValue = Static<typeof PointValue>;

const example = {
  name: 'Gift points',
  redeemable: true,
  rounding: 'floor',
  pending: 'P14D',
  expiry: { after: 'P12M', round_up_to: 'month' },
  value: { points: 100, amount: 100 },
};

export const Wallet = named(
  'Wallet',
  defaulted(
    {
      name: text(limits.textLength, 'Name shown to people.', 'Points'),
      redeemable: Type.Boolean({ default: true, description: 'Whether points of this wallet can be redeemed.' }),
      rounding: Rounding('How fractions of a point are rounded, once per purchase.', 'floor'),
      pending: nullable(
        Duration(
          'How long points stay pending: they become available at the start of the local day so long after the purchase. Null: at once.',
        ),
        { default: null },
      ),
      // Not `nullable`: within its `anyOf` validation would not fill in the default of `round_up_to`.
      expiry: Type.Unsafe<WalletExpiry | null>({ ...WalletExpiry, type: ['object', 'null'], default: null }),
      value: nullable(PointValue, { default: null }),
    },
    {
      description: 'A kind of points.',
      examples: [example],
    },
  ),
);
export type Wallet = Static<typeof Wallet>;

export const WalletResource = named(
  'WalletResource',
  resourceView(Wallet.properties, 'A wallet as it is configured.', 'gifts', example),
);

export const defaultWallet: Wallet = {
  name: 'Points',
  redeemable: true,
  rounding: 'floor',
  pending: null,
  expiry: null,
  value: null,
};
