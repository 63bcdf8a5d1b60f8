import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Resource } from '../../model/configuration.ts';
import { limits } from '../../model/limits.ts';
import { closed, ref } from '../../model/schema.ts';
import { findResource } from '../../rules/resources.ts';
import { loadCurrent } from '../../store/programs.ts';
import { programOf } from '../auth.ts';
import { pageOf, pageQuery, positionOf } from '../paging.ts';
import { etagHeader, ifNoneMatch, isKnown, notModified } from '../preconditions.ts';
import { ProblemError } from '../problem-error.ts';
import { dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { byCode, type ConfigurationResource, codeOf, viewOf } from './configuration-view.ts';

const currentOf = (services: Services, request: FastifyRequest) => {
  const program = programOf(request);
  return services.database.read(program, (db) => loadCurrent(db, program));
};

export const listRoute = (app: App, services: Services, resource: ConfigurationResource): void => {
  const { kind, noun, path, operations, view } = resource;
  app.get(
    path,
    {
      config: { scope: 'read' },
      schema: {
        operationId: operations.list,
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: `List ${noun}s`,
        description: 'In the order of their codes.',
        querystring: closed({
          ...pageQuery,
          limit: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: limits.pageSize,
              default: limits.pageSize,
              description: 'Items of a page, 1 to 100.',
            }),
          ),
          archived: Type.Optional(
            Type.Boolean({ default: false, description: 'True: those that were archived, instead of those in force.' }),
          ),
        }),
        response: {
          200: { description: `A page of ${noun}s.`, ...dataPage(ref(view)) },
          ...problemResponses(...listProblems, ...keyProblems),
        },
      },
    },
    async (request) => {
      const { limit = limits.pageSize, cursor, archived = false } = request.query;
      const list = [kind, programOf(request), archived];
      const after = positionOf(list, cursor);
      const { configuration } = await currentOf(services, request);
      const rows = Object.entries<Resource<object>>(configuration[kind])
        .filter(([code, found]) => found.archived === archived && (after === null || code > after))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      return pageOf(
        rows,
        limit,
        list,
        ([code]) => code,
        ([code, found]) => viewOf(resource, code, found),
      );
    },
  );
};

export const getRoute = (app: App, services: Services, resource: ConfigurationResource): void => {
  const { kind, noun, path, operations, view } = resource;
  app.get(
    `${path}/:code`,
    {
      config: { scope: 'read' },
      schema: {
        operationId: operations.get,
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: `Read one ${noun}`,
        description: 'Archived or not. The ETag is what `If-Match` of a change must carry.',
        params: byCode(resource),
        headers: ifNoneMatch,
        response: {
          200: { description: `The ${noun} as it stands.`, headers: etagHeader, ...ref(view) },
          304: Type.Null({ description: 'It is still as the ETag in `If-None-Match` says.' }),
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const { configuration } = await currentOf(services, request);
      const found = findResource(configuration, kind, codeOf(request));
      if (found === undefined) throw new ProblemError('not_found', `there is no ${noun} ${codeOf(request)}`);
      if (isKnown(request, reply, found.revision)) return notModified(reply);
      return viewOf(resource, codeOf(request), found);
    },
  );
};
