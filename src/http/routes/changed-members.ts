import { Type } from 'typebox';
import { memberView } from '../../commands/member-view.ts';
import { identityOf } from '../../commands/resolve-member.ts';
import type { MemberId } from '../../model/ids.ts';
import { InstantText, instantText, parseInstant } from '../../model/instant.ts';
import { ChangedMember } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { type ChangePlace, listChangedMembers } from '../../store/changed-members.ts';
import { findHorizon } from '../../store/profile-horizon.ts';
import { programOf } from '../auth.ts';
import { changeCursor, changeOf, pageQuery } from '../paging.ts';
import { keyProblems, listProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

const FIRST: ChangePlace = { updated_at: 0, member_id: 0 as MemberId };

/** Nobody is named 0: what was written in the instant itself is told again rather than missed. */
const from = (updatedAfter: string | undefined): ChangePlace =>
  updatedAfter === undefined
    ? FIRST
    : { updated_at: Math.max(0, parseInstant(updatedAfter)), member_id: 0 as MemberId };

export const changedMemberRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/members',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listMembers',
        tags: ['bulk'],
        security: [{ apiKey: [] }],
        summary: 'List members by when they last changed',
        description:
          'The longest unchanged first, each as it is now: everybody without `updated_after`, with it those changed since. What changes is what is known about the person: profile, identities, attributes, consents, tags, acquisition; points, tiers and segments are told by events. A member who changes again moves to the end. No change is missed, however many write at the same time: what is written by transactions that are still under way, and what is after it, is told once they are over, within seconds as a rule. `next_cursor` is always there: come back with it for what changed since. Times are real time, by the clock of the database, in a sandbox as well.',
        querystring: closed({
          updated_after: Type.Optional(InstantText('Changed at this instant or later. Not looked at with `cursor`.')),
          ...pageQuery,
        }),
        response: {
          200: {
            description: 'A page of members.',
            ...Type.Object(
              {
                data: Type.Array(ref(ChangedMember), {
                  description: 'The members of this page, in the order of change.',
                }),
                has_more: Type.Boolean({ description: 'Whether there are more by now.' }),
                next_cursor: Type.String({ description: 'Send it as `cursor`, now or later, to go on from here.' }),
              },
              { description: 'A page of a list that never ends.' },
            ),
          },
          ...problemResponses(...listProblems, ...keyProblems),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { limit = 20, cursor, updated_after } = request.query;
      const list = ['members by change', program];
      const after = changeOf(list, cursor) ?? from(updated_after);
      const rows = await services.database.transaction(program, async (tx) =>
        listChangedMembers(tx, program, after, await findHorizon(tx), limit + 1),
      );
      const page = rows.slice(0, limit);
      const members = await Promise.all(
        page.map(({ external_id }) => services.members.find(program, identityOf(external_id))),
      );
      return {
        data: page.map(({ external_id, updated_at }, index) => {
          const found = members[index] ?? null;
          return {
            id: external_id,
            updated_at: instantText(updated_at),
            member: found === null ? null : memberView(found),
          };
        }),
        has_more: rows.length > limit,
        next_cursor: changeCursor(list, page.at(-1) ?? after),
      };
    },
  );
};
