import { Type } from 'typebox';
import { planDocument, putDocument } from '../../commands/configuration-document.ts';
import { ConfigurationDocument, ConfigurationPlan } from '../../model/configuration-document.ts';
import { ref } from '../../model/schema.ts';
import { documentOf } from '../../rules/draft-configuration.ts';
import { loadCurrent } from '../../store/programs.ts';
import { programOf } from '../auth.ts';
import { authorOf } from '../author.ts';
import { configurationSchema } from '../configuration-schema.ts';
import {
  entityTag,
  etagHeader,
  ifMatch,
  ifNoneMatch,
  isKnown,
  notModified,
  preconditionOf,
  requireIfMatch,
} from '../preconditions.ts';
import { accepted } from '../refused.ts';
import { bodyProblems, keyProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

/** Bytes of a document: what a program may have configured, `CONFIGURATION_CHARACTERS`, fits with its white space. */
const DOCUMENT_BYTES = 8_388_608;

const document = { headers: etagHeader, ...ref(ConfigurationDocument) };

const MEANING =
  'A kind that is there is the whole of it: what it does not name is archived. A kind that is left out stays as it is; `{}` archives all of it.';

export const configurationDocumentRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/config',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getConfiguration',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'Read the configuration as a document',
        description:
          'Everything that is in force, by kind and code, in an order that does not change. `PUT` takes it as it is. Its ETag is the program’s revision.',
        headers: ifNoneMatch,
        response: {
          200: { description: 'The configuration as it stands.', ...document },
          304: Type.Null({ description: 'It is still as the ETag in `If-None-Match` says.' }),
          ...problemResponses('invalid_request', ...keyProblems),
        },
      },
    },
    async (request, reply) => {
      const program = programOf(request);
      const { row, configuration } = await services.database.read(program, (db) => loadCurrent(db, program));
      if (isKnown(request, reply, row.revision)) return notModified(reply);
      return documentOf(configuration);
    },
  );

  app.put(
    '/v1/config',
    {
      config: { scope: 'configure' },
      bodyLimit: DOCUMENT_BYTES,
      preValidation: requireIfMatch,
      schema: {
        operationId: 'putConfiguration',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'Make the configuration what a document says',
        description: `All of it in one revision, or nothing. ${MEANING} Resources whose body is the same keep their revision; when nothing changes at all, so does the program. It is checked as single resources are, and \`invalid_configuration\` lists every fault by its pointer into the document.`,
        headers: ifMatch,
        body: ref(ConfigurationDocument),
        response: {
          200: { description: 'The configuration as it now stands.', ...document },
          ...problemResponses(
            ...bodyProblems,
            ...keyProblems,
            'precondition_failed',
            'precondition_required',
            'invalid_configuration',
          ),
        },
      },
    },
    async (request, reply) => {
      const author = authorOf(services, request);
      const found = await services.checkDestinations(request.body.streams ?? {});
      const putting = putDocument(services.database, author, request.body, preconditionOf(request), found);
      const current = accepted(await putting);
      reply.header('etag', entityTag(current.row.revision));
      return documentOf(current.configuration);
    },
  );

  app.post(
    '/v1/config/plan',
    {
      config: { scope: 'read' },
      bodyLimit: DOCUMENT_BYTES,
      schema: {
        operationId: 'planConfiguration',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'See what a document would change',
        description: `What \`PUT\` of this document would create, change, revive and archive, value by value, and every fault for which it would refuse; and, of a document without fault, how many members would change segment or tier, and some of them. Nothing is changed. ${MEANING}`,
        body: ref(ConfigurationDocument),
        response: {
          200: { description: 'What would come of it.', ...ref(ConfigurationPlan) },
          ...problemResponses(...bodyProblems, ...keyProblems),
        },
      },
    },
    async (request) => {
      const found = await services.checkDestinations(request.body.streams ?? {});
      return planDocument(services.database, programOf(request), request.body, services.clock(), found);
    },
  );

  app.get(
    '/v1/config/schema',
    {
      config: { scope: 'none' },
      schema: {
        operationId: 'getConfigurationSchema',
        tags: ['configuration'],
        security: [],
        summary: 'The schema of the document, for editors',
        description:
          'JSON Schema 2020-12 of what `PUT /v1/config` takes, on its own. Needs no key: an editor finds it under the `$schema` of a document.',
        response: {
          200: { description: 'A JSON Schema.', ...Type.Object({}, { additionalProperties: true }) },
          ...problemResponses('malformed_request'),
        },
      },
    },
    async () => configurationSchema,
  );
};
