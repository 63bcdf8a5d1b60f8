import type { Command } from '../../model/command.ts';
import type { MemberId } from '../../model/ids.ts';
import type { Instant } from '../../model/instant.ts';
import { memberRef } from '../../model/member.ts';
import { CreateRedemption, Redemption, RedemptionAnswer } from '../../model/redemption.ts';
import { redemptionView, standingAt } from '../../model/redemption-view.ts';
import { closed, ref } from '../../model/schema.ts';
import { callerId } from '../../model/text.ts';
import type { VoucherRow } from '../../model/voucher.ts';
import { voucherAt } from '../../model/voucher-view.ts';
import { loadMoment } from '../../store/programs.ts';
import { findRedemption, listRedemptions, type ReadRedemption, vouchersOf } from '../../store/redemption-reads.ts';
import { programOf } from '../auth.ts';
import type { Prepare } from '../call.ts';
import { idempotencyKey, optionalKey } from '../idempotency.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberItself, memberOf } from '../submit.ts';

const viewAt = (row: ReadRedemption, vouchers: ReadonlyMap<string, VoucherRow>, now: Instant): Redemption => {
  const voucher = vouchers.get(row.redemption_id) ?? null;
  const standing = voucher === null ? null : voucherAt(voucher, now);
  return redemptionView(standingAt(row, now), standing, row.member_id, row.external_id);
};

const fault = (pointer: string, detail: string, expected: string): ProblemError =>
  new ProblemError('invalid_request', expected, {
    errors: [{ pointer, code: pointer.slice(1), detail, expected }],
  });

/** Points to redeem, or a reward. */
const commandOf = (member_id: MemberId, body: CreateRedemption): Command => {
  const { points, reward, entitlement, wallet, ...common } = body;
  if (reward === undefined) {
    if (points === undefined) throw fault('/points', 'is missing', 'either points or a reward');
    if (entitlement !== undefined) throw fault('/entitlement', 'is there', 'only with a reward');
    const request = { ...common, points, ...(wallet === undefined ? {} : { wallet }) };
    return { kind: 'redeem_points', member_id, request };
  }
  if (points !== undefined) throw fault('/points', 'is there', 'either points or a reward');
  if (wallet !== undefined) throw fault('/wallet', 'is there', 'only with points: a reward says its wallet');
  const request = { ...common, reward, ...(entitlement === undefined ? {} : { entitlement }) };
  return { kind: 'redeem_reward', member_id, request };
};

export const redeem: Prepare<unknown, CreateRedemption> = async (services, call) => {
  const { body } = call;
  const key = idempotencyKey(call);
  if (body.hold !== undefined && body.capture !== false) {
    const error = { pointer: '/hold', code: 'hold', detail: 'is there', expected: 'only with capture: false' };
    throw new ProblemError('invalid_request', 'points redeemed at once are not held', { errors: [error] });
  }
  const member_id = await memberOf(services, call, body.member, '/member');
  return { command: commandOf(member_id, body), key };
};

export const redemptionRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/redemptions',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'redeemPoints',
        tags: ['redemptions'],
        security: [{ apiKey: [] }],
        summary: 'Redeem or hold points or a reward',
        description:
          'Takes any number of available points, from the lots soonest to expire, then oldest; the answer names them. With `capture: false` they are held first: gone from `available` at once, until they are captured, voided, or the hold lapses at `hold.expires_at` (absent: in 30 minutes). Points held do not expire; they do when they come back after their time. Too few points are `insufficient_points` with what is missing; more, or more often, than the program lets through is `burn_limit_reached` (policy `burn_limits`), and soon after an identity was changed it may be `member_frozen`. Where the wallet has burn rules in force, the one that holds for the member says what the points pay (`amount`), and how many may be taken. With `reward` instead of `points` it takes the price of the reward for the member, counts against its stock and limits, and issues its voucher once it is captured; with `entitlement` it costs nothing, and only the dates and the stock of the reward are looked at. A hold keeps of the stock, not a code of a pool: to capture it when the pool is empty is `reward_out_of_stock`. What is voided, lapses or is refunded comes back. The same id and content again gets the first answer again.',
        headers: optionalKey,
        body: ref(CreateRedemption),
        response: {
          201: {
            description: 'Redeemed or held; `Idempotent-Replayed: true` when it was before.',
            ...ref(RedemptionAnswer),
          },
          ...problemResponses(
            ...bodyProblems,
            'idempotency_key_invalid',
            ...keyProblems,
            'member_not_found',
            'insufficient_points',
            'burn_not_allowed',
            'burn_rule_limit_reached',
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
            'member_suspended',
            'member_frozen',
            'burn_limit_reached',
            'member_closed',
            'member_erased',
            'too_many_holds',
            'quote_not_found',
            'quote_lapsed',
            'quote_used',
            'redemption_conflict',
            'idempotency_key_reused',
            'unknown_wallet',
            'wallet_not_redeemable',
            'burn_rule_violated',
            'not_in_future',
            'hold_too_long',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, redeem),
  );

  app.get(
    '/v1/redemptions/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getRedemption',
        tags: ['redemptions'],
        security: [{ apiKey: [] }],
        summary: 'Read a redemption',
        description:
          'Where the redemption stands, with the lots it took from, and what of each was captured and refunded. A hold past its time is shown as lapsed.',
        params: closed({ id: callerId('The caller’s own id of the redemption.', 'r-2026-0001') }),
        response: {
          200: { description: 'The redemption.', ...ref(Redemption) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const [found, { clock }, vouchers] = await services.database.transaction(program, async (tx) => {
        const row = await findRedemption(tx, program, request.params.id);
        return [row, await loadMoment(tx, program), await vouchersOf(tx, program, row === null ? [] : [row])] as const;
      });
      if (found === null) throw new ProblemError('not_found', 'no redemption of this id was recorded');
      return viewAt(found, vouchers, clock ?? services.clock());
    },
  );

  app.get(
    '/v1/members/:id/redemptions',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listRedemptions',
        tags: ['redemptions'],
        security: [{ apiKey: [] }],
        summary: 'List a member’s redemptions',
        description: 'The last recorded first.',
        params: closed({ id: memberRef }),
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of redemptions.', ...dataPage(ref(Redemption)) },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const member = await memberItself(services, request, request.params.id);
      const { limit = 20, cursor } = request.query;
      const list = ['redemptions', program, member];
      const before = numberPositionOf(list, cursor);
      const [rows, { clock }, vouchers] = await services.database.transaction(program, async (tx) => {
        const found = await listRedemptions(tx, program, member, before, limit + 1);
        return [found, await loadMoment(tx, program), await vouchersOf(tx, program, found)] as const;
      });
      const now = clock ?? services.clock();
      return pageOf(
        rows,
        limit,
        list,
        (row) => `${row.ordinal}`,
        (row) => viewAt(row, vouchers, now),
      );
    },
  );
};
