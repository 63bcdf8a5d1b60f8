import { memberRef } from '../../model/member.ts';
import { OpenBalance, OpeningAnswer } from '../../model/opening-balance.ts';
import { closed, ref } from '../../model/schema.ts';
import type { Named, Prepare } from '../call.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberOf } from '../submit.ts';

export const openBalance: Prepare<Named, OpenBalance> = async (services, call) => {
  const member_id = await memberOf(services, call, call.params.id);
  return { command: { kind: 'open_balance', member_id, request: call.body }, key: null };
};

export const openingBalanceRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/members/:id/opening-balance',
    {
      config: { scope: 'adjust' },
      schema: {
        operationId: 'openBalance',
        tags: ['moving'],
        security: [{ apiKey: [] }],
        summary: 'Take over what a member had of a wallet elsewhere',
        description:
          'The points of the system that is left, lot by lot with their own dates, to the point: they are spent, announced and expire like any other. Lots that have expired by now are taken over and expire at once, told as `backfill`; a lot that expires sooner than the notice is not announced again. Tiers are held since their date and not lost before theirs, whatever the conditions say. Totals that conditions read come with `lifetime`. No earn rule is set off, and every event says `backfill`. Once for each member and wallet: the same content again gets the first answer again, other content is `opening_balance_conflict`. Points the member has here already stay. At most 1,000 lots.',
        params: closed({ id: memberRef }),
        body: ref(OpenBalance),
        response: {
          201: { description: 'Recorded; `Idempotent-Replayed: true` when it was before.', ...ref(OpeningAnswer) },
          ...problemResponses(
            ...pathProblems,
            ...bodyProblems,
            ...keyProblems,
            'member_not_found',
            'member_closed',
            'opening_balance_conflict',
            'invalid_opening_balance',
            'unknown_wallet',
            'number_too_large',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, openBalance),
  );
};
