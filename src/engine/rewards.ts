import { type Refusal, refuse } from '../model/decision.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { MemberState } from '../model/member-state.ts';
import type { RewardOffer } from '../model/quote.ts';
import type { Subject } from '../rules/conditions/subject.ts';
import type { CompiledReward } from '../rules/reward-rules.ts';
import type { Rules } from '../rules/rules.ts';
import { oneOf } from '../rules/suggest.ts';
import type { Pricing } from './pricing.ts';
import { allowanceOf } from './rule-limits.ts';
import { refusePoints, refuseSpender } from './spending.ts';

/** Codes of the tiers a member holds. */
export const tiersHeld = ({ tiers }: Pick<MemberState, 'tiers'>): string[] =>
  Object.values(tiers).flatMap(({ tier }) => tier ?? []);

/** What a reward costs who holds these tiers: the lowest price that applies. Null: it is not for sale. */
export const priceOf = ({ reward: { price, tier_prices } }: CompiledReward, tiers: readonly string[]): number | null =>
  price === null ? null : Math.min(price, ...tiers.map((tier) => tier_prices[tier] ?? price));

export const unknownReward = (rules: Rules, reward: string): Refusal => {
  const known = [...rules.rewards.keys()];
  const expected = known.length === 0 ? 'a reward: the program has none' : oneOf(reward, known);
  const error = {
    pointer: '/reward',
    code: 'unknown_reward',
    detail: `there is no reward ${reward} in force`,
    expected,
  };
  return refuse('unknown_reward', `the program has no reward ${reward} in force`, { errors: [error] });
};

const refuseTime = ({ code, from, until }: CompiledReward, now: Instant): Refusal | null => {
  if (now < from) return refuse('reward_not_available', `${code} can be redeemed from ${instantText(from)} on`);
  return now < until ? null : refuse('reward_not_available', `${code} could be redeemed until ${instantText(until)}`);
};

const refuseMember = ({ code, condition }: CompiledReward, subject: Subject): Refusal | null => {
  if (condition === null || condition.test(subject) === true) return null;
  const lacking = condition.clauses.filter(({ test }) => test(subject) !== true).map(({ text }) => text);
  return refuse('reward_not_eligible', `${code} is not for the member: ${lacking.join('; ')}`);
};

const refuseAgain = ({ code, bounds }: CompiledReward, { state, today }: Subject): Refusal | null => {
  const allowance = allowanceOf({ rule: bounds }, state.reward_limits?.[code], today, Number.POSITIVE_INFINITY);
  if (allowance.kind !== 'limit') return null;
  const { period } = allowance;
  const within = period === 'ever' ? 'altogether' : `in a ${period}`;
  const { times } = bounds.limits.find((limit) => limit.period === period) ?? {};
  return refuse('reward_limit_reached', `${code} can be redeemed ${times} times ${within}`);
};

const refuseStock = ({ code, reward: { stock } }: CompiledReward, used: number, hasCode: boolean): Refusal | null =>
  hasCode && (stock === null || used < stock) ? null : refuse('reward_out_of_stock', `nothing is left of ${code}`);

/** What was used of rewards, as it was read for an offer: others may use more before something comes of it. */
export interface Supply {
  /** How much of their stock is used. */
  readonly stockUsed: ReadonlyMap<string, number>;
  /** Those whose pool has no code left. */
  readonly emptyPools: ReadonlySet<string>;
}

/** What is asked for: with an entitlement only dates and stock count. */
export interface Asking {
  readonly reward: CompiledReward;
  readonly subject: Subject;
  /** Points, and the wallet they come from; null: not for sale. */
  readonly price: number | null;
  readonly wallet: string;
  /** When it must be for sale. */
  readonly at: Instant;
  /** How much of its stock is used. */
  readonly used: number;
  /** Whether its pool, if it has one, has a code left. Whoever draws one finds out. */
  readonly hasCode?: boolean;
  readonly entitled: boolean;
}

/** Everything that keeps the member from redeeming a reward, in the order in which it is told. */
export const obstaclesTo = ({
  reward,
  subject,
  price,
  wallet,
  at,
  used,
  hasCode = true,
  entitled,
}: Asking): Refusal[] => {
  const { code } = reward;
  const forSale = price === null ? refuse('reward_not_available', `${code} is not for sale`) : null;
  const own = entitled ? [] : [forSale, refuseMember(reward, subject), refuseAgain(reward, subject)];
  const points = refusePoints(subject.state, wallet, price ?? 0);
  const time = refuseTime(reward, at);
  return [refuseSpender(subject.state), time, ...own, refuseStock(reward, used, hasCode), points].filter(
    (refusal) => refusal !== null,
  );
};

/** Every reward in force, in the order of codes: what it costs the member, and why it cannot be had. */
export const rewardOffers = (
  subject: Subject,
  { rules, tiers, at }: Pricing,
  { stockUsed, emptyPools }: Supply,
): RewardOffer[] =>
  [...rules.rewards.values()].map((reward) => {
    const { code } = reward;
    const { name, wallet } = reward.reward;
    const price = priceOf(reward, tiersHeld({ tiers }));
    const [used, hasCode] = [stockUsed.get(code) ?? 0, !emptyPools.has(code)];
    const obstacles = obstaclesTo({ reward, subject, price, wallet, at, used, hasCode, entitled: false });
    return {
      reward: code,
      name,
      wallet,
      price,
      available: obstacles.length === 0,
      reasons: [...new Set(obstacles.map((obstacle) => obstacle.code as RewardOffer['reasons'][number]))],
      missing: obstacles.find((obstacle) => obstacle.code === 'insufficient_points')?.missing ?? null,
    };
  });
