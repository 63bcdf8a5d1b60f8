import type { EpochDay, Instant } from '../model/instant.ts';
import type { Yearly } from '../model/member-state.ts';
import { nextAnniversary } from '../rules/conditions/civil-days.ts';
import { parseDate } from '../rules/conditions/literals.ts';
import { fireActivity } from './activities.ts';
import type { Draft } from './draft.ts';
import { hasEnded } from './ended.ts';

/*
 * Birthdays and anniversaries of the enrolment, fired by time at the start of the local day. The state says when each
 * is next, as of the rules the member was last evaluated under: rules that are new say nothing about days before.
 */

/** A birth date that is edited again and again gives no more birthdays than a year has. */
const BIRTHDAY_EVERY_DAYS = 330;

const KINDS: readonly Yearly[] = ['anniversary', 'birthday'];

const fires = ({ rules, state }: Draft, kind: Yearly): boolean =>
  !hasEnded(state) && (kind === 'birthday' ? rules.firesBirthday : rules.firesAnniversary);

/** The day that comes again, and the first day on which it may. February 29th comes on the 28th where there is none. */
const dayOf = (draft: Draft, kind: Yearly, today: EpochDay): { day: EpochDay; from: EpochDay } | null => {
  const { state } = draft;
  if (kind === 'anniversary') return { day: state.enrolled_on, from: today + 1 };
  const birthDate = (draft.profile ?? draft.loaded.profile)?.profile['birth_date'];
  const day = birthDate === undefined ? undefined : parseDate(birthDate);
  if (day === undefined) return null;
  const last = state.last_birthday ?? null;
  return { day, from: last === null ? today + 1 : Math.max(today + 1, last + BIRTHDAY_EVERY_DAYS) };
};

const nextOf = (draft: Draft, kind: Yearly, at: Instant): Instant | null => {
  if (!fires(draft, kind)) return null;
  const { calendar } = draft.rules;
  const found = dayOf(draft, kind, calendar.dayOf(at));
  return found === null ? null : calendar.startOf(nextAnniversary(found.day, found.from));
};

const setNext = (draft: Draft, kind: Yearly, at: Instant): void => {
  const { [kind]: _, ...others } = draft.state.yearly ?? {};
  const next = nextOf(draft, kind, at);
  draft.state.yearly = next === null ? others : { ...others, [kind]: next };
};

/** When the next one is to be fired. */
export const nextYearly = (draft: Draft): Instant | null => {
  const { yearly } = draft.state;
  if (yearly === undefined) return null;
  const next = Math.min(...KINDS.map((kind) => (fires(draft, kind) ? yearly[kind] : null) ?? Number.POSITIVE_INFINITY));
  return next === Number.POSITIVE_INFINITY ? null : next;
};

/** Records those whose instant it is. The draft stands on that day. Returns whether there was one. */
export const fireYearly = (draft: Draft, at: Instant): boolean => {
  const due = KINDS.filter((kind) => fires(draft, kind) && draft.state.yearly?.[kind] === at);
  for (const kind of due) {
    fireActivity(draft, kind, at);
    if (kind === 'birthday') draft.state.last_birthday = draft.rules.calendar.dayOf(at);
    setNext(draft, kind, at);
  }
  return due.length > 0;
};

/** Says when each is next, as of now: the birth date may have changed, and so may have the rules. */
export const renewYearly = (draft: Draft): void => {
  const { rules, state } = draft;
  if (state.yearly === undefined && !rules.firesBirthday && !rules.firesAnniversary) return;
  for (const kind of KINDS) setNext(draft, kind, draft.now);
};
