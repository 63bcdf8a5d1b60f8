import { memberRef } from '../../model/member.ts';
import { RecordPurchase } from '../../model/purchase.ts';
import { PurchaseWithReturns, RETURNS_SHOWN } from '../../model/purchase-return.ts';
import { Purchase, PurchaseAnswer } from '../../model/purchase-view.ts';
import { closed, ref } from '../../model/schema.ts';
import { callerId } from '../../model/text.ts';
import { returnView } from '../../rules/return-view.ts';
import { findPurchase, listPurchases, purchaseView } from '../../store/purchase-reads.ts';
import { listReturns } from '../../store/purchase-returns.ts';
import { programOf } from '../auth.ts';
import type { Prepare } from '../call.ts';
import { idempotencyKey, optionalKey } from '../idempotency.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberItself, memberOf } from '../submit.ts';

const misplaced = (pointer: string, detail: string, expected: string, title: string): ProblemError =>
  new ProblemError('invalid_request', title, { errors: [{ pointer, code: pointer.slice(1), detail, expected }] });

/** What the schema cannot say: what goes together, and what does not. */
const refuseMixtures = ({ member, guest, capture_redemptions, redeem = [], quote, replaces }: RecordPurchase): void => {
  if (member !== undefined && guest !== undefined)
    throw misplaced('/guest', 'both are there', 'either a member or a guest', 'a purchase is a member’s or a guest’s');
  const ofMembers = {
    '/capture_redemptions': capture_redemptions,
    '/redeem': redeem[0],
    '/quote': quote,
    '/replaces': replaces,
  };
  for (const [pointer, value] of Object.entries(ofMembers))
    if (member === undefined && value !== undefined)
      throw misplaced(pointer, 'is there', 'only with a member', 'a guest’s purchase cannot do this');
  if (quote !== undefined && replaces !== undefined)
    throw misplaced('/quote', 'both are there', 'without replaces', 'what replaces a purchase is priced as that was');
  for (const [index, { points, reward, wallet, entitlement }] of redeem.entries()) {
    const pointer = `/redeem/${index}`;
    if ((points === undefined) === (reward === undefined))
      throw misplaced(`${pointer}/points`, 'both or neither', 'either points or a reward', 'points or a reward');
    if (reward === undefined ? entitlement !== undefined : wallet !== undefined)
      throw misplaced(
        pointer,
        'do not go together',
        'wallet with points, entitlement with a reward',
        'points or a reward',
      );
  }
  const twice = redeem.findIndex(({ id }, index) => redeem.findIndex((other) => other.id === id) < index);
  if (twice !== -1)
    throw misplaced(
      `/redeem/${twice}/id`,
      'is there twice',
      'an id of its own',
      'each redemption has an id of its own',
    );
};

export const recordPurchase: Prepare<unknown, RecordPurchase> = async (services, call) => {
  const { body } = call;
  const key = idempotencyKey(call);
  refuseMixtures(body);
  if (body.member === undefined)
    return { command: { kind: 'record_guest_purchase', member_id: null, report: body }, key: null };
  const member_id = await memberOf(services, call, body.member, '/member');
  return { command: { kind: 'record_purchase', member_id, report: body }, key };
};

export const purchaseRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/purchases',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'recordPurchase',
        tags: ['purchases'],
        security: [{ apiKey: [] }],
        summary: 'Record a purchase',
        description:
          'Books the purchase, gives the points the earn rules give, and looks at the member’s tiers again, all in one transaction. Amounts are minor units of the program’s currency. The same id and content again gets the first answer again; other content under a known id is `purchase_conflict`. `capture_redemptions` captures held redemptions of the member in the same step, `redeem` takes points at once: all of them, or the purchase is refused. Where burn rules are in force, they say what the points pay, and of which lines. With `quote` it is priced as quoted. Without `member` the purchase is a guest’s: it is kept and earns nothing, until a member is given its `guest.identity` (see PUT /v1/members/{id}). An identity that is a member’s already brings nothing: name the member, as `card:…` for one.',
        headers: optionalKey,
        body: ref(RecordPurchase),
        response: {
          201: { description: 'Recorded; `Idempotent-Replayed: true` when it was before.', ...ref(PurchaseAnswer) },
          ...problemResponses(
            ...bodyProblems,
            'idempotency_key_invalid',
            ...keyProblems,
            'member_not_found',
            'member_closed',
            'member_erased',
            'member_suspended',
            'redemption_not_found',
            'redemption_captured',
            'redemption_voided',
            'redemption_lapsed',
            'redemption_refunded',
            'insufficient_points',
            'member_frozen',
            'burn_limit_reached',
            'burn_not_allowed',
            'burn_rule_limit_reached',
            'redemption_conflict',
            'quote_not_found',
            'quote_lapsed',
            'quote_used',
            'not_found',
            'purchase_returned',
            'reward_not_available',
            'reward_not_eligible',
            'reward_limit_reached',
            'reward_out_of_stock',
            'entitlement_not_found',
            'entitlement_used',
            'entitlement_expired',
            'entitlement_revoked',
            'entitlement_mismatch',
            'unknown_reward',
            'too_many_vouchers',
            'purchase_conflict',
            'idempotency_key_reused',
            'quote_mismatch',
            'sums_do_not_add_up',
            'burn_rule_violated',
            'unknown_wallet',
            'wallet_not_redeemable',
            'currency_mismatch',
            'invalid_identity',
            'occurred_in_future',
            'report_too_late',
            'invalid_context',
            'number_too_large',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, recordPurchase),
  );

  app.get(
    '/v1/purchases/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getPurchase',
        tags: ['purchases'],
        security: [{ apiKey: [] }],
        summary: 'Read a purchase',
        description:
          'The purchase as recorded: what of each line counted, which rules gave how many points, and what came back since.',
        params: closed({ id: callerId('The shop’s own id of the purchase.', 'o-2026-0001') }),
        response: {
          200: { description: 'The purchase.', ...ref(PurchaseWithReturns) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { id } = request.params;
      const [found, returns] = await services.database.transaction(program, (tx) =>
        Promise.all([findPurchase(tx, program, id), listReturns(tx, program, id, null, RETURNS_SHOWN)]),
      );
      if (found === null) throw new ProblemError('not_found', 'no purchase of this id was recorded');
      return { ...purchaseView(found), returns: returns.map(returnView(found.report.currency)) };
    },
  );

  app.get(
    '/v1/members/:id/purchases',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listPurchases',
        tags: ['purchases'],
        security: [{ apiKey: [] }],
        summary: 'List a member’s purchases',
        description: 'The last recorded first.',
        params: closed({ id: memberRef }),
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of purchases.', ...dataPage(ref(Purchase)) },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const member = await memberItself(services, request, request.params.id);
      const { limit = 20, cursor } = request.query;
      const list = ['purchases', program, member];
      const before = numberPositionOf(list, cursor);
      const rows = await services.database.transaction(program, (tx) =>
        listPurchases(tx, program, member, before, limit + 1),
      );
      return pageOf(rows, limit, list, (row) => `${row.ordinal}`, purchaseView);
    },
  );
};
