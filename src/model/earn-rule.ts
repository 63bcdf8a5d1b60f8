import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { POINTS_MAX, Rounding } from './points.ts';
import { resourceView } from './resource.ts';
import { closed, defaulted, named, nullable, ref } from './schema.ts';
import { code, text } from './text.ts';

const filterList = (what: string, example: string) =>
  Type.Array(text(limits.idLength, what, example), {
    minItems: 1,
    maxItems: limits.ruleLineFilters,
    uniqueItems: true,
  });

/** Which lines of a purchase a rule looks at: every filter present must hold. */
export const LineFilter = closed(
  {
    sku_in: Type.Optional(filterList('A stock keeping unit.', 'SHOE-42')),
    sku_not_in: Type.Optional(filterList('A stock keeping unit.', 'GIFTCARD')),
    category_in: Type.Optional(filterList('A category; a line matches when one of its categories is listed.', 'shoes')),
    category_not_in: Type.Optional(
      filterList('A category; a line matches when none of its categories is listed.', 'gift-cards'),
    ),
  },
  { minProperties: 1, description: 'Which lines count. Absent filters let every line pass.' },
);
export type LineFilter = Static<typeof LineFilter>;

export const PerAmount = named(
  'PerAmountEffect',
  closed(
    {
      type: Type.Enum(['per_amount']),
      points: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'So many points …' }),
      per: Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000_000,
        description: '… for each so many minor units that count. A part gives a part, before rounding.',
      }),
    },
    { description: 'Points in proportion to the money that counts.' },
  ),
);

export const Fixed = named(
  'FixedEffect',
  closed(
    {
      type: Type.Enum(['fixed']),
      points: Type.Integer({
        minimum: 1,
        maximum: POINTS_MAX,
        description: 'Points for the purchase, if any line matches.',
      }),
    },
    { description: 'A fixed number of points.' },
  ),
);
export type Effect = Static<typeof PerAmount> | Static<typeof Fixed>;

const example = {
  name: 'A point per euro',
  trigger: 'purchase',
  lines: null,
  effect: { type: 'per_amount', points: 1, per: 100 },
  wallet: 'points',
  rounding: null,
  from: null,
  until: null,
};

export const EarnRule = named(
  'EarnRule',
  defaulted(
    {
      name: text(limits.textLength, 'Name shown to people.', 'A point per euro'),
      trigger: Type.Enum(['purchase'], { description: 'What sets the rule off.' }),
      lines: nullable(LineFilter, { default: null }),
      effect: Type.Unsafe<Effect>({
        type: 'object',
        required: ['type'],
        discriminator: { propertyName: 'type' },
        oneOf: [ref(PerAmount), ref(Fixed)],
        description: 'What the rule gives.',
      }),
      wallet: code('The wallet the points go to.', 'points', 'points'),
      rounding: nullable(
        Rounding(
          'Rounds what this rule gives by itself. Null: it is added to what other rules give, and the sum is rounded as the wallet says.',
        ),
        { default: null },
      ),
      from: nullable(InstantText('The rule applies to purchases that occurred at this time or later.'), {
        default: null,
      }),
      until: nullable(InstantText('The rule applies to purchases that occurred before this time.'), { default: null }),
    },
    {
      description: 'What a purchase earns.',
      examples: [example],
    },
  ),
);
export type EarnRule = Static<typeof EarnRule>;

export const EarnRuleResource = named(
  'EarnRuleResource',
  resourceView(EarnRule.properties, 'An earn rule as it is configured.', 'per-euro', example),
);
