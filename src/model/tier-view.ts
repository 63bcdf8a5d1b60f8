import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { named, nullable } from './schema.ts';

const label = Type.String({
  description: 'What is counted, in the text form of conditions.',
  examples: ['spend("365d")'],
});

/** What one clause of a condition asks for, and how far the member is from it. */
export const Clause = Type.Object(
  {
    clause: Type.String({ description: 'The clause in text form.', examples: ['spend("365d") >= 50000'] }),
    field: nullable(label),
    needed: nullable(Type.Integer({ description: 'What is needed, where the clause is a number to be reached.' })),
    current: nullable(Type.Integer({ description: 'What there is.' })),
    missing: nullable(Type.Integer({ description: 'What is missing.' })),
  },
  { description: 'A clause that is not true yet.' },
);
export type Clause = Static<typeof Clause>;

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
            clauses: Type.Array(Clause, { description: 'The clauses of its entry that are not true.' }),
          },
          { description: 'What it takes to rise.' },
        ),
      ),
      stay: nullable(
        Type.Object(
          {
            qualified: Type.Boolean({ description: 'Whether the entry of the tier held is true now.' }),
            until: nullable(InstantText('The tier is not left before: its stay or grace, or the date set by hand.')),
            projected: nullable(Type.String({ description: 'The tier the member would hold without stay and grace.' })),
            clauses: Type.Array(Clause, {
              description: 'The clauses of its entry that are not true: what it takes to stay.',
            }),
          },
          { description: 'What it takes to stay. Null: no tier is held.' },
        ),
      ),
      benefits: nullable(
        Type.Object(
          { multiplier_percent: Type.Integer(), perks: Type.Array(Type.String()) },
          { description: 'What the tier held gives.' },
        ),
      ),
    },
    { description: 'Where the member stands in a tier scheme.' },
  ),
);
export type TierView = Static<typeof TierView>;

export const SegmentView = named(
  'SegmentStatus',
  Type.Object(
    {
      segment: Type.String({ description: 'Code of the segment.', examples: ['win-back'] }),
      since: InstantText('Since when the member is in it.'),
    },
    { description: 'A segment the member is in.' },
  ),
);
export type SegmentView = Static<typeof SegmentView>;
