import { Type } from 'typebox';
import { AUDIT_ACTIONS, type AuditEntry, AuditEntry as AuditEntrySchema } from '../../model/audit-entry.ts';
import { InstantText, instantText, parseInstant } from '../../model/instant.ts';
import { memberRef } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { type ListedAudit, listAudit } from '../../store/audit-log.ts';
import { programOf } from '../auth.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { dataPage, keyProblems, listProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { memberOf } from '../submit.ts';

const view = ({
  number,
  at,
  action,
  author,
  actor,
  member,
  subject,
  details,
  request_id,
}: ListedAudit): AuditEntry => ({
  id: `aud_${number.toString(36)}`,
  at: instantText(at),
  action,
  key: author,
  actor,
  member,
  subject,
  details: details as AuditEntry['details'],
  request_id,
});

const instantOf = (value: string | undefined): number | null => (value === undefined ? null : parseInstant(value));

export const auditLogRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/audit-log',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'listAuditLog',
        tags: ['privacy'],
        security: [{ apiKey: [] }],
        summary: 'List the audit log',
        description:
          'Who changed which configuration, made which adjustment, gave a tier or a reward by hand, suspended, closed, exported or erased whom, when and by which request; the latest first. Entries are written once, with what they tell of, and hold no personal data. After an erasure they still say that somebody was erased, not who it was.',
        querystring: closed({
          ...pageQuery,
          action: Type.Optional(
            Type.Enum([...AUDIT_ACTIONS], { description: 'Only this action.', examples: ['member.exported'] }),
          ),
          key: Type.Optional(
            Type.String({
              pattern: '^(key_[a-z0-9]{1,32}|operator|first_start)$',
              description: 'Only what was done with this key.',
              examples: ['operator'],
            }),
          ),
          member: Type.Optional(memberRef),
          from: Type.Optional(InstantText('Only what was done at or after this instant.')),
          until: Type.Optional(InstantText('Only what was done before this instant.')),
        }),
        response: {
          200: { description: 'A page of entries.', ...dataPage(ref(AuditEntrySchema)) },
          ...problemResponses(...listProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { limit = 20, cursor, action, key, member: reference, from, until } = request.query;
      const member = reference === undefined ? null : await memberOf(services, request, reference);
      const filter = {
        action: action ?? null,
        author: key ?? null,
        member,
        from: instantOf(from),
        until: instantOf(until),
      };
      const list = ['audit log', program, filter];
      const before = numberPositionOf(list, cursor);
      const rows = await services.database.transaction(program, (tx) =>
        listAudit(tx, program, filter, before, limit + 1),
      );
      return pageOf(rows, limit, list, ({ number }) => `${number}`, view);
    },
  );
};
