import { Type } from 'typebox';
import { EventView } from '../../model/event.ts';
import { EVENT_TYPES, type EventType } from '../../model/event-catalogue.ts';
import { memberRef } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { eventView } from '../../rules/event-view.ts';
import { listMemberEvents } from '../../store/events.ts';
import { programOf } from '../auth.ts';
import { FEED_PAGE, feedCursor, feedPosition, lastPosition, readFeedPage } from '../feed.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { memberItself } from '../submit.ts';

/** Which types, as one parameter with commas: `types=tier.upgraded,tier.downgraded`. */
export const typesQuery = Type.Optional(
  Type.String({
    pattern: '^[a-z_]+\\.[a-z_]+(,[a-z_]+\\.[a-z_]+)*$',
    maxLength: 1_000,
    description: 'Only events of these types, separated by commas.',
    examples: ['tier.upgraded,tier.downgraded'],
  }),
);

/** The types in the parameter; null without it. Refuses one that is not in the catalogue. */
export const typesOf = (types: string | undefined): EventType[] | null => {
  if (types === undefined) return null;
  const known: readonly string[] = EVENT_TYPES;
  const asked = types.split(',');
  const unknown = asked.find((type) => !known.includes(type));
  if (unknown !== undefined)
    throw new ProblemError('invalid_request', `there are no events of the type ${unknown}`, {
      errors: [
        {
          pointer: '/query/types',
          code: 'enum',
          detail: `${unknown} is not a type`,
          expected: 'types of the catalogue',
        },
      ],
    });
  return asked as EventType[];
};

export const eventRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/events',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listEvents',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'Read the feed of events',
        description: `Everything that happened in the program, in one order that all readers share, each event once. Keep \`next_cursor\` with what you did with the page, and go on from it: it is always there, also when nothing more has happened yet. Events appear a moment after the answer to the request that caused them, and are kept for the deployment’s \`EVENT_RETENTION_DAYS\`; a cursor from before that is \`cursor_expired\`. With \`types\` a page may be empty although \`has_more\` is true.`,
        querystring: closed({
          cursor: pageQuery.cursor,
          limit: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: FEED_PAGE,
              default: 100,
              description: 'Events of a page, 1 to 1,000.',
            }),
          ),
          types: typesQuery,
          from: Type.Optional(
            Type.Enum(['oldest', 'now'], {
              default: 'oldest',
              description: 'Where to begin without a cursor: at the oldest event that is kept, or after the latest.',
            }),
          ),
        }),
        response: {
          200: {
            description: 'A page of events.',
            ...Type.Object(
              {
                data: Type.Array(ref(EventView), { description: 'The events, in the order of their positions.' }),
                has_more: Type.Boolean({ description: 'Whether the feed goes on after this page by now.' }),
                next_cursor: Type.String({ description: 'Where to go on. Always there.' }),
              },
              { description: 'A page of the feed.' },
            ),
          },
          ...problemResponses(...listProblems, ...keyProblems, 'cursor_expired'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { cursor, limit = 100, types, from } = request.query;
      const position = feedPosition(program, cursor);
      const after = position === null && from === 'now' ? await lastPosition(services, program) : position;
      const page = await readFeedPage(services, program, { after, limit, types: typesOf(types) });
      return { data: page.events, has_more: page.hasMore, next_cursor: feedCursor(program, page.position) };
    },
  );

  app.get(
    '/v1/members/:id/events',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listMemberEvents',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'List the events of a member',
        description: 'The latest first, as far back as events are kept.',
        params: closed({ id: memberRef }),
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of events.', ...dataPage(ref(EventView)) },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const member = await memberItself(services, request, request.params.id);
      const { limit = 20, cursor } = request.query;
      const list = ['member events', program, member];
      const before = numberPositionOf(list, cursor);
      const rows = await services.database.read(program, (db) =>
        listMemberEvents(db, program, member, before, limit + 1),
      );
      return pageOf(rows, limit, list, (row) => `${row.member?.number ?? 0}`, eventView);
    },
  );
};
