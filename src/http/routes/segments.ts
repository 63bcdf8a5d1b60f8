import { Segment, SegmentResource } from '../../model/segment.ts';
import type { App, Services } from '../services.ts';
import { configurationRoutes } from './configuration-resource.ts';

export const segmentRoutes = (app: App, services: Services): void =>
  configurationRoutes(app, services, {
    kind: 'segments',
    path: '/v1/segments',
    noun: 'segment',
    operations: { list: 'listSegments', get: 'getSegment', put: 'putSegment', archive: 'archiveSegment' },
    body: Segment,
    view: SegmentResource,
    example: 'win-back',
    about:
      'Conditions are checked against the whole configuration. Members are looked at again in the background; what that comes to is seen beforehand with `preview`.',
  });
