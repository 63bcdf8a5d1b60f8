import type { MemberId } from '../../model/ids.ts';
import { CaptureRedemption, RedemptionAnswer, RefundRedemption } from '../../model/redemption.ts';
import { closed, ref } from '../../model/schema.ts';
import { callerId } from '../../model/text.ts';
import { memberOfRedemption } from '../../store/redemption-reads.ts';
import { programOf } from '../auth.ts';
import type { Call, Named, Prepare } from '../call.ts';
import { idempotencyKey, optionalKey, requiredKeyLike } from '../idempotency.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer } from '../submit.ts';

export const redemptionId = closed({ id: callerId('The caller’s own id of the redemption.', 'r-2026-0001') });

const ownerOf = async (services: Services, call: Call, id: string): Promise<MemberId> => {
  const program = programOf(call);
  const member = await services.database.transaction(program, (tx) => memberOfRedemption(tx, program, id));
  if (member === null) throw new ProblemError('redemption_not_found', `there is no redemption ${id}`);
  return member;
};

const keyed = [
  'idempotency_key_required',
  'idempotency_key_invalid',
  'idempotency_key_reused',
  'redemption_not_found',
  'member_not_found',
  'member_erased',
  'overloaded',
] as const;

const redemptionLife = (description: string) => ({
  description: `${description}; \`Idempotent-Replayed: true\` when it was before.`,
  ...ref(RedemptionAnswer),
});

export const captureRedemption: Prepare<Named, CaptureRedemption> = async (services, call) => {
  const key = idempotencyKey(call, true);
  const { id } = call.params;
  const member_id = await ownerOf(services, call, id);
  return { command: { kind: 'capture_redemption', member_id, id, request: call.body }, key };
};

export const voidRedemption: Prepare<Named> = async (services, call) => {
  const key = idempotencyKey(call);
  const { id } = call.params;
  return { command: { kind: 'void_redemption', member_id: await ownerOf(services, call, id), id }, key };
};

export const refundRedemption: Prepare<Named, RefundRedemption> = async (services, call) => {
  const key = idempotencyKey(call, true);
  const { id } = call.params;
  const member_id = await ownerOf(services, call, id);
  return { command: { kind: 'refund_redemption', member_id, id, request: call.body }, key };
};

export const redemptionLifeRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/redemptions/:id/capture',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'captureRedemption',
        tags: ['redemptions'],
        security: [{ apiKey: [] }],
        summary: 'Capture a hold',
        description:
          'Spends points that are held: all of them, or `points` of them, those taken first; the rest is released in the same step. Points that come back into a lot that has expired meanwhile expire, unless the program gives grace (`expired_refund_grace_days`). A reward is captured whole, and issues its voucher then. A hold past its time is `redemption_lapsed`. `POST /v1/purchases` captures in one step with a purchase.',
        params: redemptionId,
        headers: requiredKeyLike('capture-r-2026-0001'),
        body: ref(CaptureRedemption),
        response: {
          200: redemptionLife('Captured'),
          ...problemResponses(
            ...bodyProblems,
            ...pathProblems,
            ...keyProblems,
            ...keyed,
            'redemption_captured',
            'redemption_voided',
            'redemption_lapsed',
            'redemption_refunded',
            'capture_exceeds_hold',
            'reward_not_divisible',
            'reward_out_of_stock',
            'too_many_vouchers',
            'member_suspended',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, captureRedemption),
  );

  app.post(
    '/v1/redemptions/:id/void',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'voidRedemption',
        tags: ['redemptions'],
        security: [{ apiKey: [] }],
        summary: 'Void a hold',
        description:
          'Releases the points that are held, into the very lots they were taken from. What has expired meanwhile expires, unless the program gives grace. What was captured is refunded instead.',
        params: redemptionId,
        headers: optionalKey,
        response: {
          200: redemptionLife('Voided'),
          ...problemResponses(
            ...bodyProblems,
            ...pathProblems,
            ...keyProblems,
            'idempotency_key_invalid',
            'idempotency_key_reused',
            'redemption_not_found',
            'member_not_found',
            'member_erased',
            'redemption_captured',
            'redemption_voided',
            'redemption_lapsed',
            'redemption_refunded',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, voidRedemption),
  );

  app.post(
    '/v1/redemptions/:id/refund',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'refundRedemption',
        tags: ['redemptions'],
        security: [{ apiKey: [] }],
        summary: 'Refund a redemption',
        description:
          'Gives back points that were captured: all that are left, or `points` of them, those taken last first. They go into the very lots they came from and keep their expiry; what has expired meanwhile expires, unless the program gives grace: then it lives `expired_refund_grace_days` more. Parts add up to the whole, never to more than was captured. A reward is refunded whole: its stock, the member’s limit and the entitlement come back, and its voucher is cancelled; one that was used is `voucher_used`.',
        params: redemptionId,
        headers: requiredKeyLike('refund-r-2026-0001'),
        body: ref(RefundRedemption),
        response: {
          200: redemptionLife('Refunded'),
          ...problemResponses(
            ...bodyProblems,
            ...pathProblems,
            ...keyProblems,
            ...keyed,
            'redemption_held',
            'redemption_voided',
            'redemption_lapsed',
            'redemption_refunded',
            'refund_exceeds_captured',
            'reward_not_divisible',
            'voucher_used',
            'member_closed',
            'member_erased',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, refundRedemption),
  );
};
