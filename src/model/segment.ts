import { type Static, Type } from 'typebox';
import { conditionRef } from './condition.ts';
import { limits } from './limits.ts';
import { resourceView } from './resource.ts';
import { defaulted, named, nullable } from './schema.ts';
import { text } from './text.ts';

const example = {
  name: 'Win back',
  condition: {
    all: [
      { field: 'purchases', op: 'gte', value: 2 },
      { field: 'last_purchase_at', op: 'older_than', value: '90d' },
    ],
  },
  exit: null,
};

export const Segment = named(
  'Segment',
  defaulted(
    {
      name: text(limits.textLength, 'Name shown to people.', 'Win back'),
      condition: conditionRef,
      exit: nullable(conditionRef, {
        default: null,
        description:
          'A member leaves when `condition` is not true and this is. Null: as soon as `condition` is not true.',
      }),
    },
    {
      description: 'A named set of members, kept true on every write and when time alone changes it.',
      examples: [example],
    },
  ),
);
export type Segment = Static<typeof Segment>;

const conditionText = {
  condition_text: Type.String({ description: 'The condition in its text form.' }),
  exit_text: nullable(Type.String({ description: 'The exit in its text form.' })),
};

export const SegmentResource = named(
  'SegmentResource',
  resourceView({ ...Segment.properties, ...conditionText }, 'A segment as it is configured.', 'win-back', {
    ...example,
    condition_text: 'purchases >= 2 && older_than(last_purchase_at, "90d")',
    exit_text: null,
  }),
);
