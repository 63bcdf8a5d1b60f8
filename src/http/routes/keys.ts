import { Type } from 'typebox';
import { createKey, keyView, refuseScopes, revokeApiKey } from '../../commands/api-keys.ts';
import { ApiKey, CreateKey, NewApiKey } from '../../model/program.ts';
import { closed, ref } from '../../model/schema.ts';
import { listKeys } from '../../store/api-keys.ts';
import { programOf } from '../auth.ts';
import { keyAuthor } from '../author.ts';
import { pageOf, pageQuery, positionOf } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { refused } from '../refused.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

const byId = closed({
  id: Type.String({
    pattern: '^key_[a-z0-9]{1,32}$',
    description: 'Id of the key.',
    examples: ['key_3f9a1c20b7d4e856'],
  }),
});

export const keyRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/keys',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'listKeys',
        tags: ['program'],
        security: [{ apiKey: [] }],
        summary: 'List API keys',
        description: 'The program’s keys, oldest first, revoked ones included. Their secrets are not kept.',
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of keys.', ...dataPage(ref(ApiKey)) },
          ...problemResponses(...listProblems, ...keyProblems),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { limit = 20, cursor } = request.query;
      const list = ['keys', program];
      const after = positionOf(list, cursor);
      const rows = await services.database.transaction(program, (tx) => listKeys(tx, program, after, limit + 1));
      return pageOf(rows, limit, list, (row) => row.key_id, keyView);
    },
  );

  app.post(
    '/v1/keys',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'createKey',
        tags: ['program'],
        security: [{ apiKey: [] }],
        summary: 'Create an API key',
        description:
          'Its secret is shown in this answer and never again. A key can be given only scopes that the key it is created with has. To rotate a key, create its successor, switch over, then revoke it.',
        body: ref(CreateKey),
        response: {
          201: { description: 'The key with its secret.', ...ref(NewApiKey) },
          ...problemResponses(...bodyProblems, ...keyProblems),
        },
      },
    },
    async (request, reply) => {
      const program = programOf(request);
      const refusal = refuseScopes(request.body.scopes, request.apiKey?.scopes ?? []);
      if (refusal !== null) throw refused(refusal);
      const key = await services.database.transaction(program, (tx) =>
        createKey(tx, program, request.body, keyAuthor(request), services.clock()),
      );
      return reply.code(201).send(key);
    },
  );

  app.post(
    '/v1/keys/:id/revoke',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'revokeKey',
        tags: ['program'],
        security: [{ apiKey: [] }],
        summary: 'Revoke an API key',
        description:
          'Every instance refuses it within 5 seconds. A key revoked before keeps its time. A key can revoke itself.',
        params: byId,
        response: {
          200: { description: 'The key, revoked.', ...ref(ApiKey) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const key = await services.database.transaction(program, (tx) =>
        revokeApiKey(tx, program, request.params.id, keyAuthor(request), services.clock()),
      );
      if (key === null) throw new ProblemError('not_found', 'the program has no such key');
      return keyView(key);
    },
  );
};
