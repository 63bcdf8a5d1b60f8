import { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { ProgramId } from '../../model/ids.ts';
import { instantText } from '../../model/instant.ts';
import { closed, ref } from '../../model/schema.ts';
import { SegmentMember } from '../../model/segment-member.ts';
import { code } from '../../model/text.ts';
import { findResource } from '../../rules/resources.ts';
import { loadCurrent } from '../../store/programs.ts';
import type { Place } from '../../store/reassessments.ts';
import { countSegmentMembers, listSegmentMembers, type SegmentMemberRow } from '../../store/segment-members.ts';
import { programOf } from '../auth.ts';
import { pageOf, pageQuery, placeOf, textOfPlace } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

/** Members of a page of an export. */
const EXPORT_PAGE = 1_000;

/** Lines of an export, a page at a time. Ids have no character that CSV or JSON would have to escape. */
async function* exported(services: Services, program: ProgramId, segment: string, format: 'csv' | 'ndjson') {
  if (format === 'csv') yield 'member,since\n';
  let after: Place | null = null;
  for (;;) {
    const place: Place | null = after;
    const rows: SegmentMemberRow[] = await services.database.read(program, (db) =>
      listSegmentMembers(db, program, segment, place, EXPORT_PAGE),
    );
    yield rows
      .map(({ external_id: member, entered_at }) => ({ member, since: instantText(entered_at) }))
      .map((row) => (format === 'csv' ? `${row.member},${row.since}\n` : `${JSON.stringify(row)}\n`))
      .join('');
    const last = rows.at(-1);
    if (rows.length < EXPORT_PAGE || last === undefined) return;
    after = last;
  }
}

export const segmentMemberRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/segments/:code/members',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listSegmentMembers',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'List the members of a segment',
        description:
          'Who is in it, in an order of the engine’s own that does not change. What time alone changes is there once the background job has been by, within seconds.',
        params: closed({ code: code('Code of the segment.', 'win-back') }),
        querystring: closed(pageQuery),
        response: {
          200: {
            description: 'A page of members.',
            ...dataPage(ref(SegmentMember), {
              total: Type.Integer({ description: 'How many members the segment has.' }),
            }),
          },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { code: segment } = request.params;
      const { limit = 20, cursor } = request.query;
      const list = ['segment members', program, segment];
      const after = placeOf(list, cursor);
      const [{ configuration }, rows, total] = await services.database.read(program, (db) =>
        Promise.all([
          loadCurrent(db, program),
          listSegmentMembers(db, program, segment, after, limit + 1),
          countSegmentMembers(db, program, segment),
        ]),
      );
      if (findResource(configuration, 'segments', segment) === undefined)
        throw new ProblemError('not_found', `there is no segment ${segment}`);
      const page = pageOf(rows, limit, list, textOfPlace, ({ external_id, entered_at }) => ({
        member: external_id,
        since: instantText(entered_at),
      }));
      return { total, ...page };
    },
  );

  app.get(
    '/v1/segments/:code/export',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'exportSegment',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'Export the members of a segment',
        description:
          'Everyone who is in it, streamed: `member,since` as CSV with a header line, or one JSON object a line. Members who enter or leave while it runs may or may not be there.',
        params: closed({ code: code('Code of the segment.', 'win-back') }),
        querystring: closed({
          format: Type.Optional(Type.Enum(['csv', 'ndjson'], { default: 'csv', description: '`csv` or `ndjson`.' })),
        }),
        response: {
          200: {
            description: 'The members.',
            content: {
              'text/csv': { schema: Type.String({ examples: ['member,since\nm-1001,2026-03-01T09:30:00.000Z\n'] }) },
              'application/x-ndjson': { schema: Type.String() },
            },
          },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const program = programOf(request);
      const { code: segment } = request.params;
      const { configuration } = await services.database.read(program, (db) => loadCurrent(db, program));
      if (findResource(configuration, 'segments', segment) === undefined)
        throw new ProblemError('not_found', `there is no segment ${segment}`);
      const { format = 'csv' } = request.query;
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
        .send(Readable.from(exported(services, program, segment, format)) as never);
    },
  );
};
