import { memberView } from '../../commands/member-view.ts';
import { LookupMember, Member, memberId, memberRef, PatchMember, PutMember } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { programOf } from '../auth.ts';
import type { Call, Named, Prepare, Prepared } from '../call.ts';
import { memberNotFound } from '../problem-error.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberText, sendText } from '../submit.ts';

const byId = closed({ id: memberId });
const byRef = closed({ id: memberRef });
const member = { description: 'The member as it is now.', ...ref(Member) };

/** Why what is known about a member may not be written. */
const writeProblems = [
  'member_closed',
  'member_erased',
  'identity_taken',
  'invalid_identity',
  'unknown_attribute',
  'invalid_attribute',
  'too_many_items',
  'occurred_in_future',
  'overloaded',
] as const;

/** Enrols or updates under the caller's id, then answers with the member as it is now. */
const put = async (services: Services, call: Call<Named, PutMember>, replace: boolean): Promise<Prepared> => {
  const { id } = call.params;
  const existing = await services.resolver.find(programOf(call), { kind: 'id', value: id });
  if (existing === null && !replace) throw memberNotFound();
  const command = { kind: 'put_member', member_id: existing, external_id: id, body: call.body, replace } as const;
  return { command, key: null, show: id };
};

export const putMember: Prepare<Named, PutMember> = (services, call) => put(services, call, true);

export const patchMember: Prepare<Named, PatchMember> = (services, call) => put(services, call, false);

export const memberRoutes = (app: App, services: Services): void => {
  app.put(
    '/v1/members/:id',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'putMember',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Enrol or update a member',
        description:
          'Enrols the member under the caller’s id, or replaces what is known about them: what is absent is cleared. Safe to repeat. Guests’ purchases of identities that are new to the member become the member’s, the oldest 100 of those made within `guest_claim_days`: with their points, as old as they are, and less what came back meanwhile. The answer shows them as a rule; should this instance end in between, they follow within a minute.',
        params: byId,
        body: ref(PutMember),
        response: {
          200: member,
          201: { ...member, description: 'The member was enrolled.' },
          ...problemResponses(
            ...pathProblems,
            ...bodyProblems,
            ...keyProblems,
            ...writeProblems,
            'unknown_referral_code',
            'own_referral_code',
            'already_enrolled',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, putMember),
  );

  app.patch(
    '/v1/members/:id',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'patchMember',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Change a member',
        description:
          'Changes what is given: absent is unchanged, null is cleared. A list of identities replaces the list there was; those that are new bring guests’ purchases along, as in PUT.',
        params: byId,
        body: ref(PatchMember),
        response: {
          200: member,
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'member_not_found', ...writeProblems),
        },
      },
    },
    (request, reply) => answer(services, request, reply, patchMember),
  );

  app.get(
    '/v1/members/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getMember',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Read a member',
        description:
          'Everything a checkout page shows in one read: profile, balances by wallet, points that expire soon, tiers and what is missing to the next.',
        params: byRef,
        response: {
          200: member,
          ...problemResponses(...pathProblems, ...keyProblems, 'member_not_found', 'member_erased'),
        },
      },
    },
    async (request, reply) => sendText(reply, 200, await memberText(services, request, request.params.id)),
  );

  app.post(
    '/v1/members/lookup',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'lookupMember',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Find a member by an identity',
        description: 'For identities that are personal, such as an e-mail address, and must not stand in a URL.',
        body: ref(LookupMember),
        response: {
          200: member,
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request, reply) => {
      const { kind, value } = request.body.identity;
      const found = await services.members.find(programOf(request), {
        kind,
        value: kind === 'email' ? value.toLowerCase() : value,
      });
      if (found === null) throw memberNotFound('/identity');
      return sendText(reply, 200, JSON.stringify(memberView(found)));
    },
  );
};
