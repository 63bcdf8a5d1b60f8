import { type Static, Type } from 'typebox';
import { Duration } from './duration.ts';
import { POINTS_MAX } from './points.ts';
import { closed, defaulted, named, nullable, ref } from './schema.ts';
import { code } from './text.ts';

export const PerAmount = named(
  'PerAmountEffect',
  closed(
    {
      type: Type.Enum(['per_amount']),
      points: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'So many points …' }),
      per: Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000_000,
        description: '… for each so many minor units that count. A part gives a part, before rounding.',
      }),
    },
    { description: 'Points in proportion to the money that counts. With purchases and milestones.' },
  ),
);

export const Fixed = named(
  'FixedEffect',
  closed(
    {
      type: Type.Enum(['fixed']),
      points: Type.Integer({
        minimum: 1,
        maximum: POINTS_MAX,
        description:
          'Points each time the rule is set off; with purchases, if any line matches; with milestones, for each one reached.',
      }),
    },
    { description: 'A fixed number of points.' },
  ),
);

export const Multiplier = named(
  'MultiplierEffect',
  closed(
    {
      type: Type.Enum(['multiplier']),
      percent: Type.Integer({
        minimum: 0,
        maximum: 10_000,
        description: 'Per cent of what rules give: 200 doubles it, 50 halves it.',
      }),
    },
    {
      description:
        'Multiplies what rules with the trigger `purchase` give to the wallet: all of it, or, with `lines`, what `per_amount` gives on the lines that match. Multipliers, those of tiers included, combine as `policies.multipliers` says; what one adds is told under its own code.',
    },
  ),
);

export const GrantReward = named(
  'RewardEffect',
  defaulted(
    {
      type: Type.Enum(['reward']),
      reward: code(
        'Code of the reward: one in force, where the program has any. A program without rewards may grant what it keeps elsewhere.',
        'free-coffee',
      ),
      valid_for: nullable(
        Duration('How long the member can have it: until the end of the local day so long after it was granted.'),
        { default: null, description: 'Null: for ever.' },
      ),
    },
    { description: 'Grants a reward: the member is entitled to it.' },
  ),
);

export type Effect =
  | Static<typeof PerAmount>
  | Static<typeof Fixed>
  | Static<typeof Multiplier>
  | Static<typeof GrantReward>;

export const Effect = Type.Unsafe<Effect>({
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [ref(PerAmount), ref(Fixed), ref(Multiplier), ref(GrantReward)],
  description: 'What the rule gives.',
});
