import { EntitlementView } from '../../model/entitlement.ts';
import { makeId } from '../../model/ids.ts';
import { instantText, instantTextOrNull } from '../../model/instant.ts';
import { memberRef } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { listEntitlements } from '../../store/entitlements.ts';
import { programOf } from '../auth.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { memberOf } from '../submit.ts';

export const entitlementRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/members/:id/entitlements',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listEntitlements',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'List the rewards granted to a member',
        description:
          'What earn rules with the effect `reward` granted, the last first, what has expired or was taken back included.',
        params: closed({ id: memberRef }),
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of entitlements.', ...dataPage(ref(EntitlementView)) },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const member = await memberOf(services, request, request.params.id);
      const { limit = 20, cursor } = request.query;
      const list = ['entitlements', program, member];
      const before = numberPositionOf(list, cursor);
      const rows = await services.database.transaction(program, (tx) =>
        listEntitlements(tx, program, member, before, limit + 1),
      );
      return pageOf(
        rows,
        limit,
        list,
        ({ number }) => `${number}`,
        ({ number, ...row }) => ({
          id: makeId('ett', member, number),
          reward: row.reward,
          rule: row.rule,
          cause: row.cause,
          cause_id: row.cause_id,
          granted_at: instantText(row.granted_at),
          recorded_at: instantText(row.recorded_at),
          expires_at: instantTextOrNull(row.expires_at),
          revoked_at: instantTextOrNull(row.revoked_at ?? null),
          revision: row.revision,
        }),
      );
    },
  );
};
