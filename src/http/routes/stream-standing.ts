import type { FastifyRequest } from 'fastify';
import type { Author } from '../../commands/configure.ts';
import { pauseStream, replay, resend, resumeStream, standingOf } from '../../commands/operate-stream.ts';
import { ref } from '../../model/schema.ts';
import { ReplayStream, ResendAnswer, ResendEvents, StreamStandingView } from '../../model/stream-standing.ts';
import type { Tx } from '../../store/connection.ts';
import { programOf } from '../auth.ts';
import { authorOf } from '../author.ts';
import { refused } from '../refused.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { streamOf, streamParams } from './stream-of.ts';

const response = {
  200: { description: 'How the stream stands now.', ...ref(StreamStandingView) },
  ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
};
const acted = {
  ...response,
  ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'not_found'),
};

type Act = (tx: Tx, author: Author, stream: string) => Promise<void>;

export const streamStandingRoutes = (app: App, services: Services): void => {
  /** Does something to the stream of the path, and answers with how it stands then. */
  const acting = async (request: FastifyRequest, stream: string, act: Act) => {
    const author = authorOf(services, request);
    const { program, now } = author;
    return services.database.transaction(program, async (tx) => {
      const body = await streamOf(tx, program, stream);
      await act(tx, author, stream);
      return standingOf(tx, program, stream, body, now);
    });
  };

  app.get(
    '/v1/streams/:code/standing',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getStreamStanding',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'Read how a stream stands',
        description: 'Whether it sends, how far it is behind the feed, and how many deliveries fail or were given up.',
        params: streamParams,
        response,
      },
    },
    (request) => acting(request, request.params.code, async () => {}),
  );

  app.post(
    '/v1/streams/:code/pause',
    {
      config: { scope: 'configure' },
      schema: {
        operationId: 'pauseStream',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'Pause a stream',
        description:
          'Nothing is sent until it is resumed, and nothing is lost as long as events are kept. What is under way still arrives. A stream that is not running stays as it is.',
        params: streamParams,
        response: acted,
      },
    },
    (request) => acting(request, request.params.code, pauseStream),
  );

  app.post(
    '/v1/streams/:code/resume',
    {
      config: { scope: 'configure' },
      schema: {
        operationId: 'resumeStream',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'Resume a stream',
        description:
          'Goes on where it was paused or disabled. Deliveries that failed are tried again at once, also of a stream that runs.',
        params: streamParams,
        response: acted,
      },
    },
    (request) => acting(request, request.params.code, resumeStream),
  );

  app.post(
    '/v1/streams/:code/resend',
    {
      config: { scope: 'configure' },
      schema: {
        operationId: 'resendEvents',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'Send events again',
        description:
          'Events by their ids, a range of positions, or what was given up: at most 1,000, beside what the stream is sending, each with the id it had. What the stream does not want, or is not kept any more, is left out.',
        params: streamParams,
        body: ref(ResendEvents),
        response: {
          200: { description: 'They will be sent.', ...ref(ResendAnswer) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'not_found', 'resend_too_large'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { code: stream } = request.params;
      await services.database.transaction(program, (tx) => streamOf(tx, program, stream));
      const events = await resend(services.database, authorOf(services, request), stream, request.body);
      if (typeof events !== 'number') throw refused(events);
      return { events };
    },
  );

  app.post(
    '/v1/streams/:code/replay',
    {
      config: { scope: 'configure' },
      schema: {
        operationId: 'replayStream',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'Replay a stream from a point on',
        description:
          'Everything from there is sent again, in order, each event with the id it had: for a receiver that lost what it got. A point after the latest event skips what was not sent yet.',
        params: streamParams,
        body: ref(ReplayStream),
        response: {
          ...response,
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'not_found', 'events_not_kept'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { code: stream } = request.params;
      await services.database.transaction(program, (tx) => streamOf(tx, program, stream));
      const refusal = await replay(services.database, authorOf(services, request), stream, request.body);
      if (refusal !== null) throw refused(refusal);
      return acting(request, stream, async () => {});
    },
  );
};
