import { CreateReturn, PurchaseReturn, ReturnAnswer, type ReturnRequest } from '../../model/purchase-return.ts';
import { closed, ref } from '../../model/schema.ts';
import { callerId } from '../../model/text.ts';
import { returnView } from '../../rules/return-view.ts';
import { findOperations } from '../../store/operation-references.ts';
import { findPurchase } from '../../store/purchase-reads.ts';
import { listReturns } from '../../store/purchase-returns.ts';
import { programOf } from '../auth.ts';
import type { Call, Named, Prepare } from '../call.ts';
import { idempotencyKey, optionalKey } from '../idempotency.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberOf } from '../submit.ts';

export const purchaseId = closed({ id: callerId('The shop’s own id of the purchase.', 'o-2026-0001') });

const noPurchase = () => new ProblemError('not_found', 'no purchase of this id was recorded');

/** The command that takes something of a purchase back: a member's, or a guest's. */
const commandFor = async (services: Services, call: Call, purchase: string, wanted: ReturnRequest, whose?: string) => {
  const program = programOf(call);
  const [found] = await services.database.transaction(program, (tx) =>
    findOperations(tx, program, [{ kind: 'purchase', id: purchase }]),
  );
  const member = whose === undefined ? null : await memberOf(services, call, whose, '/member');
  if (found === undefined && member === null) throw noPurchase();
  const { member_id } = found ?? { member_id: member };
  if (member !== null && member !== member_id) throw noPurchase();
  return member_id === null
    ? ({ kind: 'return_guest_purchase', member_id, purchase, request: wanted } as const)
    : ({ kind: 'return_purchase', member_id, purchase, request: wanted } as const);
};

const onePart = ({ lines, amount }: CreateReturn): void => {
  if ((lines === undefined) !== (amount === undefined)) return;
  const detail = lines === undefined ? 'neither is there' : 'both are there';
  throw new ProblemError('invalid_request', 'a return is by lines or by an amount', {
    errors: [{ pointer: '/lines', code: 'lines', detail, expected: 'either lines or amount' }],
  });
};

export const returnPurchase: Prepare<Named, CreateReturn> = async (services, call) => {
  const { body, params } = call;
  const key = idempotencyKey(call);
  onePart(body);
  const command = await commandFor(services, call, params.id, { kind: 'return', ...body }, body.member);
  return { command, key: body.dry_run === true ? null : key };
};

export const cancelPurchase: Prepare<Named> = async (services, call) => {
  const key = idempotencyKey(call);
  return { command: await commandFor(services, call, call.params.id, { kind: 'cancellation' }), key };
};

export const returnRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/purchases/:id/returns',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'returnPurchase',
        tags: ['purchases'],
        security: [{ apiKey: [] }],
        summary: 'Return a part of a purchase',
        description:
          'By lines and quantities, or by an amount; several times, until nothing is left. What is left is evaluated again by the revision and on the facts the purchase was recorded with, and the difference of points is taken back: from what is pending, from what is left of the very points, from other points, and what is not there any more is owed or written off, as the program says. Spend, limits, budgets, rewards, tiers and segments follow. A return of any age is taken, of suspended and closed members too; of a guest’s purchase it is recorded. A purchase that was never reported is `not_found`, unless the program takes such returns as adjustments (`unknown_purchase_returns`) and `member` says whose it is. With `dry_run` nothing is recorded.',
        params: purchaseId,
        headers: optionalKey,
        body: ref(CreateReturn),
        response: {
          200: { description: 'What would come of it: `dry_run`.', ...ref(ReturnAnswer) },
          201: { description: 'Recorded; `Idempotent-Replayed: true` when it was before.', ...ref(ReturnAnswer) },
          ...problemResponses(
            ...bodyProblems,
            ...pathProblems,
            'idempotency_key_invalid',
            ...keyProblems,
            'not_found',
            'member_not_found',
            'return_conflict',
            'return_exceeds_purchase',
            'idempotency_key_reused',
            'unknown_line',
            'occurred_in_future',
            'number_too_large',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, returnPurchase),
  );

  app.post(
    '/v1/purchases/:id/cancel',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'cancelPurchase',
        tags: ['purchases'],
        security: [{ apiKey: [] }],
        summary: 'Cancel a purchase',
        description:
          'Returns everything that is left of the purchase. A purchase is cancelled once: the same again gets the first answer again.',
        params: purchaseId,
        headers: optionalKey,
        response: {
          201: { description: 'Cancelled; `Idempotent-Replayed: true` when it was before.', ...ref(ReturnAnswer) },
          ...problemResponses(
            ...bodyProblems,
            ...pathProblems,
            'idempotency_key_invalid',
            ...keyProblems,
            'not_found',
            'return_conflict',
            'idempotency_key_reused',
            'number_too_large',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, cancelPurchase),
  );

  app.get(
    '/v1/purchases/:id/returns',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listReturns',
        tags: ['purchases'],
        security: [{ apiKey: [] }],
        summary: 'List the returns of a purchase',
        description: 'The last recorded first; a cancellation is among them.',
        params: purchaseId,
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of returns.', ...dataPage(ref(PurchaseReturn)) },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { id } = request.params;
      const { limit = 20, cursor } = request.query;
      const list = ['returns', program, id];
      const before = numberPositionOf(list, cursor);
      const [purchase, rows] = await services.database.transaction(program, (tx) =>
        Promise.all([findPurchase(tx, program, id), listReturns(tx, program, id, before, limit + 1)]),
      );
      if (purchase === null) throw noPurchase();
      const view = returnView(purchase.report.currency);
      return pageOf(rows, limit, list, (row) => `${row.number}`, view);
    },
  );
};
