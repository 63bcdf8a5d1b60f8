import { instantText, instantTextOrNull } from '../../model/instant.ts';
import { Reassessment } from '../../model/reassessment.ts';
import { closed, ref } from '../../model/schema.ts';
import { listReassessments } from '../../store/reassessments.ts';
import { programOf } from '../auth.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { dataPage, keyProblems, listProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

export const reassessmentRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/reassessments',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listReassessments',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'List background passes over the members',
        description:
          'The last first. Every edit of tiers or segments makes one: members are looked at again in the background, those with commands of their own with these. What they enter and leave by it is marked `backfill` and sets off no earn rule.',
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of passes.', ...dataPage(ref(Reassessment)) },
          ...problemResponses(...listProblems, ...keyProblems),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { limit = 20, cursor } = request.query;
      const list = ['reassessments', program];
      const before = numberPositionOf(list, cursor);
      const rows = await services.database.transaction(program, (tx) =>
        listReassessments(tx, program, before, limit + 1),
      );
      return pageOf(
        rows,
        limit,
        list,
        (row) => `${row.revision}`,
        ({ revision, members, done, created_at, finished_at }) => ({
          revision,
          members,
          done,
          created_at: instantText(created_at),
          finished_at: instantTextOrNull(finished_at),
        }),
      );
    },
  );
};
