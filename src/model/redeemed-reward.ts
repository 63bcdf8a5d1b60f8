import { type Static, Type } from 'typebox';
import type { EpochDay } from './instant.ts';
import type { RewardVoucher } from './reward.ts';
import { Benefit } from './reward-benefit.ts';
import { named } from './schema.ts';

/** What a redemption for a reward takes besides points, to be given back when it comes to nothing. */
export interface RewardTaken {
  readonly code: string;
  /** Whether it counts against the stock. */
  readonly stocked: boolean;
  /** The local day on which it counts against the member's limits; null: it does not. */
  readonly counted_on: EpochDay | null;
  /** The entitlement it was had for, by its number. */
  readonly entitlement: number | null;
}

/** A reward as it was when it was redeemed, kept with the redemption. */
export interface RedeemedReward extends RewardTaken {
  readonly name: string;
  readonly benefit: Benefit;
  /** The code that is issued when it is captured. */
  readonly voucher: RewardVoucher | null;
  readonly revision: number;
}

export const RedeemedRewardView = named(
  'RedeemedReward',
  Type.Object(
    {
      code: Type.String({ description: 'Code of the reward.', examples: ['free-coffee'] }),
      name: Type.String({ description: 'Its name.' }),
      benefit: Benefit,
    },
    { description: 'A reward as it was when it was redeemed.' },
  ),
);
export type RedeemedRewardView = Static<typeof RedeemedRewardView>;
