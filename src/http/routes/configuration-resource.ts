import type { App, Services } from '../services.ts';
import { getRoute, listRoute } from './configuration-reads.ts';
import type { ConfigurationResource } from './configuration-view.ts';
import { archiveRoute, putRoute } from './configuration-writes.ts';

/** The routes of one kind of configuration: list, read, put, archive. */
export const configurationRoutes = (app: App, services: Services, resource: ConfigurationResource): void => {
  for (const add of [listRoute, getRoute, putRoute, archiveRoute]) add(app, services, resource);
};
