import { Type } from 'typebox';
import { parseId } from '../../model/ids.ts';
import { instantText, instantTextOrNull } from '../../model/instant.ts';
import { memberId } from '../../model/member.ts';
import { MergeAnswer, MergeMember, MergeView, UnmergeMember } from '../../model/merge.ts';
import { closed, ref } from '../../model/schema.ts';
import { findMerge } from '../../store/merges.ts';
import { programOf } from '../auth.ts';
import type { Named, Prepare } from '../call.ts';
import { idempotencyKey, requiredKeyLike } from '../idempotency.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberItself, memberOf } from '../submit.ts';

const byId = closed({ id: memberId });
const answers = { description: 'Recorded; `Idempotent-Replayed: true` when it was before.', ...ref(MergeAnswer) };

const writeProblems = [
  ...pathProblems,
  ...bodyProblems,
  'idempotency_key_required',
  'idempotency_key_invalid',
  ...keyProblems,
  'member_not_found',
  'member_closed',
  'idempotency_key_reused',
  'number_too_large',
  'overloaded',
] as const;

export const mergeMember: Prepare<Named, MergeMember> = async (services, call) => {
  const { body, params } = call;
  const key = idempotencyKey(call, true);
  const [member_id, into] = await Promise.all([
    memberItself(services, call, params.id),
    memberOf(services, call, body.into, '/into'),
  ]);
  return { command: { kind: 'merge_member', member_id, into, request: body }, key };
};

export const unmergeMember: Prepare<Named, UnmergeMember> = async (services, call) => {
  const key = idempotencyKey(call, true);
  const member_id = await memberItself(services, call, call.params.id);
  return { command: { kind: 'unmerge_member', member_id, request: call.body }, key };
};

export const mergeRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/members/:id/merge',
    {
      config: { scope: 'adjust' },
      schema: {
        operationId: 'mergeMember',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Merge a member into another',
        description:
          'For a person who was enrolled twice: the member of the path goes, the one of `into` stays, both in one step or neither. Points keep when they were earned, when they expire and what they are worth; points whose expiry slides keep the instant they have. Debt passes, too, and what was bought, earned and used up of limits counts for the one who stays, who has the higher tier of both from then on. No earn rule is set off. The id, the identities and the referral code of the one who goes lead to the other: reads and later reports under them are the other’s. What was recorded before stays listed under the old id, and late returns, refunds and uses of vouchers of it work as before, at the expense or for the benefit of the one who stays. Refused while a redemption holds points of the one who goes. Only by the caller’s own id of the one who goes. The key’s scope is the one who goes.',
        headers: requiredKeyLike('5b0a4c66-8d0f-4f7d-a1f5-0c9c5f0f7d21'),
        params: byId,
        body: ref(MergeMember),
        response: {
          201: answers,
          ...problemResponses(
            ...writeProblems,
            'member_merged',
            'member_suspended',
            'points_held',
            'too_many_merged',
            'too_many_identities',
            'same_member',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, mergeMember),
  );

  app.post(
    '/v1/members/:id/unmerge',
    {
      config: { scope: 'adjust' },
      schema: {
        operationId: 'unmergeMember',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Part a merged member from the other again',
        description:
          'Undoes a merge: points go back into the lots they came from, sums, counters, tiers and segments of both are as they were, and the id and the identities lead to the member again. What came since stays with the one who stayed. Refused, with the reason, once points that the member brought were spent, held or taken back or have expired, and while the other is itself merged into a third. Named is the one who was merged.',
        headers: requiredKeyLike('e2b6a7a0-6f0e-43c8-9a53-4dd0e0f6b1c8'),
        params: byId,
        body: ref(UnmergeMember),
        response: {
          201: answers,
          ...problemResponses(...writeProblems, 'member_not_merged', 'merged_further', 'merged_points_spent'),
        },
      },
    },
    (request, reply) => answer(services, request, reply, unmergeMember),
  );

  app.get(
    '/v1/merges/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getMerge',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Read a merge',
        description:
          'Who was merged into whom, and whether they were parted. Ledger entries and events of both sides name the merge.',
        params: closed({
          id: Type.String({
            pattern: '^mrg_[0-9a-z]{1,11}_[0-9a-z]{1,6}$',
            description: 'Id of the merge.',
            examples: ['mrg_2s_7'],
          }),
        }),
        response: {
          200: { description: 'The merge.', ...ref(MergeView) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const id = parseId('mrg', request.params.id);
      const found =
        id === null
          ? null
          : await services.database.transaction(program, (tx) =>
              findMerge(tx, program, { source: id.member, ordinal: id.number }),
            );
      if (found === null) throw new ProblemError('not_found', 'there is no such merge');
      const { merged_at, unmerged_at } = found;
      return {
        id: request.params.id,
        ...found,
        merged_at: instantText(merged_at),
        unmerged_at: instantTextOrNull(unmerged_at),
      };
    },
  );
};
