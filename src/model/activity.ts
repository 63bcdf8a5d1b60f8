import { type Static, Type } from 'typebox';
import { Balances } from './account.ts';
import { Context, Values } from './context.ts';
import { type Instant, InstantText } from './instant.ts';
import { memberRef } from './member.ts';
import { Points } from './points.ts';
import type { RuleFact } from './purchase.ts';
import { EarnedPoints } from './purchase-view.ts';
import { closed, named, nullable, ref } from './schema.ts';
import { callerId, code } from './text.ts';
import { TierView } from './tier-view.ts';

export const RecordActivity = named(
  'RecordActivity',
  closed(
    {
      id: callerId(
        'The caller’s own id of the activity, unique in the program. The same id again is the same activity.',
        'a-2026-0001',
      ),
      member: memberRef,
      type: code(
        'What the member did: a declared activity type, or `review`, `survey`, `visit`, `social_share`.',
        'survey',
      ),
      occurred_at: Type.Optional(InstantText('When it was done. Absent: now.')),
      fields: Type.Optional(
        Values({
          description: 'What the activity type declares. A survey has `nps`, 0 to 10; a review `rating`.',
          examples: [{ nps: 9 }],
        }),
      ),
      context: Type.Optional(Context),
    },
    {
      description: 'Something a member did other than buying.',
      examples: [{ id: 'a-2026-0001', member: 'm-1001', type: 'survey', fields: { nps: 9 } }],
    },
  ),
);
export type RecordActivity = Static<typeof RecordActivity>;

/** The facts an activity was decided on. */
export interface ActivityFacts {
  readonly revision: number;
  readonly rules: readonly RuleFact[];
  /** What of the member the rules' conditions read, by label. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ActivityRow {
  /** That of the member's event that told it. */
  readonly number: number;
  /** The caller's; null where the engine recorded it by itself. */
  readonly activity_id: string | null;
  readonly type: string;
  readonly occurred_at: Instant;
  readonly recorded_at: Instant;
  readonly report: { readonly fields: Context; readonly context: Context };
  readonly facts: ActivityFacts;
}

const recorded = {
  member: Type.String({ description: 'The member’s id.' }),
  type: Type.String({ description: 'Code of the activity type.' }),
  occurred_at: InstantText('When it was done.'),
  recorded_at: InstantText('When the engine took it.'),
};

export const ActivityAnswer = named(
  'ActivityRecorded',
  Type.Object(
    {
      id: Type.String({ description: 'The caller’s own id.' }),
      ...recorded,
      earned: Type.Array(ref(EarnedPoints)),
      balances: Type.Array(ref(Balances), { description: 'Balances after it.' }),
      tiers: Type.Array(ref(TierView), { description: 'Tiers after it.' }),
      segments: Type.Array(Type.String(), { description: 'Codes of the segments the member is in after it.' }),
    },
    { description: 'A recorded activity with what it gave. The answer is kept as long as the activity.' },
  ),
);
export type ActivityAnswer = Static<typeof ActivityAnswer>;

export const Activity = named(
  'Activity',
  Type.Object(
    {
      id: nullable(Type.String(), {
        description:
          'The caller’s own id; null for what the engine recorded by itself: a birthday, an anniversary, a referral.',
      }),
      ...recorded,
      fields: Values({ description: 'As reported.', additionalProperties: true }),
      context: Values({ description: 'As reported.', additionalProperties: true }),
      revision: Type.Integer({ description: 'Revision of the configuration it was decided in.' }),
      rules: Type.Array(Type.Object({ rule: Type.String(), points: Points('Points it gave.') }), {
        description: 'Which rules gave how many points.',
      }),
    },
    { description: 'An activity as recorded.' },
  ),
);
export type Activity = Static<typeof Activity>;
