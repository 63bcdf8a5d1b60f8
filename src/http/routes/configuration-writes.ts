import type { FastifyReply } from 'fastify';
import { archiveResource, putResource } from '../../commands/edit-resource.ts';
import type { Resource, ResourceBodies, ResourceKind } from '../../model/configuration.ts';
import { ref } from '../../model/schema.ts';
import type { Stream } from '../../model/stream.ts';
import { authorOf } from '../author.ts';
import { entityTag, etagHeader, ifMatch, preconditionOf, putHeaders, requireIfMatch } from '../preconditions.ts';
import { accepted } from '../refused.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { byCode, type ConfigurationResource, codeOf, viewOf } from './configuration-view.ts';

const show = (
  reply: FastifyReply,
  status: number,
  resource: ConfigurationResource,
  code: string,
  found: Resource<object>,
) =>
  reply
    .code(status)
    .header('etag', entityTag(found.revision))
    .send(viewOf(resource, code, found));

export const putRoute = (app: App, services: Services, resource: ConfigurationResource): void => {
  const { kind, noun, path, operations, body, view, about } = resource;
  const answer = { headers: etagHeader, ...ref(view) };
  app.put(
    `${path}/:code`,
    {
      config: { scope: 'configure' },
      schema: {
        operationId: operations.put,
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: `Create or replace one ${noun}`,
        description: `Creates it under the code; replaces it whole, or puts an archived one back in force, when \`If-Match\` carries its ETag. The same content changes nothing. The whole configuration is checked, and \`invalid_configuration\` lists every fault. ${about}`,
        params: byCode(resource),
        headers: putHeaders,
        body: ref(body),
        response: {
          200: { description: `The ${noun} as it now stands.`, ...answer },
          201: { description: `The ${noun} was created.`, ...answer },
          ...problemResponses(
            ...pathProblems,
            ...bodyProblems,
            ...keyProblems,
            'precondition_failed',
            'precondition_required',
            'invalid_configuration',
          ),
        },
      },
    },
    async (request, reply) => {
      const name = { kind, code: codeOf(request) };
      const content = request.body as ResourceBodies[ResourceKind];
      const author = authorOf(services, request);
      const found = kind === 'streams' ? await services.checkDestinations({ [name.code]: content as Stream }) : [];
      const putting = putResource(services.database, author, name, content, preconditionOf(request), found);
      const changed = accepted(await putting);
      return show(reply, changed.created ? 201 : 200, resource, name.code, changed.resource);
    },
  );
};

export const archiveRoute = (app: App, services: Services, resource: ConfigurationResource): void => {
  const { kind, noun, path, operations, view } = resource;
  app.delete(
    `${path}/:code`,
    {
      config: { scope: 'configure' },
      preValidation: requireIfMatch,
      schema: {
        operationId: operations.archive,
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: `Archive one ${noun}`,
        description:
          'Takes it out of force and out of the list. What was decided under it stays, its code stays taken, and `PUT` with its new ETag puts it back.',
        params: byCode(resource),
        headers: ifMatch,
        response: {
          200: { description: `The ${noun}, archived.`, headers: etagHeader, ...ref(view) },
          ...problemResponses(
            ...pathProblems,
            ...bodyProblems,
            ...keyProblems,
            'not_found',
            'in_use',
            'precondition_failed',
            'precondition_required',
            'invalid_configuration',
          ),
        },
      },
    },
    async (request, reply) => {
      const name = { kind, code: codeOf(request) };
      const author = authorOf(services, request);
      const changed = accepted(await archiveResource(services.database, author, name, preconditionOf(request)));
      return show(reply, 200, resource, name.code, changed.resource);
    },
  );
};
