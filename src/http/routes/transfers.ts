import { Type } from 'typebox';
import { parseId } from '../../model/ids.ts';
import { instantText } from '../../model/instant.ts';
import { closed, ref } from '../../model/schema.ts';
import { CreateTransfer, Transfer, TransferAnswer } from '../../model/transfer.ts';
import { findTransfer } from '../../store/transfers.ts';
import { programOf } from '../auth.ts';
import type { Prepare } from '../call.ts';
import { idempotencyKey, requiredKeyLike } from '../idempotency.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberOf } from '../submit.ts';

export const transferPoints: Prepare<unknown, CreateTransfer> = async (services, call) => {
  const { body } = call;
  const key = idempotencyKey(call, true);
  const [member_id, to] = await Promise.all([
    memberOf(services, call, body.from, '/from'),
    memberOf(services, call, body.to, '/to'),
  ]);
  return { command: { kind: 'transfer_points', member_id, to, request: body }, key };
};

export const transferRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/transfers',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'transferPoints',
        tags: ['transfers'],
        security: [{ apiKey: [] }],
        summary: 'Transfer points to another member',
        description:
          'Both members in one step, or neither. The sender’s points go in spending order, and keep with the recipient when they were earned, when they expire and what they are worth. Nothing counts as earned or redeemed on either side, and no earn rule is set off; tiers and segments of both are looked at again. Only where the policy `transfers` allows it, of wallets whose points can be redeemed, and not while the sender owes points of the wallet. A suspended member receives, but sends nothing. The key’s scope is the sender.',
        headers: requiredKeyLike('b6a3f0de-52c7-4f0f-8a3c-7e9d64f2c1a5'),
        body: ref(CreateTransfer),
        response: {
          201: { description: 'Recorded; `Idempotent-Replayed: true` when it was before.', ...ref(TransferAnswer) },
          ...problemResponses(
            ...bodyProblems,
            'idempotency_key_required',
            'idempotency_key_invalid',
            ...keyProblems,
            'member_not_found',
            'insufficient_points',
            'member_frozen',
            'burn_limit_reached',
            'member_suspended',
            'member_closed',
            'member_erased',
            'recipient_closed',
            'member_in_debt',
            'transfers_disabled',
            'idempotency_key_reused',
            'same_member',
            'unknown_wallet',
            'wallet_not_redeemable',
            'number_too_large',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, transferPoints),
  );

  app.get(
    '/v1/transfers/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getTransfer',
        tags: ['transfers'],
        security: [{ apiKey: [] }],
        summary: 'Read a transfer',
        description:
          'Who sent how many points to whom. Ledger entries and events of both sides name the transfer, not the other member.',
        params: closed({
          id: Type.String({
            pattern: '^trf_[0-9a-z]{1,11}_[0-9a-z]{1,6}$',
            description: 'Id of the transfer.',
            examples: ['trf_2s_7'],
          }),
        }),
        response: {
          200: { description: 'The transfer.', ...ref(Transfer) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const id = parseId('trf', request.params.id);
      const found =
        id === null
          ? null
          : await services.database.transaction(program, (tx) => findTransfer(tx, program, id.member, id.number));
      if (found === null) throw new ProblemError('not_found', 'there is no such transfer');
      return { id: request.params.id, ...found, recorded_at: instantText(found.recorded_at) };
    },
  );
};
