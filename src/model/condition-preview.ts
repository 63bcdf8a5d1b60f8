import { type Static, Type } from 'typebox';
import { conditionRef } from './condition.ts';
import { InstantText } from './instant.ts';
import { closed, named, nullable, ref } from './schema.ts';

/** Members shown at most. */
export const SAMPLE_MAX = 20;

const sampleSize = Type.Optional(
  Type.Integer({ minimum: 0, maximum: SAMPLE_MAX, default: SAMPLE_MAX, description: 'Members in a sample, 0 to 20.' }),
);

const aboutMembers = {
  condition: { field: 'spend', op: 'gte', value: 5000 },
  limit: SAMPLE_MAX,
};

export const PreviewCondition = named(
  'PreviewCondition',
  closed(
    { condition: conditionRef, limit: sampleSize },
    { description: 'A condition on members.', examples: [aboutMembers] },
  ),
);
export type PreviewCondition = Static<typeof PreviewCondition>;

export const SampledMember = named(
  'SampledMember',
  Type.Object({ member: Type.String({ description: 'The member’s id.' }) }, { description: 'A member of a sample.' }),
);
export type SampledMember = Static<typeof SampledMember>;

const count = (description: string) => Type.Integer({ minimum: 0, description });
const sample = (description: string) => Type.Array(ref(SampledMember), { description });

export const ConditionPreview = named(
  'ConditionPreview',
  Type.Object(
    {
      count: count('Members the condition is true for.'),
      total: count('All members of the program.'),
      sample: sample('Some of those it is true for.'),
      as_of: InstantText('The instant it was asked for.'),
    },
    { description: 'Which members a condition is true for.' },
  ),
);
export type ConditionPreview = Static<typeof ConditionPreview>;

export const PreviewSegment = named(
  'PreviewSegment',
  closed(
    {
      condition: Type.Optional(conditionRef),
      exit: Type.Optional(
        nullable(conditionRef, {
          description: 'The exit to try. Absent: that of the segment, without `condition`; else none.',
        }),
      ),
      limit: sampleSize,
    },
    {
      description: 'What the segment would say. Without `condition` it is taken as it stands.',
      examples: [{ condition: { field: 'purchases', op: 'gte', value: 1 } }],
    },
  ),
);
export type PreviewSegment = Static<typeof PreviewSegment>;

export const SegmentPreview = named(
  'SegmentPreview',
  Type.Object(
    {
      count: count('Members it would have.'),
      now: count('Members it has now.'),
      would_enter: count('Members who would enter.'),
      would_leave: count('Members who would leave.'),
      entering: sample('Some of those who would enter.'),
      leaving: sample('Some of those who would leave.'),
      total: count('All members of the program.'),
      as_of: InstantText('The instant it was asked for.'),
    },
    { description: 'Who would be in a segment.' },
  ),
);
export type SegmentPreview = Static<typeof SegmentPreview>;
