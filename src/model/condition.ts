import { type Static, Type } from 'typebox';
import { closed, named } from './schema.ts';
import { code } from './text.ts';

/** The windows over which day buckets are summed, in days; the last is today's local day. */
export const WINDOWS = { '7d': 7, '30d': 30, '60d': 60, '90d': 90, '180d': 180, '365d': 365 } as const;
export type Window = keyof typeof WINDOWS;
export const windowNames = Object.keys(WINDOWS) as Window[];

export const METRICS = ['spend', 'purchases', 'earned_points'] as const;

/** A comparison of a member's total with a number: the leaf that tiers stand on. The condition tree grows around it. */
export const Threshold = named(
  'Threshold',
  closed(
    {
      field: Type.Enum([...METRICS], {
        description: '`spend` in minor units, the number of `purchases`, or `earned_points` of a wallet.',
      }),
      wallet: Type.Optional(code('With `earned_points`: the wallet. Absent: `points`.', 'points')),
      window: Type.Optional(
        Type.Enum(windowNames, {
          description: 'The days counted, today included, in the program’s time zone. Absent: ever.',
        }),
      ),
      op: Type.Enum(['gte'], { description: 'At least.' }),
      value: Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'What the total is compared with.',
      }),
    },
    {
      description: 'A condition: a total of the member reaches a number.',
      examples: [{ field: 'spend', window: '365d', op: 'gte', value: 50000 }],
    },
  ),
);
export type Threshold = Static<typeof Threshold>;
