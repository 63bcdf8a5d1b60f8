import { type Static, Type } from 'typebox';
import { METRICS, windowNames } from './condition.ts';
import { InstantText } from './instant.ts';
import { named, nullable, openEnum } from './schema.ts';

export const TierView = named(
  'TierStatus',
  Type.Object(
    {
      scheme: Type.String({ description: 'Code of the tier scheme.' }),
      tier: nullable(Type.String({ description: 'Code of the tier held. Null: none.' })),
      since: nullable(InstantText('Since when.')),
      next: nullable(
        Type.Object(
          {
            tier: Type.String({ description: 'The next tier up.' }),
            field: openEnum(METRICS, 'What its condition counts.'),
            window: nullable(openEnum(windowNames, 'Over which days; null: ever.')),
            value: Type.Integer({ description: 'What is needed.' }),
            current: Type.Integer({ description: 'What there is.' }),
            missing: Type.Integer({ description: 'What is missing.' }),
          },
          { description: 'What it takes to rise.' },
        ),
      ),
    },
    { description: 'Where the member stands in a tier scheme.' },
  ),
);
export type TierView = Static<typeof TierView>;
