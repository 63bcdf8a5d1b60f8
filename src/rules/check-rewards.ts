import type { Configuration } from '../model/configuration.ts';
import { parseInstant } from '../model/instant.ts';
import type { Fault } from '../model/problem.ts';
import type { Reward } from '../model/reward.ts';
import { checkLimits } from './check-limits.ts';
import { checkRedeemable } from './check-redeemable.ts';
import { findResource, inForce } from './resources.ts';
import { oneOf } from './suggest.ts';

type Check = (reward: Reward, configuration: Configuration) => Fault[];

const checkPrices: Check = ({ price, tier_prices }, configuration) => {
  const tiers = Object.keys(tier_prices);
  const detail = 'the reward is not for sale';
  const bought: Fault[] =
    price !== null || tiers.length === 0
      ? []
      : [{ pointer: '/tier_prices', code: 'not_applicable', detail, expected: '{}, or a price' }];
  const unknown = tiers.flatMap((tier): Fault[] => {
    const found = findResource(configuration, 'tiers', tier);
    if (found?.archived === false) return [];
    const known = inForce<unknown>(configuration.tiers).map(([code]) => code);
    const told = found === undefined ? `there is no tier ${tier}` : `tier ${tier} is archived`;
    const expected = known.length === 0 ? '{}: there is no tier' : oneOf(tier, known);
    const kind = found === undefined ? 'unknown_tier' : 'archived_tier';
    return [{ pointer: `/tier_prices/${tier}`, code: kind, detail: told, expected }];
  });
  return [...bought, ...unknown];
};

const checkTimes: Check = ({ from, until }) =>
  from === null || until === null || parseInstant(from) < parseInstant(until)
    ? []
    : [{ pointer: '/until', code: 'not_after', detail: until, expected: `later than ${from}` }];

const checks: readonly Check[] = [checkRedeemable, checkPrices, checkTimes, ({ limits }) => checkLimits(limits)];

/** What is wrong with the rewards in force, apart from their conditions and wallets that are not there. */
export const checkRewards = (configuration: Configuration): Fault[] =>
  inForce(configuration.rewards).flatMap(([code, reward]) =>
    checks
      .flatMap((check) => check(reward, configuration))
      .map((item) => ({ ...item, pointer: `/rewards/${code}${item.pointer}` })),
  );
