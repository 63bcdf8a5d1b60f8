import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { memberCard } from '../../commands/member-card.ts';
import { identityOf } from '../../commands/resolve-member.ts';
import { memberRef } from '../../model/member.ts';
import { MemberCard } from '../../model/member-card.ts';
import { closed, ref } from '../../model/schema.ts';
import { loadProgram } from '../../store/programs.ts';
import { programOf } from '../auth.ts';
import { ifNoneMatch, isKnownTag, notModified } from '../preconditions.ts';
import { memberErased, memberNotFound } from '../problem-error.ts';
import { keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { sendText } from '../submit.ts';

export const memberCardRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/members/:id/card',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getMemberCard',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Read a member’s card',
        description:
          'What a pass in a wallet app, an app or a display at the till shows, in one read: number and barcode, name, tier, balances, what expires next, what is missing to rise, and all of it as labelled text in the program’s language. Of the person it has the name only. With `If-None-Match` it answers 304 while nothing on it changed.',
        params: closed({ id: memberRef }),
        headers: ifNoneMatch,
        response: {
          200: {
            description: 'The card as it is now.',
            headers: { ETag: { type: 'string', description: 'Changes when anything on the card does.' } },
            ...ref(MemberCard),
          },
          304: Type.Null({ description: 'It is still as the ETag in `If-None-Match` says.' }),
          ...problemResponses(...pathProblems, ...keyProblems, 'member_not_found', 'member_erased'),
        },
      },
    },
    async (request, reply) => {
      const program = programOf(request);
      const [found, row] = await Promise.all([
        services.members.find(program, identityOf(request.params.id)),
        services.database.read(program, (db) => loadProgram(db, program)),
      ]);
      if (found === null) throw memberNotFound();
      if (found.state.status === 'erased') throw memberErased();
      const body = JSON.stringify(memberCard(found, row));
      const tag = createHash('sha256').update(body).digest('base64url').slice(0, 22);
      return isKnownTag(request, reply, `"${tag}"`) ? notModified(reply) : sendText(reply, 200, body);
    },
  );
};
