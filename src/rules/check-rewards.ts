import type { Configuration } from '../model/configuration.ts';
import { parseInstant } from '../model/instant.ts';
import type { Fault } from '../model/problem.ts';
import type { Reward } from '../model/reward.ts';
import { findResource, inForce } from './resources.ts';
import { oneOf } from './suggest.ts';

type Check = (reward: Reward, configuration: Configuration) => Fault[];

/** A wallet that is not there is told with the other references to wallets. */
const checkWallet: Check = ({ wallet }, configuration) => {
  const found = findResource(configuration, 'wallets', wallet);
  if (found === undefined || found.archived || found.body.redeemable) return [];
  const redeemable = inForce(configuration.wallets).flatMap(([code, body]) => (body.redeemable ? [code] : []));
  const expected = redeemable.length === 0 ? 'a wallet whose points can be redeemed' : oneOf(wallet, redeemable);
  const detail = `points of wallet ${wallet} cannot be redeemed`;
  return [{ pointer: '/wallet', code: 'wallet_not_redeemable', detail, expected }];
};

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

const checkLimits: Check = ({ limits }) =>
  limits.flatMap(({ period }, index): Fault[] => {
    const pointer = `/limits/${index}/period`;
    return limits.slice(0, index).some((other) => other.period === period)
      ? [{ pointer, code: 'not_unique', detail: period, expected: 'another period than that of the other limits' }]
      : [];
  });

const checks: readonly Check[] = [checkWallet, checkPrices, checkTimes, checkLimits];

/** What is wrong with the rewards in force, apart from their conditions and wallets that are not there. */
export const checkRewards = (configuration: Configuration): Fault[] =>
  inForce(configuration.rewards).flatMap(([code, reward]) =>
    checks
      .flatMap((check) => check(reward, configuration))
      .map((item) => ({ ...item, pointer: `/rewards/${code}${item.pointer}` })),
  );
