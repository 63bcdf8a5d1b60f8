import { Type } from 'typebox';
import { InstantText } from './instant.ts';
import { named, nullable } from './schema.ts';

/** Members of a sample. */
export const CONSEQUENCES_SAMPLE = 20;

export interface SegmentConsequences {
  readonly code: string;
  readonly before: number;
  readonly after: number;
  readonly enter: number;
  readonly leave: number;
  readonly entering: readonly string[];
  readonly leaving: readonly string[];
}

export interface TierMove {
  readonly from: string | null;
  readonly to: string | null;
}

export interface SchemeConsequences {
  readonly code: string;
  readonly tiers: readonly { readonly code: string; readonly before: number; readonly after: number }[];
  readonly moves: readonly (TierMove & { readonly count: number })[];
  readonly sample: readonly (TierMove & { readonly member: string })[];
}

/** How many members would change segment or tier. */
export interface Consequences {
  readonly segments: readonly SegmentConsequences[];
  readonly schemes: readonly SchemeConsequences[];
  readonly as_of: string;
}

const count = (description: string) => Type.Integer({ minimum: 0, description });
const sample = (description: string) => Type.Array(Type.String(), { description });
const tier = (description: string) => nullable(Type.String(), { description: `${description} Null: none.` });
const move = { from: tier('The tier held now.'), to: tier('The tier the member would be entitled to.') };

const segment = Type.Object(
  {
    code: Type.String({ description: 'Code of the segment.' }),
    before: count('Members it has now.'),
    after: count('Members it would have.'),
    enter: count('Members who would enter.'),
    leave: count('Members who would leave.'),
    entering: sample('Ids of some of those who would enter.'),
    leaving: sample('Ids of some of those who would leave.'),
  },
  { description: 'What would become of a segment.' },
);

const scheme = Type.Object(
  {
    code: Type.String({ description: 'Code of the tier scheme.' }),
    tiers: Type.Array(
      Type.Object({
        code: Type.String({ description: 'Code of the tier.' }),
        before: count('Members who hold it now.'),
        after: count('Members who would be entitled to it, and to none above.'),
      }),
      { description: 'The tiers, the highest first.' },
    ),
    moves: Type.Array(Type.Object({ ...move, count: count('So many members.') }), {
      description: 'Who would move from which tier to which.',
    }),
    sample: Type.Array(Type.Object({ member: Type.String({ description: 'The member’s id.' }), ...move }), {
      description: 'Some of those who would move.',
    }),
  },
  { description: 'What would become of a tier scheme.' },
);

export const Consequences = named(
  'Consequences',
  Type.Unsafe<Consequences>(
    Type.Object(
      {
        segments: Type.Array(segment, { description: 'Segments whose conditions differ.' }),
        schemes: Type.Array(scheme, { description: 'Tier schemes whose tiers differ.' }),
        as_of: InstantText('The instant it was asked for.'),
      },
      {
        description:
          'How many members would change segment or tier, counted over all of them. Of schemes, the highest tier whose entry is true is compared with the one held: exits, minimum stay, grace, downgrade policies and tiers given by hand are not simulated, so that fewer may fall, and later. What segments and tiers read of each other is taken as it is now.',
      },
    ),
  ),
);
