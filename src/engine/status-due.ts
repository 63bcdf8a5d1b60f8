import { type EpochDay, earlier, earliest, type Instant } from '../model/instant.ts';
import type { Totals } from '../model/member-state.ts';
import type { Draft } from './draft.ts';
import { subjectAt } from './subject.ts';
import { schemeDue } from './tiers.ts';

const schemesDue = (draft: Draft, from: Instant): Instant | null =>
  earliest(draft.rules.schemes.map((scheme) => schemeDue(draft, scheme, from)));

/**
 * The first instant after `from` at which time alone may change a tier or segment: a clause of a condition flips, or a
 * stay or grace ends. With the buckets at hand that fall out of windows by then it is exact; otherwise it may be early,
 * never late, and a reassessment sets the true one.
 */
export const statusDue = (draft: Draft, from: Instant, bucketsAtHand: boolean): Instant | null => {
  if (draft.state.status === 'erased') return null;
  const days: ReadonlyMap<EpochDay, Totals> | null = bucketsAtHand ? draft.buckets : null;
  const subject = subjectAt(draft, from);
  let due = schemesDue(draft, from);
  for (const { nextFlip } of draft.rules.timelyConditions) due = earlier(due, nextFlip(subject, days));
  return due;
};

/** How much has happened that can move the flips of conditions: tiers changed, points moved, days were written to. */
const happened = (draft: Draft): number => draft.transitions.length + draft.entries.length + draft.days.size;

/**
 * The same again and again, going forward with the draft. The flip of a condition stays true while time passes, so only
 * conditions whose flip has come are asked again, and all of them only where something happened: a member who catches up
 * on a year under a hundred segments would ask ten thousand times otherwise.
 */
export const statusInstants = (draft: Draft): ((from: Instant) => Instant | null) => {
  const { timelyConditions } = draft.rules;
  if (draft.state.status === 'erased') return () => null;
  const flips: (Instant | null)[] = [];
  let known = -1;
  return (from) => {
    const subject = subjectAt(draft, from);
    const now = happened(draft);
    let due = schemesDue(draft, from);
    for (const [index, { nextFlip }] of timelyConditions.entries()) {
      const flip = flips[index];
      if (known !== now || (flip != null && flip <= from)) flips[index] = nextFlip(subject, draft.buckets);
      due = earlier(due, flips[index] ?? null);
    }
    known = now;
    return due;
  };
};
