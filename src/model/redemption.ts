import { type Static, Type } from 'typebox';
import { Balances } from './account.ts';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { memberRef } from './member.ts';
import { Money } from './money.ts';
import { Points, PositivePoints } from './points.ts';
import { RedeemedRewardView } from './redeemed-reward.ts';
import { closed, named, nullable, openEnum, ref } from './schema.ts';
import { callerId, code } from './text.ts';
import { Voucher } from './voucher.ts';

export const REDEMPTION_STATUSES = ['held', 'captured', 'voided', 'lapsed', 'refunded'] as const;
export type RedemptionStatus = (typeof REDEMPTION_STATUSES)[number];

export const Hold = closed(
  {
    expires_at: InstantText(`When the hold lapses: in the future, at most ${limits.holdDays} days ahead.`),
  },
  { description: `How long the points are held. Absent: ${limits.holdDefaultMs / 60_000} minutes.` },
);

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
      points: Type.Optional(PositivePoints('Points to redeem. Either this or `reward`.')),
      reward: Type.Optional(
        code('Code of the reward to redeem, at its price for the member. Either this or `points`.', 'free-coffee'),
      ),
      entitlement: Type.Optional(
        Type.String({
          maxLength: limits.idLength,
          description: 'With `reward`: the entitlement it is had for. Then it costs nothing.',
          examples: ['ett_1_3'],
        }),
      ),
      capture: Type.Optional(
        Type.Boolean({
          description: 'False holds the points until they are captured, voided or the hold lapses. Absent: true.',
        }),
      ),
      hold: Type.Optional(Hold),
      quote: Type.Optional(
        Type.String({
          maxLength: limits.idLength,
          description: 'Id of a quote of the member: the points pay what it said, on its cart.',
          examples: ['quo_1_3w5e11264sgsf'],
        }),
      ),
    },
    {
      description: 'Points or a reward to redeem, at once or held first.',
      examples: [{ id: 'r-2026-0001', member: 'm-1001', points: 30, capture: false }],
    },
  ),
);
export type CreateRedemption = Static<typeof CreateRedemption>;

type Common = Pick<CreateRedemption, 'id' | 'member' | 'capture' | 'hold' | 'quote'>;

/** Points to redeem. */
export type RedeemPoints = Common & Pick<CreateRedemption, 'wallet'> & { points: number };

/** A reward to redeem. */
export type RedeemReward = Common & Pick<CreateRedemption, 'entitlement'> & { reward: string };

export const CaptureRedemption = named(
  'CaptureRedemption',
  closed(
    { points: Type.Optional(PositivePoints('Points to capture; the rest is released. Absent: all that is held.')) },
    { description: 'How much of a hold is captured.', examples: [{ points: 20 }] },
  ),
);
export type CaptureRedemption = Static<typeof CaptureRedemption>;

export const RefundRedemption = named(
  'RefundRedemption',
  closed(
    { points: Type.Optional(PositivePoints('Points to refund. Absent: all that is captured and not yet refunded.')) },
    { description: 'How much of what was captured is given back.', examples: [{ points: 5 }] },
  ),
);
export type RefundRedemption = Static<typeof RefundRedemption>;

export const LotTaken = named(
  'LotTaken',
  Type.Object(
    {
      lot_id: Type.String({ description: 'The lot.' }),
      points: Points('Points taken from it.'),
      captured: Points('How many of them were captured: those taken first.'),
      refunded: Points('How many of the captured ones were refunded: those taken last.'),
      expires_at: nullable(InstantText('When the lot expires, or would have.')),
    },
    { description: 'Points taken from a lot.' },
  ),
);
export type LotTaken = Static<typeof LotTaken>;

const redemption = {
  id: Type.String({ description: 'The caller’s own id.' }),
  member: Type.String({ description: 'The member’s id.' }),
  wallet: Type.String({ description: 'Code of the wallet.' }),
  points: Points('Points redeemed or held. They are held, or else captured and released.'),
  amount: nullable(ref(Money), {
    description: 'What the points pay: those held, or else those captured. Null: no burn rule says what points pay.',
  }),
  burn_rule: nullable(Type.String(), { description: 'Code of the burn rule by which they pay.' }),
  status: openEnum(
    REDEMPTION_STATUSES,
    'Where the redemption stands. `captured` until all that was captured is `refunded`.',
  ),
  held: Points('Points held now.'),
  captured: Points('Points captured, those refunded since among them.'),
  released: Points('Points released: not captured, voided or lapsed.'),
  refunded: Points('Points refunded.'),
  expires_at: nullable(InstantText('When the hold lapses, or would have. Null: it was redeemed at once.')),
  entry_id: nullable(Type.String({ description: 'The ledger entry that took the points. Null: it cost none.' })),
  lots: Type.Array(ref(LotTaken), {
    description: 'The lots the points were taken from: soonest to expire first, then oldest.',
  }),
  reward: nullable(ref(RedeemedRewardView), { description: 'What it is for. Null: points alone.' }),
  voucher: nullable(ref(Voucher), { description: 'The voucher it issued.' }),
  recorded_at: InstantText('When the engine took it.'),
};

export const Redemption = named('Redemption', Type.Object(redemption, { description: 'Points or a reward redeemed.' }));
export type Redemption = Static<typeof Redemption>;

export const RedemptionAnswer = named(
  'RedemptionRecorded',
  Type.Object(
    {
      ...redemption,
      entry_ids: Type.Array(Type.String(), { description: 'The ledger entries this step wrote.' }),
      balances: Type.Array(ref(Balances), { description: 'Balances after it.' }),
    },
    { description: 'A redemption with the balances after it.' },
  ),
);
export type RedemptionAnswer = Static<typeof RedemptionAnswer>;
