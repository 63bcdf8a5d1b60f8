import type { Configuration } from '../model/configuration.ts';
import type { EarnRule } from '../model/earn-rule.ts';
import type { Fault } from '../model/problem.ts';
import { wholeEarnRule } from './earn-rules.ts';
import { inForce } from './resources.ts';

/** Whether a multiplier works on every purchase of every member. */
const isAlways = ({ lines, condition, limits, cool_down, budget, schedule, from, until }: EarnRule): boolean =>
  limits.length === 0 && [lines, condition, cool_down, budget, schedule, from, until].every((bound) => bound === null);

/** Per cent that multipliers which always work may make together: what one of them may say. */
const TOGETHER_MAX = 10_000;

/** Multipliers that always work together and grow beyond measure would have purchases refused. Told at each. */
export const checkMultipliers = (configuration: Configuration): Fault[] => {
  if (configuration.policies.multipliers !== 'product') return [];
  const always = inForce(configuration.earn_rules).flatMap(([code, stored]) => {
    const rule = wholeEarnRule(stored);
    const { effect, wallet } = rule;
    return effect.type === 'multiplier' && isAlways(rule) ? [{ code, wallet, percent: effect.percent }] : [];
  });
  return [...Map.groupBy(always, ({ wallet }) => wallet)].flatMap(([wallet, together]) => {
    const product = together.reduce((percent, rule) => (percent * rule.percent) / 100, 100);
    if (product <= TOGETHER_MAX) return [];
    const detail = `multipliers that always apply to ${wallet} make more than ${TOGETHER_MAX} per cent together`;
    const expected = 'less, or a condition, schedule or limit; or policies.multipliers best';
    return together.map(({ code }) => ({
      pointer: `/earn_rules/${code}/effect/percent`,
      code: 'too_large',
      detail,
      expected,
    }));
  });
};
