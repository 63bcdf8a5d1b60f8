import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ProgramId } from '../../model/ids.ts';
import { IMPORT_KINDS, IMPORT_LINES, Import, ImportError, ImportLine } from '../../model/import.ts';
import { instantText, instantTextOrNull } from '../../model/instant.ts';
import { closed, ref } from '../../model/schema.ts';
import {
  cancelImport,
  findImport,
  type ImportErrorRow,
  type ImportRow,
  listImportErrors,
  listImports,
} from '../../store/imports.ts';
import { programOf } from '../auth.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { keepUpload } from '../upload.ts';
import { checksOf } from '../validators.ts';

const NDJSON = 'application/x-ndjson';
const CSV = 'text/csv';
const ERRORS_PAGE = 1_000;

const params = closed({
  id: Type.String({ pattern: '^imp_[0-9]{1,9}$', description: 'Id of the import.', examples: ['imp_1'] }),
});

const numberOf = (id: string): number => Number(id.slice('imp_'.length));

const importView = ({ number, options, created_at, finished_at, ...row }: ImportRow): Import => ({
  id: `imp_${number}`,
  ...row,
  ...options,
  created_at: instantText(created_at),
  finished_at: instantTextOrNull(finished_at),
});

const importOf = async (services: Services, program: ProgramId, id: string): Promise<ImportRow> => {
  const found = await services.database.transaction(program, (tx) => findImport(tx, program, numberOf(id)));
  if (found === null) throw new ProblemError('not_found', 'the program has no such import');
  return found;
};

/** Errors of an import, a line each, a page at a time. */
async function* errorLines(services: Services, program: ProgramId, number: number) {
  let after: Pick<ImportErrorRow, 'line' | 'place'> = { line: 0, place: -1 };
  for (;;) {
    const from = after;
    const rows: ImportErrorRow[] = await services.database.transaction(program, (tx) =>
      listImportErrors(tx, program, number, from, ERRORS_PAGE),
    );
    yield rows.map(({ place: _, ...row }) => `${JSON.stringify(row)}\n`).join('');
    const last = rows.at(-1);
    if (rows.length < ERRORS_PAGE || last === undefined) return;
    after = last;
  }
}

const flag = (description: string) => Type.Optional(Type.Boolean({ default: false, description }));

const uploadRoutes = (app: App, services: Services): void => {
  const checkOf = checksOf(app);
  // A file is not read before it is worth reading: the route takes it as it comes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([NDJSON, CSV], (_request, payload, done) => done(null, payload));
  app.post(
    '/v1/imports',
    {
      config: { scope: 'write', isUpload: true },
      schema: {
        operationId: 'createImport',
        tags: ['bulk'],
        security: [{ apiKey: [] }],
        summary: 'Import a file',
        description:
          'NDJSON, one line as `ImportedMember` (or what the kind says) a line; or CSV with a header whose names are the places of the JSON line, with dots: `id,profile.given_name,consents.newsletter.granted,attributes.shoe_size,identities.card`. An empty cell is absent, a list of codes is separated by `|`, another list is JSON. Of `opening_balances` and `past_purchases` a row is a lot (`member,lots.points,lots.earned_at,lots.expires_at,tiers.status.tier`) or a line (`id,member,occurred_at,currency,total,lines.sku,lines.quantity,lines.unit_price,lines.total`): rows that follow each other and name the same member and wallet, or purchase, are one record, and what else they say is said by the first, or the same; `null` is an expiry that never comes. Opening balances need the scope `adjust`. The file, at most 2 GiB, is read as it comes, and answered once it is kept; a job works it off, lines about one member in their order, giving way to callers. A line at fault is told among the errors and stops no other; a broken upload leaves nothing. Safe to send again, whole: what is known is `unchanged`, what is older by `source_updated_at` is `stale`. Members who are enrolled get no welcome (no enrolment rule, and `backfill` in the events) unless `fire_rules`. With `dry_run` every line is decided and none saved, some hundred lines together without those before.',
        querystring: closed({
          kind: Type.Enum([...IMPORT_KINDS], { description: 'What the lines are.', examples: ['members'] }),
          dry_run: flag('Only says what would come of it.'),
          fire_rules: flag('Whether members who are enrolled set off earn rules, as with PUT /v1/members/{id}.'),
        }),
        body: {
          content: {
            [NDJSON]: { schema: ref(ImportLine) },
            [CSV]: {
              schema: Type.Unsafe<unknown>({
                description: 'A header, and a line for each record.',
                examples: ['id,profile.language,add_tags\nm-1001,fr,vip\n'],
              }),
            },
          },
        },
        response: {
          202: { description: 'Kept; to be worked off. `Location` says where it stands.', ...ref(Import) },
          ...problemResponses(...bodyProblems, ...keyProblems),
        },
      },
    },
    async (request, reply) => {
      const { kind, dry_run = false, fire_rules = false } = request.query;
      const { apiKey } = request;
      const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
      if (type !== NDJSON && type !== CSV) throw new ProblemError('unsupported_media_type', `send ${NDJSON} or ${CSV}`);
      if (kind === 'opening_balances' && apiKey?.scopes.includes('adjust') !== true)
        throw new ProblemError('insufficient_scope', 'opening balances are imported with the scope adjust');
      const upload = {
        program: programOf(request),
        kind,
        options: { dry_run, fire_rules },
        format: type === CSV ? ('csv' as const) : ('ndjson' as const),
        file: request.body as AsyncIterable<Buffer>,
        by: apiKey?.key_id ?? '',
        requestId: request.id,
      };
      const row = await keepUpload(services, upload, checkOf(kind, 'body', ref(IMPORT_LINES[kind])));
      const view = importView(row);
      return reply.code(202).header('location', `/v1/imports/${view.id}`).send(view);
    },
  );
};

