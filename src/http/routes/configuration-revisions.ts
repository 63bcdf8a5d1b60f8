import { Type } from 'typebox';
import { revertConfiguration } from '../../commands/configuration-document.ts';
import type { Configuration } from '../../model/configuration.ts';
import { ConfigurationDiff, ConfigurationDocument, ConfigurationRevision } from '../../model/configuration-document.ts';
import type { ProgramId } from '../../model/ids.ts';
import { instantText } from '../../model/instant.ts';
import { closed, ref } from '../../model/schema.ts';
import { configurationChanges } from '../../rules/configuration-changes.ts';
import { documentOf } from '../../rules/draft-configuration.ts';
import type { Db } from '../../store/connection.ts';
import { findConfiguration, listRevisions, loadCurrent } from '../../store/programs.ts';
import { programOf } from '../auth.ts';
import { authorOf } from '../author.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { entityTag, etagHeader, ifMatch, preconditionOf, requireIfMatch } from '../preconditions.ts';
import { ProblemError } from '../problem-error.ts';
import { accepted } from '../refused.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

const number = (description: string) => Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description, examples: [1] });

const byRevision = closed({ revision: number('Number of the revision.') });

const existing = (configuration: Configuration | null, revision: number): Configuration => {
  if (configuration === null) throw new ProblemError('not_found', `the program has no revision ${revision}`);
  return configuration;
};

/** The configuration of a revision; without one, that in force. */
const latestOr = async (db: Db, program: ProgramId, revision: number | undefined) => {
  if (revision !== undefined) return { revision, configuration: await findConfiguration(db, program, revision) };
  const { row, configuration } = await loadCurrent(db, program);
  return { revision: row.revision, configuration };
};

export const configurationRevisionRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/config/revisions',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listConfigurationRevisions',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'List revisions of the configuration',
        description: 'Every change of the configuration or the program, the newest first.',
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of revisions.', ...dataPage(ref(ConfigurationRevision)) },
          ...problemResponses(...listProblems, ...keyProblems),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { limit = 20, cursor } = request.query;
      const list = ['revisions', program];
      const before = numberPositionOf(list, cursor);
      const rows = await services.database.read(program, (db) => listRevisions(db, program, before, limit + 1));
      return pageOf(
        rows,
        limit,
        list,
        ({ revision }) => `${revision}`,
        (row) => ({ ...row, created_at: instantText(row.created_at) }),
      );
    },
  );

  app.get(
    '/v1/config/revisions/:revision',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getConfigurationRevision',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'Read the configuration as it was',
        description: 'What was in force in a revision, as a document.',
        params: byRevision,
        response: {
          200: { description: 'The configuration as it was.', ...ref(ConfigurationDocument) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { revision } = request.params;
      const configuration = await services.database.read(program, (db) => findConfiguration(db, program, revision));
      return documentOf(existing(configuration, revision));
    },
  );

  app.get(
    '/v1/config/revisions/:revision/diff',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'compareConfigurationRevisions',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'Compare two revisions',
        description:
          'What changed from a revision to another, in either direction. What only the first has in force is `archived`.',
        params: byRevision,
        querystring: closed({ to: Type.Optional(number('The other revision. Absent: the one in force.')) }),
        response: {
          200: { description: 'How they differ.', ...ref(ConfigurationDiff) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { revision: from } = request.params;
      const [before, after] = await services.database.read(program, (db) =>
        Promise.all([findConfiguration(db, program, from), latestOr(db, program, request.query.to)]),
      );
      const { revision: to, configuration } = after;
      return { from, to, changes: configurationChanges(existing(before, from), existing(configuration, to)) };
    },
  );

  app.post(
    '/v1/config/revisions/:revision/revert',
    {
      config: { scope: 'configure' },
      preValidation: requireIfMatch,
      schema: {
        operationId: 'revertConfiguration',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'Go back to a revision',
        description:
          'Makes the configuration what it was in that revision, as a new one: what came since is archived, what was archived since is put back. Checked like any other change. Name and locale of the program stay.',
        params: byRevision,
        headers: ifMatch,
        response: {
          200: {
            description: 'The configuration as it now stands.',
            headers: etagHeader,
            ...ref(ConfigurationDocument),
          },
          ...problemResponses(
            ...pathProblems,
            ...bodyProblems,
            ...keyProblems,
            'not_found',
            'precondition_failed',
            'precondition_required',
            'invalid_configuration',
          ),
        },
      },
    },
    async (request, reply) => {
      const author = authorOf(services, request);
      const { revision } = request.params;
      const current = accepted(await revertConfiguration(services.database, author, revision, preconditionOf(request)));
      reply.header('etag', entityTag(current.row.revision));
      return documentOf(current.configuration);
    },
  );
};
