import type { Instant } from '../model/instant.ts';
import type { Person, Subject, Trigger } from '../rules/conditions/subject.ts';
import type { Draft } from './draft.ts';

/** The person as the draft leaves it. Needed only where some condition reads it, and loaded then. */
const personOf = (draft: Draft): Person | null => {
  const person = draft.profile ?? draft.loaded.profile;
  if (person === null && draft.rules.readsPerson) throw new Error('the person was not loaded');
  return person;
};

/** The member as conditions see it at an instant, which is not before the day the draft stands on. */
export const subjectAt = (draft: Draft, at: Instant, trigger: Trigger | null = null): Subject => ({
  state: draft.state,
  person: personOf(draft),
  now: at,
  today: draft.rules.calendar.dayOf(at),
  trigger,
});
