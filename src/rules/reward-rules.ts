import type { Configuration } from '../model/configuration.ts';
import type { Bounds } from '../model/earn-rule.ts';
import { type Instant, parseInstant } from '../model/instant.ts';
import type { Reward } from '../model/reward.ts';
import { type CompiledCondition, compiled } from './conditions/compiled.ts';
import type { ConditionContext } from './conditions/field.ts';
import { inForce } from './resources.ts';

export interface CompiledReward {
  readonly code: string;
  readonly reward: Reward;
  readonly from: Instant;
  readonly until: Instant;
  /** Null: everybody. */
  readonly condition: CompiledCondition | null;
  readonly bounds: Bounds;
}

export interface RewardRules {
  /** Those in force, in the order of their codes. */
  readonly rewards: ReadonlyMap<string, CompiledReward>;
  readonly rewardConditions: readonly CompiledCondition[];
  /** Whether some condition of a reward reads the person: then whoever redeems one is loaded whole. */
  readonly rewardsReadPerson: boolean;
}

/** Compiles the rewards of a checked configuration. */
export const compileRewards = (configuration: Configuration, context: ConditionContext): RewardRules => {
  const rewards = inForce(configuration.rewards).map(
    ([code, reward]): CompiledReward => ({
      code,
      reward,
      from: reward.from === null ? Number.NEGATIVE_INFINITY : parseInstant(reward.from),
      until: reward.until === null ? Number.POSITIVE_INFINITY : parseInstant(reward.until),
      condition: reward.condition === null ? null : compiled(reward.condition, context),
      bounds: {
        limits: reward.limits.map(({ period, times }) => ({ period, times, points: null })),
        cool_down: null,
        budget: null,
      },
    }),
  );
  const rewardConditions = rewards.flatMap(({ condition }) => condition ?? []);
  return {
    rewards: new Map(rewards.map((compiledReward) => [compiledReward.code, compiledReward])),
    rewardConditions,
    rewardsReadPerson: rewardConditions.some(({ dependencies }) => dependencies.person),
  };
};
