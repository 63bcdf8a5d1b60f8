import type { Condition } from '../model/condition.ts';
import type { Configuration } from '../model/configuration.ts';
import type { ConditionPlace } from './conditions/check.ts';
import { scopeOf, wholeEarnRule } from './earn-rules.ts';
import { inForce } from './resources.ts';

/** A condition of the configuration, and where it stands. */
export interface PlacedCondition extends ConditionPlace {
  readonly condition: Condition;
}

const placed = (pointer: string, condition: Condition | null): PlacedCondition[] =>
  condition === null ? [] : [{ pointer, condition, trigger: 'none' }];

/** Every condition in force: of tiers, segments, earn rules, burn rules, rewards and streams. */
export const placedConditions = (configuration: Configuration): PlacedCondition[] => [
  ...inForce(configuration.tiers).flatMap(([code, { entry, exit }]) => [
    ...placed(`/tiers/${code}/entry`, entry),
    ...placed(`/tiers/${code}/exit`, exit),
  ]),
  ...inForce(configuration.segments).flatMap(([code, { condition, exit }]) => [
    ...placed(`/segments/${code}/condition`, condition),
    ...placed(`/segments/${code}/exit`, exit),
  ]),
  ...inForce(configuration.burn_rules).flatMap(([code, { condition }]) =>
    placed(`/burn_rules/${code}/condition`, condition),
  ),
  ...inForce(configuration.earn_rules).flatMap(([code, stored]) => {
    const rule = wholeEarnRule(stored);
    const pointer = `/earn_rules/${code}/condition`;
    return rule.condition === null ? [] : [{ pointer, condition: rule.condition, trigger: scopeOf(rule) }];
  }),
  ...inForce(configuration.rewards).flatMap(([code, { condition }]) => placed(`/rewards/${code}/condition`, condition)),
  ...inForce(configuration.streams).flatMap(([code, { condition }]) => placed(`/streams/${code}/condition`, condition)),
];
