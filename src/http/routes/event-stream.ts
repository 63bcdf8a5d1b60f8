import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Type } from 'typebox';
import type { ProgramId } from '../../model/ids.ts';
import { closed } from '../../model/schema.ts';
import { programOf } from '../auth.ts';
import { type FeedQuery, feedCursor, feedPosition, lastPosition, readFeedPage } from '../feed.ts';
import { ProblemError } from '../problem-error.ts';
import { keyProblems, listProblems, problemResponses } from '../responses.ts';
import type { App, Lifecycle, Services } from '../services.ts';
import { typesOf, typesQuery } from './events.ts';

/** Open streams of one process: each looks at the feed several times a second. */
const OPEN_MAX = 100;
/** How often the feed is looked at when nothing happens. */
const LOOKED_AT_EVERY_MS = 250;
/** Proxies cut connections on which nothing comes for a minute or so. */
const HEARTBEAT_MS = 15_000;
const PAGE = 200;

interface Following {
  readonly program: ProgramId;
  readonly query: FeedQuery;
  /** When the stream ends by itself, in milliseconds of the process’s clock. */
  readonly until: number;
}

/** Events as they come, as text of server-sent events: the id of each is a cursor of the feed. */
async function* follow(services: Services, lifecycle: Lifecycle, { program, query, until }: Following) {
  let { after } = query;
  let quietSince = performance.now();
  yield ': the feed of events\n\n';
  for (;;) {
    const page = await readFeedPage(services, program, { ...query, after });
    after = page.position;
    const lines = page.events.map(
      (event) => `id: ${feedCursor(program, event.position)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
    );
    if (lines.length > 0) yield lines.join('');
    if (page.hasMore) continue;
    if (lifecycle.draining || performance.now() >= until) return;
    if (lines.length > 0) quietSince = performance.now();
    else if (performance.now() - quietSince > HEARTBEAT_MS) {
      // With a cursor: whoever filters comes back to where the feed was read, not to the last event it got.
      yield `: quiet\nid: ${feedCursor(program, after)}\n\n`;
      quietSince = performance.now();
    }
    await pause(LOOKED_AT_EVERY_MS);
  }
}

export const eventStreamRoutes = (app: App, services: Services, lifecycle: Lifecycle): void => {
  let open = 0;
  app.get(
    '/v1/events/stream',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'followEvents',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'Follow the feed as server-sent events',
        description: `The feed of \`GET /v1/events\`, as it grows: \`id\` is a cursor, \`event\` the type, \`data\` the event. Whoever reconnects sends the last \`id\` as \`Last-Event-ID\`, as browsers do by themselves, and misses nothing. Without one it begins with what happens next. A comment comes after 15 quiet seconds. At most ${OPEN_MAX} at a time for each process.`,
        headers: Type.Object({
          'last-event-id': Type.Optional(
            Type.String({ maxLength: 300, description: 'The last `id` that came: go on after it.' }),
          ),
        }),
        querystring: closed({
          types: typesQuery,
          from: Type.Optional(
            Type.Enum(['oldest', 'now'], {
              default: 'now',
              description:
                'Where to begin without `Last-Event-ID`: at the oldest event that is kept, or after the latest.',
            }),
          ),
          seconds: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 3_600,
              description:
                'After how long the answer ends, so that a client connects anew. Absent: an hour. 0: with what there is by now.',
              examples: [0],
            }),
          ),
        }),
        response: {
          200: {
            description: 'Events as they come.',
            content: { 'text/event-stream': { schema: Type.String({ description: 'Server-sent events.' }) } },
          },
          ...problemResponses(...listProblems, ...keyProblems, 'cursor_expired', 'too_many_followers'),
        },
      },
    },
    async (request, reply) => {
      if (open >= OPEN_MAX)
        throw new ProblemError('too_many_followers', `${OPEN_MAX} follow the feed here`, {}, { 'retry-after': '5' });
      const program = programOf(request);
      const { types, from = 'now', seconds = 3_600 } = request.query;
      const position = feedPosition(program, request.headers['last-event-id']);
      const after = position === null && from === 'now' ? await lastPosition(services, program) : position;
      const query = { after, limit: PAGE, types: typesOf(types) };
      // What is wrong with the cursor is an answer of its own, not a stream that breaks.
      await readFeedPage(services, program, { ...query, limit: 1 });
      const until = performance.now() + seconds * 1_000;
      const stream = Readable.from(follow(services, lifecycle, { program, query, until }));
      open += 1;
      stream.once('close', () => {
        open -= 1;
      });
      return reply
        .type('text/event-stream')
        .header('cache-control', 'no-cache')
        .header('x-accel-buffering', 'no')
        .send(stream as never);
    },
  );
};
