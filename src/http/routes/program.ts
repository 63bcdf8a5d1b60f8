import { Type } from 'typebox';
import { patchProgram } from '../../commands/edit-program.ts';
import { programView } from '../../commands/programs.ts';
import { PatchProgram, Program } from '../../model/program.ts';
import { ref } from '../../model/schema.ts';
import { type CurrentProgram, loadCurrent } from '../../store/programs.ts';
import { programOf } from '../auth.ts';
import { authorOf } from '../author.ts';
import {
  entityTag,
  etagHeader,
  ifMatchOptional,
  ifNoneMatch,
  isKnown,
  notModified,
  preconditionOf,
} from '../preconditions.ts';
import { accepted } from '../refused.ts';
import { bodyProblems, keyProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

const program = { description: 'The program as it stands.', headers: etagHeader, ...ref(Program) };

const viewOf = ({ row, configuration }: CurrentProgram): Program => programView(row, configuration.policies);

export const programRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/program',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getProgram',
        tags: ['program'],
        security: [{ apiKey: [] }],
        summary: 'Read the program',
        description:
          'The program of the key. Its ETag is its revision, which grows with every change of the configuration.',
        headers: ifNoneMatch,
        response: {
          200: program,
          304: Type.Null({ description: 'It is still as the ETag in `If-None-Match` says.' }),
          ...problemResponses('invalid_request', ...keyProblems),
        },
      },
    },
    async (request, reply) => {
      const id = programOf(request);
      const current = await services.database.read(id, (db) => loadCurrent(db, id));
      if (isKnown(request, reply, current.row.revision)) return notModified(reply);
      return viewOf(current);
    },
  );

  app.patch(
    '/v1/program',
    {
      config: { scope: 'configure' },
      schema: {
        operationId: 'patchProgram',
        tags: ['program'],
        security: [{ apiKey: [] }],
        summary: 'Change the program',
        description:
          'Changes its name, locale and policies; what is absent stays. Policies hold for what is reported from now on. With `If-Match` only if the program is still in that revision.',
        headers: ifMatchOptional,
        body: ref(PatchProgram),
        response: {
          200: program,
          ...problemResponses(...bodyProblems, ...keyProblems, 'precondition_failed', 'invalid_configuration'),
        },
      },
    },
    async (request, reply) => {
      const author = authorOf(services, request);
      const current = accepted(await patchProgram(services.database, author, request.body, preconditionOf(request)));
      reply.header('etag', entityTag(current.row.revision));
      return viewOf(current);
    },
  );
};