export const importRoutes = (app: App, services: Services): void => {
  app.register((scope, _options, done) => {
    uploadRoutes(scope as App, services);
    done();
  });

  app.get(
    '/v1/imports',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listImports',
        tags: ['bulk'],
        security: [{ apiKey: [] }],
        summary: 'List imports',
        description:
          'The last first. An import is kept for 30 days after it has ended; its lines no longer than until then.',
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of imports.', ...dataPage(ref(Import)) },
          ...problemResponses(...listProblems, ...keyProblems),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { limit = 20, cursor } = request.query;
      const list = ['imports', program];
      const before = numberPositionOf(list, cursor);
      const rows = await services.database.transaction(program, (tx) => listImports(tx, program, before, limit + 1));
      return pageOf(rows, limit, list, ({ number }) => `${number}`, importView);
    },
  );

  app.get(
    '/v1/imports/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getImport',
        tags: ['bulk'],
        security: [{ apiKey: [] }],
        summary: 'See how far an import is',
        description: 'Lines are counted as they are done, in steps of some hundred.',
        params,
        response: {
          200: { description: 'The import.', ...ref(Import) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => importView(await importOf(services, programOf(request), request.params.id)),
  );

  app.get(
    '/v1/imports/:id/errors',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listImportErrors',
        tags: ['bulk'],
        security: [{ apiKey: [] }],
        summary: 'Read the errors of an import',
        description:
          'NDJSON, one `ImportError` a line, in the order of the lines of the file: those known so far. Of the first 100,000 lines at fault; further ones are counted. Nothing of the file is repeated.',
        params,
        response: {
          200: {
            description: 'The errors.',
            content: {
              [NDJSON]: { schema: ref(ImportError) },
            },
          },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const program = programOf(request);
      const { number } = await importOf(services, program, request.params.id);
      return reply.type(NDJSON).send(Readable.from(errorLines(services, program, number)) as never);
    },
  );

  app.post(
    '/v1/imports/:id/cancel',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'cancelImport',
        tags: ['bulk'],
        security: [{ apiKey: [] }],
        summary: 'Cancel an import',
        description:
          'What is done stays; the lines that are left are forgotten. Some hundred that are under way may still take effect. An import that has ended stays as it is.',
        params,
        response: {
          200: { description: 'The import.', ...ref(Import) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request: FastifyRequest<{ Params: { id: string } }>) => {
      const program = programOf(request);
      const { number } = await importOf(services, program, request.params.id);
      await services.database.transaction(program, (tx) => cancelImport(tx, program, number, services.clock()));
      return importView(await importOf(services, program, request.params.id));
    },
  );
};
