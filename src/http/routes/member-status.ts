import { Member, memberRef } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import type { Named, Prepare } from '../call.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberOf } from '../submit.ts';

export const statusActions = [
  {
    path: 'suspend',
    scope: 'write',
    kind: 'suspend_member',
    operationId: 'suspendMember',
    summary: 'Suspend a member',
    description: 'A suspended member earns, but redeems nothing. Suspending twice changes nothing.',
  },
  {
    path: 'reactivate',
    scope: 'write',
    kind: 'reactivate_member',
    operationId: 'reactivateMember',
    summary: 'Reactivate a suspended member',
    description: 'Ends a suspension. A closed membership stays closed.',
  },
  {
    path: 'close',
    scope: 'write',
    kind: 'close_member',
    operationId: 'closeMember',
    summary: 'Close a membership',
    description:
      'For good: a closed member neither earns nor redeems, and what points there are expire, each with a ledger entry.',
  },
  {
    path: 'unfreeze',
    scope: 'adjust',
    kind: 'unfreeze_member',
    operationId: 'unfreezeMember',
    summary: 'Unfreeze a member',
    description:
      'Lets a member redeem and hold points again before `frozen_until`, which an identity that was changed has set (policy `freeze_after_identity_change_hours`). For a person who has made sure that it was the member. What is not frozen stays as it is.',
  },
] as const;

/** A change of a member's status. */
export const changeStatus =
  (kind: (typeof statusActions)[number]['kind']): Prepare<Named> =>
  async (services, call) => {
    const { id } = call.params;
    return { command: { kind, member_id: await memberOf(services, call, id) }, key: null, show: id };
  };

/** Changes of a member's status. */
export const memberStatusRoutes = (app: App, services: Services): void => {
  for (const { path, scope, kind, operationId, summary, description } of statusActions) {
    app.post(
      `/v1/members/:id/${path}`,
      {
        config: { scope },
        schema: {
          operationId,
          tags: ['members'],
          security: [{ apiKey: [] }],
          summary,
          description,
          params: closed({ id: memberRef }),
          response: {
            200: { description: 'The member as it is now.', ...ref(Member) },
            ...problemResponses(
              ...pathProblems,
              ...bodyProblems,
              ...keyProblems,
              'member_not_found',
              'member_closed',
              'member_erased',
              'overloaded',
            ),
          },
        },
      },
      (request, reply) => answer(services, request, reply, changeStatus(kind)),
    );
  }
};
