import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { named } from './schema.ts';

export const SegmentMember = named(
  'SegmentMember',
  Type.Object(
    {
      member: Type.String({ description: 'The member’s id.', examples: ['m-1001'] }),
      since: InstantText('Since when the member is in the segment.'),
    },
    { description: 'A member of a segment.', examples: [{ member: 'm-1001', since: '2026-03-01T09:30:00Z' }] },
  ),
);
export type SegmentMember = Static<typeof SegmentMember>;
