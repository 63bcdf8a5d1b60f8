import { type Static, Type } from 'typebox';
import { conditionRef } from './condition.ts';
import { Duration, roundedDuration } from './duration.ts';
import { limits } from './limits.ts';
import { resourceView } from './resource.ts';
import { closed, defaulted, named, nullable } from './schema.ts';
import { code, text } from './text.ts';

export const DOWNGRADES = ['reassess', 'one_level', 'none'] as const;

/** How long a tier is kept at least, from each time its entry becomes true. */
export const MinimumStay = defaulted(
  roundedDuration('The tier is kept until the end of the local day so long after it was entered.'),
  { description: 'How long the tier is kept at least.', examples: [{ after: 'P12M', round_up_to: 'year' }] },
);
export type MinimumStay = Static<typeof MinimumStay>;

export const Benefits = defaulted(
  {
    multiplier_percent: Type.Integer({
      minimum: 0,
      maximum: 10_000,
      default: 100,
      description:
        'What purchases earn while the tier is held, in per cent of what the rules give: 150 is half as much again.',
    }),
    perks: Type.Array(text(limits.textLength, 'A perk, as data for whoever grants it.', 'free-shipping'), {
      maxItems: limits.perksPerTier,
      uniqueItems: true,
      default: [],
      description: 'Perks: texts or codes that mean something to the shop.',
    }),
  },
  { description: 'What the tier gives.' },
);
export type Benefits = Static<typeof Benefits>;

const example = {
  name: 'Silver',
  scheme: 'status',
  rank: 1,
  entry: { field: 'spend', window: '365d', op: 'gte', value: 50000 },
  exit: null,
  minimum_stay: { after: 'P12M', round_up_to: 'month' },
  grace: 'P30D',
  downgrade: 'one_level',
  benefits: { multiplier_percent: 110, perks: ['free-shipping'] },
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
      entry: conditionRef,
      exit: nullable(conditionRef, {
        default: null,
        description: 'The tier is left when `entry` is not true and this is. Null: as soon as `entry` is not true.',
      }),
      // Not `nullable`: within its `anyOf` validation would not fill in the default of `round_up_to`.
      minimum_stay: Type.Unsafe<MinimumStay | null>({ ...MinimumStay, type: ['object', 'null'], default: null }),
      grace: nullable(
        Duration(
          'How long the tier is still kept once it would be left, the local day begun counting whole. Null: not at all.',
        ),
        { default: null },
      ),
      downgrade: Type.Enum([...DOWNGRADES], {
        default: 'reassess',
        description:
          'Where a member who leaves goes: `reassess` to the highest tier whose entry is true, `one_level` to the next one below, for a local day at least, `none` nowhere: the tier is never left.',
      }),
      benefits: Type.Unsafe<Benefits>({ ...Benefits, default: {} }),
    },
    {
      description:
        'A status in a tier scheme. The highest tier whose entry is true is entered at once; it is left when its entry is not true, its exit (if it has one) is, and stay and grace are over.',
      examples: [example],
    },
  ),
);
export type Tier = Static<typeof Tier>;

const texts = {
  entry_text: Type.String({ description: 'The entry in its text form.' }),
  exit_text: nullable(Type.String({ description: 'The exit in its text form.' })),
};

export const TierResource = named(
  'TierResource',
  resourceView({ ...Tier.properties, ...texts }, 'A tier as it is configured.', 'silver', {
    ...example,
    entry_text: 'spend("365d") >= 50000',
    exit_text: null,
  }),
);

/** A tier given by hand. */
export const SetTier = named(
  'SetTier',
  closed(
    {
      tier: code('The tier; the member holds it or a higher one of its scheme.', 'silver'),
      until: Type.Optional(
        nullable(
          Type.String({
            format: 'date-time',
            description: 'Until when. Null or absent: for good.',
            examples: ['2027-12-31T23:00:00Z'],
          }),
        ),
      ),
      reason: text(limits.noteLength, 'Why.', 'Complaint 4711'),
      actor: text(limits.textLength, 'Who decided it.', 'jane@maison.example'),
    },
    {
      description: 'A tier set by hand.',
      examples: [{ tier: 'silver', until: '2027-12-31T23:00:00Z', reason: 'Complaint 4711', actor: 'jane' }],
    },
  ),
);
export type SetTier = Static<typeof SetTier>;
