import { Tier, TierResource } from '../../model/tier.ts';
import type { App, Services } from '../services.ts';
import { configurationRoutes } from './configuration-resource.ts';

export const tierRoutes = (app: App, services: Services): void =>
  configurationRoutes(app, services, {
    kind: 'tiers',
    path: '/v1/tiers',
    noun: 'tier',
    operations: { list: 'listTiers', get: 'getTier', put: 'putTier', archive: 'archiveTier' },
    body: Tier,
    view: TierResource,
    example: 'silver',
    about:
      'Ranks are unique in their scheme, and of two tiers that count the same the higher asks for more. Members are looked at again with their next write, or by the background pass before that.',
  });
