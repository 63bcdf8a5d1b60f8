import { Type } from 'typebox';
import { forgetSecretHeader, rotateSecret, setSecretHeader } from '../../commands/stream-secret.ts';
import { closed, ref } from '../../model/schema.ts';
import type { Stream } from '../../model/stream.ts';
import { NewStreamSecret, PutSecretHeader, RotateSecret } from '../../model/stream-standing.ts';
import { programOf } from '../auth.ts';
import { authorOf } from '../author.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { streamOf, streamParams } from './stream-of.ts';

const headerParams = closed({
  ...streamParams.properties,
  name: Type.String({
    pattern: "^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$",
    description: 'Name of the header, in small letters.',
    examples: ['authorization'],
  }),
});

const namesHeader = ({ destination }: Stream, name: string): boolean =>
  destination.type !== 'email' && destination.secret_headers.includes(name);

export const streamSecretRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/streams/:code/secrets',
    {
      config: { scope: 'configure' },
      schema: {
        operationId: 'rotateStreamSecret',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'Make a secret for a stream',
        description:
          'Messages of a webhook stream are signed as Standard Webhooks say, and none is sent before it has a secret. This makes the first, or one that takes over: the one before signs as well for a while. The secret is in this answer and never again.',
        params: streamParams,
        body: ref(RotateSecret),
        response: {
          201: { description: 'The secret.', ...ref(NewStreamSecret) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const program = programOf(request);
      const { code: stream } = request.params;
      await services.database.transaction(program, (tx) => streamOf(tx, program, stream));
      const { overlap_hours = 24 } = request.body;
      return reply
        .status(201)
        .send(await rotateSecret(services.database, authorOf(services, request), stream, overlap_hours));
    },
  );

  app.put(
    '/v1/streams/:code/secret-headers/:name',
    {
      config: { scope: 'configure' },
      schema: {
        operationId: 'putSecretHeader',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'Set a secret header of a stream',
        description:
          'The value of a header that the stream’s configuration names among `secret_headers`: sent with every message, kept apart from the configuration, never shown.',
        params: headerParams,
        body: ref(PutSecretHeader),
        response: {
          204: { description: 'Kept.', type: 'null' },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const program = programOf(request);
      const { code: stream, name } = request.params;
      const { value } = request.body;
      await services.database.transaction(program, async (tx) => {
        if (!namesHeader(await streamOf(tx, program, stream), name))
          throw new ProblemError('not_found', `${name} is not among the secret headers of the stream`);
        await setSecretHeader(tx, authorOf(services, request), stream, name, value);
      });
      return reply.status(204).send(null);
    },
  );

  app.delete(
    '/v1/streams/:code/secret-headers/:name',
    {
      config: { scope: 'configure' },
      schema: {
        operationId: 'deleteSecretHeader',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'Forget a secret header of a stream',
        description: 'As long as the configuration names it, nothing is sent without it.',
        params: headerParams,
        response: {
          204: { description: 'Forgotten.', type: 'null' },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const program = programOf(request);
      const { code: stream, name } = request.params;
      const was = await services.database.transaction(program, (tx) =>
        forgetSecretHeader(tx, authorOf(services, request), stream, name),
      );
      if (!was) throw new ProblemError('not_found', 'there is no such value');
      return reply.status(204).send(null);
    },
  );
};
