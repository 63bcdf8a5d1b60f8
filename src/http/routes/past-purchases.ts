import { RecordPastPurchase } from '../../model/past-purchase.ts';
import { PurchaseAnswer } from '../../model/purchase-view.ts';
import { ref } from '../../model/schema.ts';
import type { Prepare } from '../call.ts';
import { bodyProblems, keyProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberOf } from '../submit.ts';

export const recordPastPurchase: Prepare<unknown, RecordPastPurchase> = async (services, call) => {
  const member_id = await memberOf(services, call, call.body.member, '/member');
  return { command: { kind: 'record_past_purchase', member_id, report: call.body }, key: null };
};

export const pastPurchaseRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/past-purchases',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'recordPastPurchase',
        tags: ['moving'],
        security: [{ apiKey: [] }],
        summary: 'Record a purchase of before the cut-over',
        description:
          'It counts on its day for totals, windows, milestones to come and what conditions read, and it can be returned; it gives nothing, sets no rule off, renews no points and qualifies no referral. Tiers and segments are looked at again, told as `backfill`. Any age is taken, whatever `late_report_days` says. Before or after the opening balance comes to the same; purchases are part of what `lifetime` says there and are not counted twice. Ids are those of purchases: the same id and content again gets the first answer again, other content is `purchase_conflict`.',
        body: ref(RecordPastPurchase),
        response: {
          201: { description: 'Recorded; `Idempotent-Replayed: true` when it was before.', ...ref(PurchaseAnswer) },
          ...problemResponses(
            ...bodyProblems,
            ...keyProblems,
            'member_not_found',
            'member_closed',
            'purchase_conflict',
            'sums_do_not_add_up',
            'unknown_wallet',
            'currency_mismatch',
            'occurred_in_future',
            'report_too_late',
            'invalid_context',
            'number_too_large',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, recordPastPurchase),
  );
};
