import type { Context } from '../model/context.ts';
import type { Instant } from '../model/instant.ts';
import { noTotals } from '../model/member-state.ts';
import type { EarnedPoints } from '../model/purchase-view.ts';
import { addEvent, type Draft } from './draft.ts';
import { type Earned, type EarnOccasion, earnOn } from './earn-on.ts';
import { addToDay } from './totals.ts';

/** What the engine records by itself, and the rules it sets off. */
const FIRED = {
  enrolment: 'enrolment',
  birthday: 'birthday',
  anniversary: 'anniversary',
  referral: 'referral.qualified',
} as const;
export type FiredActivity = keyof typeof FIRED;

export interface ReportedActivity {
  readonly id: string;
  readonly type: string;
  readonly at: Instant;
  readonly fields: Context;
  readonly context: Context;
}

const countOn = (draft: Draft, type: string, at: Instant): void =>
  addToDay(draft, draft.rules.calendar.dayOf(at), { ...noTotals, activities: { [type]: 1 } });

/** Adds the row of an activity that the last event told. */
const addRow = (
  draft: Draft,
  number: number,
  { id, type, at, fields, context }: Omit<ReportedActivity, 'id'> & { readonly id: string | null },
  { rules, fields: read }: Earned,
): void => {
  draft.activities.push({
    number,
    activity_id: id,
    type,
    occurred_at: at,
    recorded_at: draft.now,
    report: { fields, context },
    facts: { revision: draft.rules.revision, rules, fields: read },
  });
};

/**
 * Records what a member is reported to have done: its rules look at the member as before, then it counts on its day.
 * Tiers and segments are for the caller to look at.
 */
export const addActivity = (draft: Draft, activity: ReportedActivity): readonly EarnedPoints[] => {
  const { id, type, at, fields, context } = activity;
  addEvent(draft, 'activity.recorded', at, { activity: id, activity_type: type });
  const number = draft.state.events;
  const trigger = { kind: 'activity', type, fields, context } as const;
  const given = earnOn(draft, { kind: 'activity', activity: type }, trigger, at, { cause: 'activity', cause_id: id });
  countOn(draft, type, at);
  addRow(draft, number, activity, given);
  return given.earned;
};

const fire = (draft: Draft, type: FiredActivity, at: Instant, causeId: string | null, fields: Context): Earned => {
  const kind = FIRED[type];
  const occasion: EarnOccasion = { kind };
  const trigger = { kind: 'activity', type, fields, context: {} } as const;
  const given = earnOn(draft, occasion, trigger, at, { cause: kind, cause_id: causeId });
  countOn(draft, type, at);
  return given;
};

/** Records something nobody reports: a birthday, an anniversary, a referral. `causeId` names what it is due to. */
export const fireActivity = (
  draft: Draft,
  type: Exclude<FiredActivity, 'enrolment'>,
  at: Instant,
  causeId: string | null = null,
  fields: Context = {},
): readonly EarnedPoints[] => {
  addEvent(draft, 'activity.recorded', at, { activity: null, activity_type: type });
  const number = draft.state.events;
  const given = fire(draft, type, at, causeId, fields);
  addRow(draft, number, { id: null, type, at, fields, context: {} }, given);
  return given.earned;
};

/** Enrolling is an activity that the event `member.enrolled` and the member itself tell. Who was enrolled elsewhere is counted on that day, and no rule is set off. */
export const addEnrolment = (draft: Draft, isBackfill: boolean): void => {
  if (isBackfill) countOn(draft, 'enrolment', draft.state.enrolled_at);
  else fire(draft, 'enrolment', draft.now, null, {});
};
