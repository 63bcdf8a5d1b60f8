import type { BurnRule } from '../model/burn-rule.ts';
import type { Configuration } from '../model/configuration.ts';
import { parseInstant } from '../model/instant.ts';
import type { Fault } from '../model/problem.ts';
import { checkLimits } from './check-limits.ts';
import { checkLineFilter } from './check-line-filter.ts';
import { checkRedeemable } from './check-redeemable.ts';
import { inForce } from './resources.ts';

const bounds = ({ minimum_points, maximum_points, step_points }: BurnRule): Fault[] => {
  if (maximum_points === null) return [];
  const least = Math.ceil(Math.max(minimum_points ?? 1, 1) / step_points) * step_points;
  return least <= maximum_points
    ? []
    : [
        {
          pointer: '/maximum_points',
          code: 'contradiction',
          detail: `${maximum_points}, and the least that can be redeemed is ${least}`,
          expected: `at least ${least}`,
        },
      ];
};

const worth = ({ value, maximum_points }: BurnRule): Fault[] =>
  value.amount > 0 && (maximum_points === null || Math.floor((maximum_points / value.points) * value.amount) > 0)
    ? []
    : [
        {
          pointer: '/value/amount',
          code: 'worthless',
          detail: `${value.points} points pay ${value.amount}`,
          expected: 'an amount that some number of points pays',
        },
      ];

const dates = ({ from, until }: BurnRule): Fault[] =>
  from === null || until === null || parseInstant(from) < parseInstant(until)
    ? []
    : [{ pointer: '/until', code: 'not_after', detail: until, expected: `later than ${from}` }];

/** What keeps burn rules from holding together, each fault at its place. Wallets and conditions are checked elsewhere. */
export const checkBurnRules = (configuration: Configuration): Fault[] =>
  inForce(configuration.burn_rules).flatMap(([code, rule]) =>
    [
      ...bounds(rule),
      ...worth(rule),
      ...dates(rule),
      ...checkRedeemable(rule, configuration),
      ...checkLineFilter(rule.lines),
      ...checkLimits(rule.limits),
    ].map((fault) => ({
      ...fault,
      pointer: `/burn_rules/${code}${fault.pointer}`,
    })),
  );
