import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { InstantText, parseInstant } from '../../model/instant.ts';
import { closed } from '../../model/schema.ts';
import { programOf } from '../auth.ts';
import { EXPORTS, type ExportName, exportLines, fileName } from '../exports.ts';
import { keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

const instantOrNull = (text: string | undefined) => (text === undefined ? null : parseInstant(text));

export const exportRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/exports/:what',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'downloadExport',
        tags: ['bulk'],
        security: [{ apiKey: [] }],
        summary: 'Download members, ledger entries or events as a file',
        description:
          'Streamed, of any size, for a warehouse or finance: `members` (as they are now, without those merged into others or erased), `ledger-entries` (of everybody, those of a member in their order; the points of an account are the sum of its entries), `events` (as long as they are kept). NDJSON has what the single operations answer, a line each; CSV a header line and RFC 4180, with lists and objects as JSON, tiers and segments separated by `|`. What is written while it runs may or may not be in it; of events, nothing of that is.',
        params: closed({
          what: Type.Enum(Object.keys(EXPORTS) as ExportName[], { description: 'What.', examples: ['ledger-entries'] }),
        }),
        querystring: closed({
          format: Type.Optional(Type.Enum(['ndjson', 'csv'], { default: 'ndjson', description: '`ndjson` or `csv`.' })),
          from: Type.Optional(
            InstantText('Only what was recorded at this instant or later; of members, who were enrolled then.'),
          ),
          until: Type.Optional(InstantText('Only what was recorded before this instant.')),
        }),
        response: {
          200: {
            description: 'The file.',
            content: {
              'application/x-ndjson': { schema: Type.String({ description: 'A line of JSON for each.' }) },
              'text/csv': { schema: Type.String({ description: 'A header, and a line for each.' }) },
            },
          },
          ...problemResponses(...pathProblems, ...keyProblems),
        },
      },
    },
    async (request, reply) => {
      const { what } = request.params;
      const { format = 'ndjson', from, until } = request.query;
      const range = { from: instantOrNull(from), until: instantOrNull(until) };
      const lines = exportLines(EXPORTS[what], format, services, programOf(request), range);
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
        .header('content-disposition', `attachment; filename="${fileName(what, format, services.clock())}"`)
        .send(Readable.from(lines) as never);
    },
  );
};
