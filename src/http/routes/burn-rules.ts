import { BurnRule, BurnRuleResource } from '../../model/burn-rule.ts';
import type { App, Services } from '../services.ts';
import { configurationRoutes } from './configuration-resource.ts';

export const burnRuleRoutes = (app: App, services: Services): void =>
  configurationRoutes(app, services, {
    kind: 'burn_rules',
    path: '/v1/burn-rules',
    noun: 'burn rule',
    operations: { list: 'listBurnRules', get: 'getBurnRule', put: 'putBurnRule', archive: 'archiveBurnRule' },
    body: BurnRule,
    view: BurnRuleResource,
    example: 'cent-a-point',
    about:
      'The wallet must be in force and redeemable, and `from` before `until`. The change holds for redemptions from now on; what is held or quoted keeps its terms.',
  });
