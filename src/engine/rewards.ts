import { type Refusal, refuse } from '../model/decision.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { MemberState } from '../model/member-state.ts';
import type { ProblemCode } from '../model/problem-codes.ts';
import type { Subject } from '../rules/conditions/subject.ts';
import type { CompiledReward } from '../rules/reward-rules.ts';
import type { Rules } from '../rules/rules.ts';
import { oneOf } from '../rules/suggest.ts';
import { allowanceOf } from './rule-limits.ts';
import { refusePoints, refuseSpender } from './spending.ts';

/** Codes of the tiers a member holds. */
export const tiersHeld = ({ tiers }: MemberState): string[] => Object.values(tiers).flatMap(({ tier }) => tier ?? []);

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

const refuseStock = ({ code, reward: { stock } }: CompiledReward, used: number): Refusal | null =>
  stock === null || used < stock ? null : refuse('reward_out_of_stock', `nothing is left of ${code}`);

/** What is asked for: with an entitlement only dates and stock count. */
export interface Asking {
  readonly reward: CompiledReward;
  readonly subject: Subject;
  /** Points, and the wallet they come from; null: not for sale. */
  readonly price: number | null;
  readonly wallet: string;
  /** How much of its stock is used. */
  readonly used: number;
  readonly entitled: boolean;
}

/** Everything that keeps the member from redeeming a reward, in the order in which it is told. */
export const obstaclesTo = ({ reward, subject, price, wallet, used, entitled }: Asking): Refusal[] => {
  const { code } = reward;
  const forSale = price === null ? refuse('reward_not_available', `${code} is not for sale`) : null;
  const own = entitled ? [] : [forSale, refuseMember(reward, subject), refuseAgain(reward, subject)];
  const points = refusePoints(subject.state, wallet, price ?? 0);
  const time = refuseTime(reward, subject.now);
  return [refuseSpender(subject.state), time, ...own, refuseStock(reward, used), points].filter(
    (refusal) => refusal !== null,
  );
};

/** What a member could redeem, and why not. */
export interface RewardOffer {
  readonly reward: string;
  /** Points; null: not for sale. */
  readonly price: number | null;
  readonly available: boolean;
  readonly reasons: readonly ProblemCode[];
  /** Points that lack; null: none. */
  readonly missing: number | null;
}

/**
 * Every reward in force, in the order of codes, at the prices of `pricing`, the rest by the present rules. Whether a pool
 * has codes left is not looked at.
 */
export const rewardOffers = (
  subject: Subject,
  rules: Rules,
  stockUsed: ReadonlyMap<string, number>,
  pricing: { readonly rules: Rules; readonly tiers: readonly string[] } = { rules, tiers: tiersHeld(subject.state) },
): RewardOffer[] =>
  [...rules.rewards.values()].map((reward) => {
    const priced = pricing.rules.rewards.get(reward.code) ?? reward;
    const price = priceOf(priced, pricing.tiers);
    const used = stockUsed.get(reward.code) ?? 0;
    const { wallet } = priced.reward;
    const obstacles = obstaclesTo({ reward, subject, price, wallet, used, entitled: false });
    return {
      reward: reward.code,
      price,
      available: obstacles.length === 0,
      reasons: [...new Set(obstacles.map(({ code }) => code))],
      missing: obstacles.find(({ code }) => code === 'insufficient_points')?.missing ?? null,
    };
  });
