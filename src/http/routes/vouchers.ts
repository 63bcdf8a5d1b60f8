import { memberRef } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { LookUpVoucher, Voucher } from '../../model/voucher.ts';
import { voucherAt, voucherView } from '../../model/voucher-view.ts';
import { loadMoment } from '../../store/programs.ts';
import { listVouchers } from '../../store/vouchers.ts';
import { programOf } from '../auth.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { memberItself } from '../submit.ts';
import { voucherId, voucherNow, voucherOf, voucherWith } from './voucher-of.ts';

export const voucherRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/vouchers/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getVoucher',
        tags: ['vouchers'],
        security: [{ apiKey: [] }],
        summary: 'Read a voucher',
        description: 'One past its time is shown as lapsed.',
        params: voucherId,
        response: {
          200: { description: 'The voucher.', ...ref(Voucher) },
          ...problemResponses(...pathProblems, ...keyProblems, 'voucher_not_found'),
        },
      },
    },
    async (request) => voucherNow(services, request, await voucherOf(services, request, request.params.id)),
  );

  app.post(
    '/v1/vouchers/lookup',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'lookUpVoucher',
        tags: ['vouchers'],
        security: [{ apiKey: [] }],
        summary: 'Find a voucher by its code',
        description:
          'Codes are secrets: they travel in bodies, never in addresses. Says where the voucher stands and changes nothing; `POST /v1/vouchers/use` uses it.',
        body: ref(LookUpVoucher),
        response: {
          200: { description: 'The voucher.', ...ref(Voucher) },
          ...problemResponses(...bodyProblems, ...keyProblems, 'voucher_not_found'),
        },
      },
    },
    async (request) => voucherNow(services, request, await voucherWith(services, request, request.body.code)),
  );

  app.get(
    '/v1/members/:id/vouchers',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listVouchers',
        tags: ['vouchers'],
        security: [{ apiKey: [] }],
        summary: 'List a member’s vouchers',
        description: 'The last issued first, those that are used, lapsed or cancelled included.',
        params: closed({ id: memberRef }),
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of vouchers.', ...dataPage(ref(Voucher)) },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const member = await memberItself(services, request, request.params.id);
      const { limit = 20, cursor } = request.query;
      const list = ['vouchers', program, member];
      const before = numberPositionOf(list, cursor);
      const [rows, { clock }] = await services.database.transaction(program, (tx) =>
        Promise.all([listVouchers(tx, program, member, before, limit + 1), loadMoment(tx, program)]),
      );
      const now = clock ?? services.clock();
      return pageOf(
        rows,
        limit,
        list,
        ({ number }) => `${number}`,
        (row) => voucherView(voucherAt(row, now), row.member_id, row.external_id),
      );
    },
  );
};
