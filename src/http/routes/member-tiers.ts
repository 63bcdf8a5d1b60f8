import { Member, memberRef } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { code } from '../../model/text.ts';
import { SetTier } from '../../model/tier.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { memberOf, sendText, submit } from '../submit.ts';
import { show } from './members.ts';

const params = closed({ id: memberRef, scheme: code('Code of the tier scheme.', 'status') });
const problems = [...pathProblems, ...bodyProblems, ...keyProblems, 'member_not_found', 'overloaded'] as const;

/** Tiers given by hand. */
export const memberTierRoutes = (app: App, services: Services): void => {
  app.put(
    '/v1/members/:id/tiers/:scheme',
    {
      config: { scope: 'adjust' },
      schema: {
        operationId: 'setMemberTier',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Give a tier by hand',
        description:
          'The member is not below this tier of the scheme before `until`, whatever the conditions say; a higher one is still entered. Reason and actor are kept beside the history. The same again changes nothing but the note.',
        params,
        body: ref(SetTier),
        response: {
          200: { description: 'The member as it is now.', ...ref(Member) },
          ...problemResponses(...problems, 'not_found', 'member_closed', 'unknown_tier', 'not_in_future'),
        },
      },
    },
    async (request, reply) => {
      const member_id = await memberOf(services, request, request.params.id);
      const { scheme } = request.params;
      const outcome = await submit(
        services,
        request,
        { kind: 'set_tier', member_id, scheme, request: request.body },
        null,
      );
      if (outcome.status >= 400) return sendText(reply, outcome.status, outcome.body);
      return show(services, request, reply, request.params.id);
    },
  );
  app.delete(
    '/v1/members/:id/tiers/:scheme',
    {
      config: { scope: 'adjust' },
      schema: {
        operationId: 'liftMemberTier',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Take back a tier given by hand',
        description:
          'From now on the conditions decide again, minimum stay and grace included. Nothing by hand: nothing changes.',
        params,
        response: {
          200: { description: 'The member as it is now.', ...ref(Member) },
          ...problemResponses(...problems),
        },
      },
    },
    async (request, reply) => {
      const member_id = await memberOf(services, request, request.params.id);
      const outcome = await submit(
        services,
        request,
        { kind: 'lift_tier', member_id, scheme: request.params.scheme },
        null,
      );
      if (outcome.status >= 400) return sendText(reply, outcome.status, outcome.body);
      return show(services, request, reply, request.params.id);
    },
  );
};
