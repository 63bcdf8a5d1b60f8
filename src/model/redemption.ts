import { type Static, Type } from 'typebox';
import { Balances } from './account.ts';
import { InstantText } from './instant.ts';
import { memberRef } from './member.ts';
import { Points, PositivePoints } from './points.ts';
import { closed, named, nullable, openEnum, ref } from './schema.ts';
import { callerId, code } from './text.ts';

export const REDEMPTION_STATUSES = ['captured'] as const;

export const CreateRedemption = named(
  'CreateRedemption',
  closed(
    {
      id: callerId(
        'The caller’s own id of the redemption, unique in the program. The same id again is the same redemption.',
        'r-2026-0001',
      ),
      member: memberRef,
      wallet: Type.Optional(code('The wallet to take from. Absent: `points`.', 'points')),
      points: PositivePoints('Points to redeem.'),
    },
    { description: 'Points to redeem at once.', examples: [{ id: 'r-2026-0001', member: 'm-1001', points: 30 }] },
  ),
);
export type CreateRedemption = Static<typeof CreateRedemption>;

export const LotTaken = named(
  'LotTaken',
  Type.Object(
    {
      lot_id: Type.String({ description: 'The lot.' }),
      points: Points('Points taken from it.'),
      expires_at: nullable(InstantText('When the lot would have expired.')),
    },
    { description: 'Points taken from a lot.' },
  ),
);
export type LotTaken = Static<typeof LotTaken>;

const redemption = {
  id: Type.String({ description: 'The caller’s own id.' }),
  member: Type.String({ description: 'The member’s id.' }),
  wallet: Type.String({ description: 'Code of the wallet.' }),
  points: Points('Points redeemed.'),
  status: openEnum(REDEMPTION_STATUSES, 'Where the redemption stands.'),
  entry_id: Type.String({ description: 'The ledger entry.' }),
  lots: Type.Array(ref(LotTaken), {
    description: 'The lots the points were taken from: soonest to expire first, then oldest.',
  }),
  recorded_at: InstantText('When the engine took it.'),
};

export const Redemption = named('Redemption', Type.Object(redemption, { description: 'Points redeemed.' }));
export type Redemption = Static<typeof Redemption>;

export const RedemptionAnswer = named(
  'RedemptionRecorded',
  Type.Object(
    { ...redemption, balances: Type.Array(ref(Balances), { description: 'Balances after it.' }) },
    { description: 'A redemption with the balances after it.' },
  ),
);
export type RedemptionAnswer = Static<typeof RedemptionAnswer>;
