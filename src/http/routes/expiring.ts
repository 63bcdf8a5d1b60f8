import { Type } from 'typebox';
import { readExpiring } from '../../commands/read-expiring.ts';
import { identityOf } from '../../commands/resolve-member.ts';
import { ExpiringPoints } from '../../model/account.ts';
import { InstantText, instantText, parseInstant } from '../../model/instant.ts';
import { memberRef } from '../../model/member.ts';
import { Points } from '../../model/points.ts';
import { closed, ref } from '../../model/schema.ts';
import { code } from '../../model/text.ts';
import { programOf } from '../auth.ts';
import { largePositionOf, pageOf, pageQuery } from '../paging.ts';
import { memberNotFound, ProblemError } from '../problem-error.ts';
import { dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

export const expiringRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/members/:id/accounts/:wallet/expiring',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listExpiring',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'List what of a wallet expires when',
        description:
          'All points that expire, by instant, soonest first, and how many never do: as of now, in the program’s time. Held points expire when they come back, and are not among them.',
        params: closed({ id: memberRef, wallet: code('Code of the wallet.', 'points') }),
        querystring: closed(pageQuery),
        response: {
          200: {
            description: 'A page of instants.',
            ...dataPage(ref(ExpiringPoints), {
              never: Type.Object(
                { points: Points('Available ones.'), pending: Points('Pending ones.') },
                { description: 'Points that never expire.' },
              ),
              as_of: InstantText('The instant at which this is true.'),
            }),
          },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'member_not_found', 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { id, wallet } = request.params;
      const found = await services.members.find(program, identityOf(id));
      if (found === null) throw memberNotFound();
      const { rules, state, now } = found;
      if (!rules.wallets.has(wallet) && state.accounts[wallet] === undefined)
        throw new ProblemError('not_found', `there is no wallet ${wallet}`);
      const { limit = 20, cursor } = request.query;
      const list = ['expiring', program, state.member_id, wallet];
      const after = Math.max(largePositionOf(list, cursor) ?? now, now);
      const account = { member: state.member_id, wallet };
      const read = await readExpiring(services.database, program, rules, account, after, limit + 1, now);
      if (read === null) throw memberNotFound();
      const page = pageOf(
        read.rows,
        limit,
        list,
        ({ expires_at }) => `${parseInstant(expires_at)}`,
        (row) => row,
      );
      const { available: points, pending } = read.never;
      return { ...page, never: { points, pending }, as_of: instantText(now) };
    },
  );
};
