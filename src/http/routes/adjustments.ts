import { AdjustmentAnswer, CreateAdjustment } from '../../model/adjustment.ts';
import { ref } from '../../model/schema.ts';
import type { Prepare } from '../call.ts';
import { idempotencyKey, requiredKey } from '../idempotency.ts';
import { bodyProblems, keyProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberOf } from '../submit.ts';

export const adjustPoints: Prepare<unknown, CreateAdjustment> = async (services, call) => {
  const key = idempotencyKey(call, true);
  const member_id = await memberOf(services, call, call.body.member, '/member');
  return { command: { kind: 'adjust_points', member_id, request: call.body }, key };
};

export const adjustmentRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/adjustments',
    {
      config: { scope: 'adjust' },
      schema: {
        operationId: 'adjustPoints',
        tags: ['adjustments'],
        security: [{ apiKey: [] }],
        summary: 'Give or take points',
        description:
          'By a person, with a reason. Points given are available at once and first pay back debt. Points taken come from the lots soonest to expire; when too few are available the adjustment is refused, unless `allow_debt` lets the rest become debt.',
        headers: requiredKey,
        body: ref(CreateAdjustment),
        response: {
          201: { description: 'Recorded; `Idempotent-Replayed: true` when it was before.', ...ref(AdjustmentAnswer) },
          ...problemResponses(
            ...bodyProblems,
            'idempotency_key_required',
            'idempotency_key_invalid',
            ...keyProblems,
            'member_not_found',
            'insufficient_points',
            'member_closed',
            'member_erased',
            'idempotency_key_reused',
            'unknown_wallet',
            'expiry_in_past',
            'number_too_large',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, adjustPoints),
  );
};
