import { newReferralCode } from '../../commands/referral-code.ts';
import { memberRef } from '../../model/member.ts';
import { ReferralCode } from '../../model/referral.ts';
import { closed, ref } from '../../model/schema.ts';
import type { Named, Prepare } from '../call.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberOf } from '../submit.ts';

const makeReferralCode: Prepare<Named> = async (services, call) => {
  const member_id = await memberOf(services, call, call.params.id);
  return { command: { kind: 'make_referral_code', member_id, code: newReferralCode() }, key: null };
};

export const referralCodeRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/members/:id/referral-code',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'makeReferralCode',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Give a member a referral code',
        description:
          'Makes the code by which others are enrolled on the member’s recommendation (`referred_by`), or answers with the one there is. It stays the same for good and cannot be guessed.',
        params: closed({ id: memberRef }),
        response: {
          200: { description: 'The member’s referral code.', ...ref(ReferralCode) },
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
    (request, reply) => answer(services, request, reply, makeReferralCode),
  );
};
