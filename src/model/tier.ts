import { type Static, Type } from 'typebox';
import { Threshold } from './condition.ts';
import { limits } from './limits.ts';
import { resourceView } from './resource.ts';
import { defaulted, named, ref } from './schema.ts';
import { code, text } from './text.ts';

const example = {
  name: 'Silver',
  scheme: 'status',
  rank: 1,
  entry: { field: 'spend', window: '365d', op: 'gte', value: 50000 },
};

export const Tier = named(
  'Tier',
  defaulted(
    {
      name: text(limits.textLength, 'Name shown to people.', 'Silver'),
      scheme: code(
        'The ordered scheme the tier belongs to. A member holds at most one tier of each.',
        'status',
        'status',
      ),
      rank: Type.Integer({
        minimum: 1,
        maximum: 1_000,
        description: 'Place in the scheme, higher is better. Unique in the scheme.',
      }),
      entry: ref(Threshold),
    },
    {
      description: 'A status in a tier scheme, held while its entry condition is true and that of no higher tier is.',
      examples: [example],
    },
  ),
);
export type Tier = Static<typeof Tier>;

export const TierResource = named(
  'TierResource',
  resourceView(Tier.properties, 'A tier as it is configured.', 'silver', example),
);
