import { Attribute, AttributeResource } from '../../model/attribute.ts';
import type { App, Services } from '../services.ts';
import { configurationRoutes } from './configuration-resource.ts';

export const attributeRoutes = (app: App, services: Services): void =>
  configurationRoutes(app, services, {
    kind: 'attributes',
    path: '/v1/attributes',
    noun: 'attribute',
    operations: { list: 'listAttributes', get: 'getAttribute', put: 'putAttribute', archive: 'archiveAttribute' },
    body: Attribute,
    view: AttributeResource,
    example: 'favourite-shop',
    about: 'The type stays as it was declared. Only `string` and `set` have a list of allowed `values`.',
  });
