import { EarnRule, EarnRuleResource } from '../../model/earn-rule.ts';
import type { App, Services } from '../services.ts';
import { configurationRoutes } from './configuration-resource.ts';

export const earnRuleRoutes = (app: App, services: Services): void =>
  configurationRoutes(app, services, {
    kind: 'earn_rules',
    path: '/v1/earn-rules',
    noun: 'earn rule',
    operations: { list: 'listEarnRules', get: 'getEarnRule', put: 'putEarnRule', archive: 'archiveEarnRule' },
    body: EarnRule,
    view: EarnRuleResource,
    example: 'per-euro',
    about:
      'The wallet must be in force, and `from` before `until`. The change holds for purchases reported from now on, whenever they occurred.',
  });
