import { ContextField, ContextFieldResource } from '../../model/context-field.ts';
import type { App, Services } from '../services.ts';
import { configurationRoutes } from './configuration-resource.ts';

export const contextFieldRoutes = (app: App, services: Services): void =>
  configurationRoutes(app, services, {
    kind: 'context_fields',
    path: '/v1/context-fields',
    noun: 'context field',
    operations: {
      list: 'listContextFields',
      get: 'getContextField',
      put: 'putContextField',
      archive: 'archiveContextField',
    },
    body: ContextField,
    view: ContextFieldResource,
    example: 'device',
    about: 'The type stays as it was declared.',
  });
