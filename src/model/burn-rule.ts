import { type Static, Type } from 'typebox';
import { type Condition, ConditionSchema } from './condition.ts';
import { Limit } from './earn-limits.ts';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { LineFilter } from './line-filter.ts';
import { PositivePoints } from './points.ts';
import { resourceView } from './resource.ts';
import { defaulted, named, nullable, ref } from './schema.ts';
import { code, text } from './text.ts';
import { PointValue } from './wallet.ts';

const example = {
  name: 'A cent a point',
  wallet: 'points',
  value: { points: 100, amount: 100 },
  minimum_points: 500,
  maximum_points: null,
  step_points: 100,
  maximum_percent: 50,
  lines: { category_not_in: ['gift-cards'] },
  shipping: false,
  condition: { field: 'purchases', op: 'gte', value: 1 },
  limits: [{ period: 'month', times: null, points: 10_000 }],
  priority: 0,
  from: null,
  until: null,
};

export const BurnRule = named(
  'BurnRule',
  defaulted(
    {
      name: text(limits.textLength, 'Name shown to people.', 'A cent a point'),
      wallet: code('The wallet whose points pay.', 'points', 'points'),
      value: PointValue,
      minimum_points: nullable(PositivePoints('A redemption takes at least so many points.'), { default: null }),
      maximum_points: nullable(PositivePoints('At most so many points a redemption, and a purchase.'), {
        default: null,
      }),
      step_points: Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000,
        default: 1,
        description: 'Points are taken in multiples of so many.',
      }),
      maximum_percent: Type.Integer({
        minimum: 1,
        maximum: 100,
        default: 100,
        description:
          'Points pay at most so many per cent of what is to be paid for the lines that count, tax included.',
      }),
      lines: nullable(LineFilter, {
        default: null,
        description: 'The lines of a purchase that points may pay. Null: all of them.',
      }),
      shipping: Type.Boolean({ default: false, description: 'Whether points may pay shipping, too.' }),
      condition: nullable(Type.Unsafe<Condition>(ref(ConditionSchema)), {
        default: null,
        description: 'On the member. Null: everybody.',
      }),
      limits: Type.Array(Limit, {
        maxItems: limits.limitsPerRule,
        default: [],
        description: 'How much a member may spend by it in each period. What is released or refunded counts no more.',
      }),
      priority: Type.Integer({
        minimum: -1_000,
        maximum: 1_000,
        default: 0,
        description:
          'Of several rules that hold for a member the one of highest priority counts, then the first by code.',
      }),
      from: nullable(InstantText('The rule holds from then on.'), { default: null }),
      until: nullable(InstantText('The rule holds until before then.'), { default: null }),
    },
    {
      description:
        'How points may be spent as money. While a wallet has such a rule in force, its points are redeemed by it, or for a reward.',
      examples: [example],
    },
  ),
);
export type BurnRule = Static<typeof BurnRule>;

export const BurnRuleResource = named(
  'BurnRuleResource',
  resourceView(
    {
      ...BurnRule.properties,
      condition_text: nullable(Type.String({ description: 'The condition in its text form.' })),
    },
    'A burn rule as it is configured.',
    'cent-a-point',
    { ...example, condition_text: 'purchases >= 1' },
  ),
);
