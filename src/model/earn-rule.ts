import { type Static, Type } from 'typebox';
import { type Condition, ConditionSchema } from './condition.ts';
import { Duration } from './duration.ts';
import { Effect } from './earn-effect.ts';
import { Budget, Life, Limit, Milestone, Schedule } from './earn-limits.ts';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { LineFilter } from './line-filter.ts';
import { Rounding } from './points.ts';
import { resourceView } from './resource.ts';
import { defaulted, named, nullable, objectOrNull, ref } from './schema.ts';
import { code, text } from './text.ts';

export const EARN_TRIGGERS = [
  'purchase',
  'activity',
  'enrolment',
  'birthday',
  'anniversary',
  'tier.entered',
  'segment.entered',
  'referral.qualified',
  'milestone',
] as const;
export type EarnTrigger = (typeof EARN_TRIGGERS)[number];

/** What an earn rule says where it says nothing. Stored rules of older revisions lack what came later. */
export const earnRuleDefaults = {
  activity: null,
  tier: null,
  segment: null,
  milestone: null,
  lines: null,
  condition: null,
  wallet: 'points',
  rounding: null,
  life: null,
  exclusive_group: null,
  priority: 0,
  limits: [],
  cool_down: null,
  budget: null,
  schedule: null,
  from: null,
  until: null,
} as const;

const example = {
  name: 'Shoes on the web',
  trigger: 'purchase',
  activity: null,
  tier: null,
  segment: null,
  milestone: null,
  lines: { category_in: ['shoes'] },
  condition: { field: 'purchase.channel', op: 'eq', value: 'web' },
  effect: { type: 'per_amount', points: 1, per: 100 },
  wallet: 'points',
  rounding: null,
  life: null,
  exclusive_group: null,
  priority: 0,
  limits: [{ period: 'month', times: null, points: 500 }],
  cool_down: null,
  budget: null,
  schedule: null,
  from: null,
  until: null,
};

export const EarnRule = named(
  'EarnRule',
  defaulted(
    {
      name: text(limits.textLength, 'Name shown to people.', 'A point per euro'),
      trigger: Type.Enum([...EARN_TRIGGERS], { description: 'What sets the rule off.' }),
      activity: nullable(code('With `activity`: the type.', 'workshop'), { default: null }),
      tier: nullable(code('With `tier.entered`: the tier.', 'gold'), { default: null, description: 'Null: any.' }),
      segment: nullable(code('With `segment.entered`: the segment.', 'win-back'), {
        default: null,
        description: 'Null: any.',
      }),
      milestone: objectOrNull<Milestone>(Milestone, 'With `milestone`: what is reached.'),
      lines: nullable(LineFilter, { default: null }),
      condition: nullable(Type.Unsafe<Condition>(ref(ConditionSchema)), {
        default: null,
        description:
          'On the member as they are before the rule gives, and on the purchase or activity. Null: always true.',
      }),
      effect: Effect,
      wallet: code(
        'The wallet the points go to; with a multiplier, the one whose points it multiplies.',
        'points',
        'points',
      ),
      rounding: nullable(
        Rounding(
          'Rounds what this rule gives by itself. Null: it is added to what other rules give, and the sum is rounded as the wallet says.',
        ),
        { default: null },
      ),
      life: objectOrNull<Life>(Life, 'Pending and expiry of what the rule gives. Null: as the wallet says.'),
      exclusive_group: nullable(
        code('Of the rules of a group only the one that gives most counts, after its own limits.', 'welcome'),
        { default: null },
      ),
      priority: Type.Integer({
        minimum: -1_000,
        maximum: 1_000,
        default: 0,
        description: 'Decides between rules that give the same: the higher first, then by code.',
      }),
      limits: Type.Array(Limit, {
        maxItems: limits.limitsPerRule,
        default: [],
        description: 'How much a member gets.',
      }),
      cool_down: nullable(
        Duration('After it gave to a member the rule gives nothing before the local day so long after.'),
        { default: null },
      ),
      budget: nullable(Budget, { default: null, description: 'For all members together. Null: no bound.' }),
      schedule: objectOrNull<Schedule>(Schedule, 'On which days and in which hours. Null: always.'),
      from: nullable(InstantText('The rule applies to what occurred at this time or later.'), { default: null }),
      until: nullable(InstantText('The rule applies to what occurred before this time.'), { default: null }),
    },
    {
      description: 'What a member earns, for what, and how much of it.',
      examples: [example],
    },
  ),
);
export type EarnRule = Static<typeof EarnRule>;

/** What bounds how much somebody gets. */
export type Bounds = Pick<EarnRule, 'limits' | 'cool_down' | 'budget'>;

export const EarnRuleResource = named(
  'EarnRuleResource',
  resourceView(
    {
      ...EarnRule.properties,
      condition_text: nullable(Type.String({ description: 'The condition in its text form.' })),
    },
    'An earn rule as it is configured.',
    'web-shoes',
    { ...example, condition_text: 'purchase.channel == "web"' },
  ),
);
