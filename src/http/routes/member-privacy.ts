import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { findErasedMember, newPseudonym } from '../../commands/erased-members.ts';
import { exportMember } from '../../commands/export-member.ts';
import { identityOf } from '../../commands/resolve-member.ts';
import { type ConsentChange, ConsentRecord, ConsentView } from '../../model/consent.ts';
import { instantText } from '../../model/instant.ts';
import { memberRef } from '../../model/member.ts';
import { ErasedMember, EraseMember, ExportMember } from '../../model/member-erasure.ts';
import { MemberExport } from '../../model/member-export.ts';
import { closed, ref } from '../../model/schema.ts';
import { type ConsentPlace, listConsents } from '../../store/consents.ts';
import { loadProfiles } from '../../store/profiles.ts';
import { programOf } from '../auth.ts';
import { authorOf } from '../author.ts';
import type { Prepare } from '../call.ts';
import { pageOf, pageQuery, positionOf } from '../paging.ts';
import { memberErased, memberNotFound } from '../problem-error.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberOf } from '../submit.ts';

const params = closed({ id: memberRef });

const consentView = ({ purpose, granted, source, changed_at, recorded_at }: ConsentChange): ConsentRecord => ({
  purpose,
  granted,
  source,
  changed_at: instantText(changed_at),
  recorded_at: instantText(recorded_at),
});

/** Codes have no underscore before their first letter: the first one parts number and purpose. */
const textOfConsent = ({ number, purpose }: ConsentChange): string => `${number}_${purpose}`;

const consentPlace = (position: string | null): ConsentPlace | null => {
  const match = /^(\d{1,9})_(.*)$/.exec(position ?? '');
  return match === null ? null : { number: Number(match[1]), purpose: match[2] ?? '' };
};

/** Also by an id of an erased member that is still known, so that asking again is answered again. */
const eraseMember: Prepare<{ readonly id: string }, EraseMember> = async (services, call) => {
  const program = programOf(call);
  const identity = identityOf(call.params.id);
  const member_id =
    (await services.resolver.find(program, identity)) ?? (await findErasedMember(services.database, program, identity));
  if (member_id === null) throw memberNotFound();
  const { actor } = call.body;
  return { command: { kind: 'erase_member', member_id, pseudonym: newPseudonym(), actor }, key: null };
};

/** What a person has a right to: to see what they agreed to and what is kept of them, and to be forgotten. */
export const memberPrivacyRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/members/:id/consents',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listConsents',
        tags: ['privacy'],
        security: [{ apiKey: [] }],
        summary: 'List the consents of a member',
        description:
          'The consents as they stand, by purpose, and a page of everything that became of them, the latest first: given, withdrawn, or not said any more.',
        params,
        querystring: closed(pageQuery),
        response: {
          200: {
            description: 'What stands, and a page of the history.',
            ...dataPage(ref(ConsentRecord), {
              consents: Type.Record(Type.String(), ConsentView, { description: 'Consents as they stand, by purpose.' }),
            }),
          },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { limit = 20, cursor } = request.query;
      const member = await memberOf(services, request, request.params.id);
      const list = ['consents', program, member];
      const before = consentPlace(positionOf(list, cursor));
      const [profiles, rows] = await services.database.read(program, (db) =>
        Promise.all([loadProfiles(db, program, [member]), listConsents(db, program, member, before, limit + 1)]),
      );
      const consents = profiles.get(member)?.consents ?? {};
      return { consents, ...pageOf(rows, limit, list, textOfConsent, consentView) };
    },
  );

  app.post(
    '/v1/members/:id/export',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'exportMember',
        tags: ['privacy'],
        security: [{ apiKey: [] }],
        summary: 'Export everything about a member',
        description:
          'One document with all that is kept about the person: profile, identities, consents with their history, tiers and segments with the facts they were entered on, balances, lots, ledger entries with their notes, purchases, returns, activities, redemptions, vouchers, transfers, stored answers. Streamed, so that it may be large; a document that ends early is not valid JSON. What is recorded while it runs may be in it. The audit log tells who took it.',
        params,
        body: ref(ExportMember),
        response: {
          200: { description: 'Everything about the member.', ...ref(MemberExport) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'member_not_found', 'member_erased'),
        },
      },
    },
    async (request, reply) => {
      const member = await memberOf(services, request, request.params.id);
      const { actor } = request.body;
      const pieces = await exportMember(services.database, authorOf(services, request), member, actor);
      if (pieces === 'erased') throw memberErased();
      return reply.type('application/json; charset=utf-8').send(Readable.from(pieces) as never);
    },
  );

  app.post(
    '/v1/members/:id/erase',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'eraseMember',
        tags: ['privacy'],
        security: [{ apiKey: [] }],
        summary: 'Erase a member',
        description:
          'For good. The membership ends like one that is closed: holds are voided and points expire, each with an entry. Then the person goes: profile, identities, attributes, consents, the facts that tiers and segments were entered on, reasons and actors, fields and context of what was reported, stored answers, and the caller’s own id, which becomes the pseudonym in the answer. The ledger, purchases with their lines, redemptions and events stay under it. Late returns are taken. The same id enrols anew, as another member. Asked again, the same is answered for a week, and by the pseudonym always.',
        params,
        body: ref(EraseMember),
        response: {
          200: { description: 'The member is erased.', ...ref(ErasedMember) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'member_not_found', 'overloaded'),
        },
      },
    },
    (request, reply) => answer(services, request, reply, eraseMember),
  );
};
