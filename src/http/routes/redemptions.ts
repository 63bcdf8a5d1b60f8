import { memberRef } from '../../model/member.ts';
import { CreateRedemption, Redemption, RedemptionAnswer } from '../../model/redemption.ts';
import { closed, ref } from '../../model/schema.ts';
import { callerId } from '../../model/text.ts';
import { findRedemption, listRedemptions, redemptionView } from '../../store/redemption-reads.ts';
import { programOf } from '../auth.ts';
import { idempotencyKey, optionalKey } from '../idempotency.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberOf } from '../submit.ts';

export const redemptionRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/redemptions',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'redeemPoints',
        tags: ['redemptions'],
        security: [{ apiKey: [] }],
        summary: 'Redeem points',
        description:
          'Takes any number of available points at once, from the lots soonest to expire, then oldest; the answer names them. Too few points are `insufficient_points` with what is missing. The same id and content again gets the first answer again.',
        headers: optionalKey,
        body: ref(CreateRedemption),
        response: {
          201: { description: 'Redeemed; `Idempotent-Replayed: true` when it was before.', ...ref(RedemptionAnswer) },
          ...problemResponses(
            ...bodyProblems,
            'idempotency_key_invalid',
            ...keyProblems,
            'member_not_found',
            'insufficient_points',
            'member_suspended',
            'member_closed',
            'redemption_conflict',
            'idempotency_key_reused',
            'unknown_wallet',
            'wallet_not_redeemable',
            'overloaded',
          ),
        },
      },
    },
    async (request, reply) => {
      const key = idempotencyKey(request);
      const member_id = await memberOf(services, request, request.body.member, '/member');
      return answer(services, request, reply, { kind: 'redeem_points', member_id, request: request.body }, key);
    },
  );

  app.get(
    '/v1/redemptions/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getRedemption',
        tags: ['redemptions'],
        security: [{ apiKey: [] }],
        summary: 'Read a redemption',
        description: 'The redemption as recorded, with the lots it took from.',
        params: closed({ id: callerId('The caller’s own id of the redemption.', 'r-2026-0001') }),
        response: {
          200: { description: 'The redemption.', ...ref(Redemption) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const found = await services.database.transaction(program, (tx) =>
        findRedemption(tx, program, request.params.id),
      );
      if (found === null) throw new ProblemError('not_found', 'no redemption of this id was recorded');
      return redemptionView(found);
    },
  );

  app.get(
    '/v1/members/:id/redemptions',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listRedemptions',
        tags: ['redemptions'],
        security: [{ apiKey: [] }],
        summary: 'List a member’s redemptions',
        description: 'The last recorded first.',
        params: closed({ id: memberRef }),
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of redemptions.', ...dataPage(ref(Redemption)) },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const member = await memberOf(services, request, request.params.id);
      const { limit = 20, cursor } = request.query;
      const list = ['redemptions', program, member];
      const before = numberPositionOf(list, cursor);
      const rows = await services.database.transaction(program, (tx) =>
        listRedemptions(tx, program, member, before, limit + 1),
      );
      return pageOf(rows, limit, list, (row) => `${row.ordinal}`, redemptionView);
    },
  );
};
