import type { Static } from 'typebox';
import { Member, memberRef } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { code } from '../../model/text.ts';
import { SetTier } from '../../model/tier.ts';
import type { Prepare } from '../call.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberOf } from '../submit.ts';

export const tierOfMember = closed({ id: memberRef, scheme: code('Code of the tier scheme.', 'status') });
const problems = [
  ...pathProblems,
  ...bodyProblems,
  ...keyProblems,
  'member_not_found',
  'member_erased',
  'overloaded',
] as const;

type OfMember = Static<typeof tierOfMember>;

export const setMemberTier: Prepare<OfMember, SetTier> = async (services, call) => {
  const { id, scheme } = call.params;
  const member_id = await memberOf(services, call, id);
  return { command: { kind: 'set_tier', member_id, scheme, request: call.body }, key: null, show: id };
};

export const liftMemberTier: Prepare<OfMember> = async (services, call) => {
  const { id, scheme } = call.params;
  const member_id = await memberOf(services, call, id);
  return { command: { kind: 'lift_tier', member_id, scheme }, key: null, show: id };
};

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
        params: tierOfMember,
        body: ref(SetTier),
        response: {
          200: { description: 'The member as it is now.', ...ref(Member) },
          ...problemResponses(
            ...problems,
            'not_found',
            'member_closed',
            'member_erased',
            'unknown_tier',
            'not_in_future',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, setMemberTier),
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
        params: tierOfMember,
        response: {
          200: { description: 'The member as it is now.', ...ref(Member) },
          ...problemResponses(...problems),
        },
      },
    },
    (request, reply) => answer(services, request, reply, liftMemberTier),
  );
};
