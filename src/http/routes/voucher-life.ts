import type { Static } from 'typebox';
import { ref } from '../../model/schema.ts';
import { CancelVoucher, UseVoucher, UseVoucherCode, Voucher } from '../../model/voucher.ts';
import type { Named, Prepare } from '../call.ts';
import { idempotencyKey, optionalKey } from '../idempotency.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer } from '../submit.ts';
import { nameOf, voucherId, voucherOf, voucherWith } from './voucher-of.ts';

const ended = [
  'idempotency_key_invalid',
  'idempotency_key_reused',
  'voucher_not_found',
  'member_not_found',
  'voucher_used',
  'voucher_lapsed',
  'voucher_cancelled',
  'member_erased',
  'overloaded',
] as const;

const used =
  'Sent again with the same `purchase` it is the same use, and gets the same answer; without one, an `Idempotency-Key` makes a repetition safe. Vouchers of suspended and closed members can be used.';

export const useVoucher: Prepare<Named, UseVoucher> = async (services, call) => {
  const key = idempotencyKey(call);
  const { member: member_id, number } = nameOf(await voucherOf(services, call, call.params.id));
  return { command: { kind: 'use_voucher', member_id, number, request: call.body }, key };
};

export const useVoucherCode: Prepare<unknown, Static<typeof UseVoucherCode>> = async (services, call) => {
  const key = idempotencyKey(call);
  const { code, ...request } = call.body;
  const { member: member_id, number } = nameOf(await voucherWith(services, call, code));
  return { command: { kind: 'use_voucher', member_id, number, request }, key };
};

export const cancelVoucher: Prepare<Named, CancelVoucher> = async (services, call) => {
  const key = idempotencyKey(call);
  const { member: member_id, number } = nameOf(await voucherOf(services, call, call.params.id));
  return { command: { kind: 'cancel_voucher', member_id, number, request: call.body }, key };
};

export const voucherLifeRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/vouchers/:id/use',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'useVoucher',
        tags: ['vouchers'],
        security: [{ apiKey: [] }],
        summary: 'Use a voucher',
        description: `Once, before it expires. ${used}`,
        params: voucherId,
        headers: optionalKey,
        body: ref(UseVoucher),
        response: {
          200: { description: 'Used.', ...ref(Voucher) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, ...ended),
        },
      },
    },
    (request, reply) => answer(services, request, reply, useVoucher),
  );

  app.post(
    '/v1/vouchers/use',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'useVoucherCode',
        tags: ['vouchers'],
        security: [{ apiKey: [] }],
        summary: 'Use a voucher by its code',
        description: `As at a till, where somebody shows the code. ${used}`,
        headers: optionalKey,
        body: ref(UseVoucherCode),
        response: {
          200: { description: 'Used.', ...ref(Voucher) },
          ...problemResponses(...bodyProblems, ...keyProblems, ...ended),
        },
      },
    },
    (request, reply) => answer(services, request, reply, useVoucherCode),
  );

  app.post(
    '/v1/vouchers/:id/cancel',
    {
      config: { scope: 'adjust' },
      schema: {
        operationId: 'cancelVoucher',
        tags: ['vouchers'],
        security: [{ apiKey: [] }],
        summary: 'Cancel a voucher',
        description:
          'By a person, with a reason. Its redemption stays as it is: what was spent comes back with `POST /v1/redemptions/{id}/refund`, which cancels an open voucher by itself.',
        params: voucherId,
        headers: optionalKey,
        body: ref(CancelVoucher),
        response: {
          200: { description: 'Cancelled.', ...ref(Voucher) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, ...ended),
        },
      },
    },
    (request, reply) => answer(services, request, reply, cancelVoucher),
  );
};
