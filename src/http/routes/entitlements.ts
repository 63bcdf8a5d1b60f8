import { Type } from 'typebox';
import { EntitlementView, GrantEntitlement, RevokeEntitlement } from '../../model/entitlement.ts';
import { entitlementView } from '../../model/entitlement-view.ts';
import { parseId } from '../../model/ids.ts';
import { limits } from '../../model/limits.ts';
import { memberRef } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { listEntitlements, loadEntitlements } from '../../store/entitlements.ts';
import { loadMoment } from '../../store/programs.ts';
import type { NumberOf } from '../../store/vouchers.ts';
import { programOf } from '../auth.ts';
import type { Call, Named, Prepare } from '../call.ts';
import { idempotencyKey, requiredKeyLike } from '../idempotency.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberItself, memberOf } from '../submit.ts';

export const entitlementId = closed({
  id: Type.String({ maxLength: limits.idLength, description: 'Id of the entitlement.', examples: ['ett_1_3'] }),
});

/** The entitlement an id names, or the answer that there is none. */
const entitlementOf = async (services: Services, call: Call, id: string): Promise<NumberOf> => {
  const program = programOf(call);
  const named = parseId('ett', id);
  const [found] =
    named === null ? [] : await services.database.transaction(program, (tx) => loadEntitlements(tx, program, [named]));
  if (named === null || found === undefined)
    throw new ProblemError('entitlement_not_found', 'the program has no such entitlement');
  return named;
};

export const grantEntitlement: Prepare<unknown, GrantEntitlement> = async (services, call) => {
  const key = idempotencyKey(call, true);
  const member_id = await memberOf(services, call, call.body.member, '/member');
  return { command: { kind: 'grant_entitlement', member_id, request: call.body }, key };
};

export const revokeEntitlement: Prepare<Named, RevokeEntitlement> = async (services, call) => {
  const key = idempotencyKey(call, true);
  const { member: member_id, number } = await entitlementOf(services, call, call.params.id);
  return { command: { kind: 'revoke_entitlement', member_id, number, request: call.body }, key };
};

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
          'What earn rules with the effect `reward` or a person granted, the last first, what was used, has expired or was taken back included. `POST /v1/redemptions` with `reward` and `entitlement` uses one.',
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
      const member = await memberItself(services, request, request.params.id);
      const { limit = 20, cursor } = request.query;
      const list = ['entitlements', program, member];
      const before = numberPositionOf(list, cursor);
      const [rows, { clock }] = await services.database.transaction(program, (tx) =>
        Promise.all([listEntitlements(tx, program, member, before, limit + 1), loadMoment(tx, program)]),
      );
      const now = clock ?? services.clock();
      return pageOf(
        rows,
        limit,
        list,
        ({ number }) => `${number}`,
        (row) => entitlementView(row, member, now),
      );
    },
  );

  app.post(
    '/v1/entitlements',
    {
      config: { scope: 'adjust' },
      schema: {
        operationId: 'grantEntitlement',
        tags: ['rewards'],
        security: [{ apiKey: [] }],
        summary: 'Grant a reward to a member',
        description:
          'By a person, with a reason. The member can have the reward once, for nothing, whatever its price, condition and limits; only its dates and its stock count.',
        headers: requiredKeyLike('grant-m-1001-coffee'),
        body: ref(GrantEntitlement),
        response: {
          201: { description: 'Granted; `Idempotent-Replayed: true` when it was before.', ...ref(EntitlementView) },
          ...problemResponses(
            ...bodyProblems,
            'idempotency_key_required',
            'idempotency_key_invalid',
            'idempotency_key_reused',
            ...keyProblems,
            'member_not_found',
            'member_closed',
            'member_erased',
            'unknown_reward',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, grantEntitlement),
  );

  app.post(
    '/v1/entitlements/:id/revoke',
    {
      config: { scope: 'adjust' },
      schema: {
        operationId: 'revokeEntitlement',
        tags: ['rewards'],
        security: [{ apiKey: [] }],
        summary: 'Take an entitlement back',
        description: 'By a person, with a reason. One that was used is given back by refunding its redemption first.',
        params: entitlementId,
        headers: requiredKeyLike('revoke-ett-1-3'),
        body: ref(RevokeEntitlement),
        response: {
          200: { description: 'Taken back; `Idempotent-Replayed: true` when it was before.', ...ref(EntitlementView) },
          ...problemResponses(
            ...pathProblems,
            ...bodyProblems,
            'idempotency_key_required',
            'idempotency_key_invalid',
            'idempotency_key_reused',
            ...keyProblems,
            'entitlement_not_found',
            'member_not_found',
            'entitlement_used',
            'entitlement_expired',
            'entitlement_revoked',
            'member_erased',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, revokeEntitlement),
  );
};
