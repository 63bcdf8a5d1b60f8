import type { ConsentChange } from '../model/consent.ts';
import { type Instant, instantText, parseInstant } from '../model/instant.ts';
import type { MemberProfile, PutMember } from '../model/member.ts';
import type { Fault } from '../model/problem.ts';
import type { Draft } from './draft.ts';

type Consents = MemberProfile['consents'];
type Given = NonNullable<PutMember['consents']>;

/** Consents that are said to change later than now. */
export const faultsOfConsents = (given: Given, now: Instant): Fault[] =>
  Object.entries(given).flatMap(([purpose, { changed_at }]) =>
    changed_at === undefined || parseInstant(changed_at) <= now
      ? []
      : [
          {
            pointer: `/consents/${purpose}/changed_at`,
            code: 'occurred_in_future',
            detail: changed_at,
            expected: `at most ${instantText(now)}`,
          },
        ],
  );

/**
 * Consents as they stand after a report. One that says the same as what stands leaves that as it is, and so does one that
 * is older: what was given and then withdrawn stays withdrawn, in whatever order it is told.
 */
export const consentsAfter = (
  before: Consents,
  given: PutMember['consents'],
  replace: boolean,
  now: Instant,
): Consents => {
  const after: Consents = replace ? {} : { ...before };
  for (const [purpose, { granted, source, changed_at }] of Object.entries(given ?? {})) {
    const held = before[purpose];
    const same = held !== undefined && held.granted === granted && held.source === source;
    const at = changed_at === undefined ? now : parseInstant(changed_at);
    const older = held !== undefined && at < parseInstant(held.changed_at);
    const fresh = { granted, ...(source === undefined ? {} : { source }), changed_at: instantText(at) };
    after[purpose] = held !== undefined && (same || older) ? held : fresh;
  }
  return after;
};

/** Adds what changed to the history, with the number of the event that told it last. */
export const noteConsents = (draft: Draft, before: Consents, after: Consents): void => {
  for (const purpose of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const [was, is] = [before[purpose], after[purpose]];
    if (was?.granted === is?.granted && was?.source === is?.source && was?.changed_at === is?.changed_at) continue;
    const change: ConsentChange = {
      number: draft.state.events,
      purpose,
      granted: is?.granted ?? null,
      source: is?.source ?? null,
      changed_at: is === undefined ? draft.now : parseInstant(is.changed_at),
      recorded_at: draft.now,
    };
    draft.consents.push(change);
  }
};
