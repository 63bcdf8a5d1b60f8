import { Reward, RewardResource } from '../../model/reward.ts';
import type { App, Services } from '../services.ts';
import { configurationRoutes } from './configuration-resource.ts';

export const rewardRoutes = (app: App, services: Services): void =>
  configurationRoutes(app, services, {
    kind: 'rewards',
    path: '/v1/rewards',
    noun: 'reward',
    operations: { list: 'listRewards', get: 'getReward', put: 'putReward', archive: 'archiveReward' },
    body: Reward,
    view: RewardResource,
    example: 'free-coffee',
    about:
      'The wallet must be in force and redeemable, the tiers with prices must exist, and `from` must be before `until`. The change holds for what is redeemed from now on; what was redeemed keeps what it was. A reward that an earn rule grants is not archived.',
  });
