import { ActivityType, ActivityTypeResource } from '../../model/activity-type.ts';
import type { App, Services } from '../services.ts';
import { configurationRoutes } from './configuration-resource.ts';

export const activityTypeRoutes = (app: App, services: Services): void =>
  configurationRoutes(app, services, {
    kind: 'activity_types',
    path: '/v1/activity-types',
    noun: 'activity type',
    operations: {
      list: 'listActivityTypes',
      get: 'getActivityType',
      put: 'putActivityType',
      archive: 'archiveActivityType',
    },
    body: ActivityType,
    view: ActivityTypeResource,
    example: 'workshop',
    about: 'The types of its fields stay as they were declared.',
  });
