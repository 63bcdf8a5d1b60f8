import type { Configuration } from '../model/configuration.ts';
import type { Fault } from '../model/problem.ts';
import { calendarOf } from './calendar.ts';
import { placedConditions } from './condition-places.ts';
import { checkCondition } from './conditions/check.ts';
import { fieldsOf } from './conditions/fields.ts';
import { statusOrder } from './status-order.ts';

const nameOf = (key: string): string => key.replace(':', ' ');

/** Tiers and segments that read each other in a circle. Told once for each, at the first of it. */
const checkCircles = (configuration: Configuration): Fault[] => {
  const context = { fields: fieldsOf(configuration), calendar: calendarOf('UTC'), trigger: 'none' } as const;
  return statusOrder(configuration, context).circles.map((circle): Fault => {
    const [first = ''] = circle;
    const [kind, code = ''] = first.split(':');
    const ofScheme = Object.entries(configuration.tiers).find(([, tier]) => tier.body.scheme === code)?.[0] ?? code;
    return {
      pointer: kind === 'segment' ? `/segments/${code}/condition` : `/tiers/${ofScheme}/entry`,
      code: 'circular',
      detail: [...circle, first].map(nameOf).join(' reads '),
      expected: 'tiers and segments that do not depend on themselves',
    };
  });
};

/** What is wrong with the conditions of tiers and segments, each by itself and among themselves. */
export const checkConditions = (configuration: Configuration): Fault[] => {
  const fields = fieldsOf(configuration);
  const faults = placedConditions(configuration).flatMap(({ condition, ...place }) =>
    checkCondition(condition, fields, place),
  );
  return faults.length > 0 ? faults : checkCircles(configuration);
};
