import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { Points } from './points.ts';
import { named, ref } from './schema.ts';

/** How far ahead `expiring` looks, in days. */
export const EXPIRING_WITHIN_DAYS = 90;
/** Instants that `expiring` shows: a member may have thousands of lots, and each instant costs reading its own. */
export const EXPIRING_INSTANTS = 3;

const balances = {
  wallet: Type.String({ description: 'Code of the wallet.', examples: ['points'] }),
  pending: Points('Earned, not yet available.'),
  available: Points('Can be redeemed now.'),
  held: Points('Reserved by a hold.'),
  debt: Points('Owed after a shortfall; paid back from later earnings.'),
};

export const Balances = named('Balances', Type.Object(balances, { description: 'Balances of one account.' }));
export type Balances = Static<typeof Balances>;

export const Expiring = named(
  'Expiring',
  Type.Object(
    { points: Points('Points that expire.'), expires_at: InstantText('When they expire.') },
    { description: 'Points that expire at one instant.' },
  ),
);
export type Expiring = Static<typeof Expiring>;

export const ExpiringPoints = named(
  'ExpiringPoints',
  Type.Object(
    {
      points: Points('Available points that expire.'),
      pending: Points('Pending points that expire then, once they are released.'),
      sliding: Points('How many of both slide: acts of the member move their instant on.'),
      expires_at: InstantText('When they expire.'),
    },
    { description: 'All points of a wallet that expire at one instant.' },
  ),
);
export type ExpiringPoints = Static<typeof ExpiringPoints>;

export const AccountView = named(
  'Account',
  Type.Object(
    {
      ...balances,
      lifetime: Type.Object(
        {
          earned: Points('Points ever earned from purchases.'),
          redeemed: Points('Points ever redeemed.'),
          expired: Points('Points ever expired.'),
        },
        { description: 'Totals since enrolment.' },
      ),
      expiring: Type.Array(ref(Expiring), {
        description: `Available points that expire within ${EXPIRING_WITHIN_DAYS} days, soonest first, one item for each instant, at most ${EXPIRING_INSTANTS}. GET /v1/members/{id}/accounts/{wallet}/expiring lists all.`,
      }),
    },
    { description: 'One member’s wallet.' },
  ),
);
export type AccountView = Static<typeof AccountView>;
