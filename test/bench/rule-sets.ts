import type { Condition } from '../../src/model/condition.ts';
import type { Configuration, Resource } from '../../src/model/configuration.ts';
import type { EarnRule } from '../../src/model/earn-rule.ts';
import type { Segment } from '../../src/model/segment.ts';
import { fixed, perAmount, segmentOn } from '../helpers/programs.ts';
import { resource } from './seed-program.ts';

/* As many rules and segments as one likes, each a little different, of the kinds that programs are made of. */

const WINDOWS = ['30d', '90d', '365d'] as const;

/** What typical rules ask: a status, some history, something about the purchase. */
const conditionOf = (index: number): Condition => ({
  all: [
    { field: 'tier', op: 'in', value: index % 2 === 0 ? ['gold'] : ['silver', 'gold'] },
    {
      any: [
        { field: 'purchases', window: WINDOWS[index % 3] ?? '30d', op: 'gte', value: 2 + (index % 7) },
        { field: 'spend', op: 'gt', value: 50_000 + index },
      ],
    },
    { field: 'purchase.channel', op: 'eq', value: index % 5 === 0 ? 'web' : 'store' },
    { not: { field: 'last_purchase_at', op: 'within_last', value: `${30 + (index % 60)}d` } },
  ],
});

/** The base rule, and others that give a little to whom they apply. */
const rules = (count: number): Record<string, Resource<EarnRule>> =>
  Object.fromEntries([
    ['per-euro', resource(perAmount(1, 100))],
    ...Array.from({ length: count - 1 }, (_, index) => [
      `rule-${index}`,
      resource(fixed(1 + (index % 5), { condition: conditionOf(index) })),
    ]),
  ]);

const segmentCondition = (index: number): Condition =>
  [
    {
      all: [
        { field: 'purchases', op: 'gte', value: 2 },
        { field: 'last_purchase_at', op: 'older_than', value: `${60 + index}d` },
      ],
    },
    { field: 'spend', window: WINDOWS[index % 3] ?? '30d', op: 'gte', value: 25_000 * (index + 1) },
    {
      all: [
        { field: 'days_enrolled', op: 'gte', value: 10 + index },
        { field: 'purchases', window: '90d', op: 'lt', value: 2 },
      ],
    },
    { field: 'available_points', op: 'between', value: [index * 2_000, index * 2_000 + 10_000] },
  ][index % 4] as Condition;

const segments = (count: number): Record<string, Resource<Segment>> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`segment-${index}`, resource(segmentOn(segmentCondition(index)))]),
  );

/** So many earn rules and so many segments. */
export const ruleSet = (earnRules: number, segmentCount: number): Partial<Configuration> => ({
  earn_rules: rules(earnRules),
  segments: segments(segmentCount),
});
