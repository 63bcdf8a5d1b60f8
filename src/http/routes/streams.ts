import { Stream, StreamResource } from '../../model/stream.ts';
import type { App, Services } from '../services.ts';
import { configurationRoutes } from './configuration-resource.ts';

export const streamRoutes = (app: App, services: Services): void =>
  configurationRoutes(app, services, {
    kind: 'streams',
    path: '/v1/streams',
    noun: 'stream',
    operations: { list: 'listStreams', get: 'getStream', put: 'putStream', archive: 'archiveStream' },
    body: Stream,
    view: StreamResource,
    example: 'status-to-crm',
    about:
      'Segments, attributes and types of event must be there, templates must render with examples of the events, and the address must be one that may be sent to: what its name resolves to is looked at, here and each time something is sent.',
  });
