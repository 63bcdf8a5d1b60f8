import { Type } from 'typebox';
import { memberView } from '../../commands/member-view.ts';
import { identityOf } from '../../commands/resolve-member.ts';
import { Balances } from '../../model/account.ts';
import { parseId } from '../../model/ids.ts';
import { InstantText, instantText, parseInstant } from '../../model/instant.ts';
import { LedgerEntryView, MOVEMENTS } from '../../model/ledger-entry.ts';
import { memberRef } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { callerId, code } from '../../model/text.ts';
import { balancesAsOf, entryView, findEntry, listEntries } from '../../store/ledger-entry-reads.ts';
import { programOf } from '../auth.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { memberNotFound, ProblemError } from '../problem-error.ts';
import { dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { memberItself } from '../submit.ts';

const filters = {
  movement: Type.Optional(
    Type.Enum([...MOVEMENTS], { description: 'Only movements of this kind.', examples: ['earn'] }),
  ),
  wallet: Type.Optional(code('Only this wallet.', 'points')),
  purchase: Type.Optional(callerId('Only entries that this purchase brought about.', 'o-2026-0001')),
  recorded_after: Type.Optional(InstantText('Only entries recorded at this time or later.')),
  recorded_before: Type.Optional(InstantText('Only entries recorded before this time.')),
};

const instantOrNull = (text: string | undefined) => (text === undefined ? null : parseInstant(text));

export const ledgerEntryRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/members/:id/ledger-entries',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listLedgerEntries',
        tags: ['ledger'],
        security: [{ apiKey: [] }],
        summary: 'List a member’s ledger entries',
        description: 'The last first. `recorded_at` grows with the sequence.',
        params: closed({ id: memberRef }),
        querystring: closed({ ...pageQuery, ...filters }),
        response: {
          200: { description: 'A page of entries.', ...dataPage(ref(LedgerEntryView)) },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const member = await memberItself(services, request, request.params.id);
      const { limit = 20, cursor, movement, wallet, purchase, recorded_after, recorded_before } = request.query;
      const list = ['ledger-entries', program, member, movement, wallet, purchase, recorded_after, recorded_before];
      const before = numberPositionOf(list, cursor);
      const filter = {
        movement: movement ?? null,
        wallet: wallet ?? null,
        purchase: purchase ?? null,
        after: instantOrNull(recorded_after),
        before: instantOrNull(recorded_before),
      };
      const rows = await services.database.transaction(program, (tx) =>
        listEntries(tx, program, member, filter, before, limit + 1),
      );
      return pageOf(rows, limit, list, (row) => `${row.sequence}`, entryView);
    },
  );

  app.get(
    '/v1/ledger-entries/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getLedgerEntry',
        tags: ['ledger'],
        security: [{ apiKey: [] }],
        summary: 'Read a ledger entry',
        description: 'One movement of points, with the rules that gave them and the lots it touched.',
        params: closed({
          id: Type.String({
            pattern: '^ent_[0-9a-z]{1,11}_[0-9a-z]{1,6}$',
            description: 'Id of the entry.',
            examples: ['ent_1_1'],
          }),
        }),
        response: {
          200: { description: 'The entry.', ...ref(LedgerEntryView) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const id = parseId('ent', request.params.id);
      const found =
        id === null
          ? null
          : await services.database.transaction(program, (tx) => findEntry(tx, program, id.member, id.number));
      if (found === null) throw new ProblemError('not_found', 'there is no such ledger entry');
      return entryView(found);
    },
  );

  app.get(
    '/v1/members/:id/accounts',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listAccounts',
        tags: ['ledger'],
        security: [{ apiKey: [] }],
        summary: 'Read a member’s balances',
        description:
          'One account for each wallet: as they are now, or, with `as_of`, as what had been recorded by then left them.',
        params: closed({ id: memberRef }),
        querystring: closed({ as_of: Type.Optional(InstantText('An instant in the past. Absent: now.')) }),
        response: {
          200: {
            description: 'The balances.',
            ...Type.Object({ as_of: InstantText('The instant.'), data: Type.Array(ref(Balances)) }),
          },
          ...problemResponses(...pathProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const found = await services.members.find(program, identityOf(request.params.id));
      if (found === null) throw memberNotFound();
      const view = memberView(found);
      const asOf = request.query.as_of;
      if (asOf === undefined || parseInstant(asOf) >= found.now) {
        return {
          as_of: view.as_of,
          data: view.accounts.map(({ wallet, pending, available, held, debt }) => ({
            wallet,
            pending,
            available,
            held,
            debt,
          })),
        };
      }
      const wallets = view.accounts.map((account) => account.wallet);
      const data = await services.database.transaction(program, (tx) =>
        balancesAsOf(tx, program, found.state.member_id, wallets, parseInstant(asOf)),
      );
      return { as_of: instantText(parseInstant(asOf)), data };
    },
  );
};
