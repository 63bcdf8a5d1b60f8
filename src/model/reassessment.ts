import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { named, nullable } from './schema.ts';

export const Reassessment = named(
  'Reassessment',
  Type.Object(
    {
      revision: Type.Integer({ description: 'The revision whose tiers and segments members are brought under.' }),
      members: nullable(Type.Integer({ description: 'Members to be looked at. Null: not counted yet.' })),
      done: Type.Integer({ description: 'Members looked at.' }),
      created_at: InstantText('When the rules were edited.'),
      finished_at: nullable(InstantText('When the last member was looked at, or a later pass took over.')),
    },
    {
      description: 'A background pass that brings every member under edited tiers and segments.',
      examples: [{ revision: 7, members: 23570, done: 12000, created_at: '2026-03-01T09:30:00Z', finished_at: null }],
    },
  ),
);
export type Reassessment = Static<typeof Reassessment>;
