import { createKey } from '../../commands/api-keys.ts';
import { createProgram, programView } from '../../commands/programs.ts';
import { CreateKey, CreateProgram, NewApiKey, NewProgram, Program } from '../../model/program.ts';
import { closed, ref } from '../../model/schema.ts';
import { findProgram, listPrograms } from '../../store/programs.ts';
import { keyAuthor } from '../author.ts';
import { pageOf, pageQuery, positionOf } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { accepted } from '../refused.ts';
import {
  bodyProblems,
  dataPage,
  listProblems,
  operatorProblems,
  pathProblems,
  problemResponses,
} from '../responses.ts';
import type { App, Services } from '../services.ts';

export const operatorRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/programs',
    {
      config: { scope: 'operator' },
      schema: {
        operationId: 'listPrograms',
        tags: ['operator'],
        security: [{ operatorKey: [] }],
        summary: 'List programs',
        description: 'All programs of the deployment, in the order of their codes.',
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of programs.', ...dataPage(ref(Program)) },
          ...problemResponses(...listProblems, ...operatorProblems),
        },
      },
    },
    async (request) => {
      const { limit = 20, cursor } = request.query;
      const list = ['programs'];
      const after = positionOf(list, cursor);
      const rows = await services.database.observe((db) => listPrograms(db, after, limit + 1));
      return pageOf(
        rows,
        limit,
        list,
        (row) => row.code,
        (row) => programView(row, row.policies),
      );
    },
  );

  app.post(
    '/v1/programs',
    {
      config: { scope: 'operator' },
      schema: {
        operationId: 'createProgram',
        tags: ['operator'],
        security: [{ operatorKey: [] }],
        summary: 'Create a program',
        description:
          'With a wallet `points`, no rule, and a first key of all scopes, whose secret is shown in this answer and never again. Currency and time zone stay as they are given. A sandbox program has a clock of its own, which stands until it is moved and governs points, tiers, segments and everything else the engine does; keys, stored answers and rate limits keep real time.',
        body: ref(CreateProgram),
        response: {
          201: { description: 'The program and its first key.', ...ref(NewProgram) },
          ...problemResponses(
            ...bodyProblems,
            ...operatorProblems,
            'code_taken',
            'not_a_sandbox',
            'clock_out_of_range',
          ),
        },
      },
    },
    async (request, reply) => {
      const { program, key } = accepted(
        await createProgram(services.database, request.body, keyAuthor(request), services.clock()),
      );
      return reply.code(201).send({ program, key });
    },
  );

  app.post(
    '/v1/programs/:code/keys',
    {
      config: { scope: 'operator' },
      schema: {
        operationId: 'createProgramKey',
        tags: ['operator'],
        security: [{ operatorKey: [] }],
        summary: 'Create an API key of a program',
        description:
          'Any scopes, for any program: also the way back in when all its keys are lost. The secret is shown in this answer and never again.',
        params: closed({ code: Program.properties.code }),
        body: ref(CreateKey),
        response: {
          201: { description: 'The key with its secret.', ...ref(NewApiKey) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...operatorProblems, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const { code } = request.params;
      const program = await services.database.observe((db) => findProgram(db, code));
      if (program === null) throw new ProblemError('not_found', `there is no program ${code}`);
      const key = await services.database.transaction(program, (tx) =>
        createKey(tx, program, request.body, keyAuthor(request), services.clock()),
      );
      return reply.code(201).send(key);
    },
  );
};
