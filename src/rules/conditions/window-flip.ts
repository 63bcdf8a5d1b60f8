import type { Comparison, FieldReference, Window } from '../../model/condition.ts';
import { type EpochDay, earliest } from '../../model/instant.ts';
import type { Totals } from '../../model/member-state.ts';
import { minus } from '../../model/totals.ts';
import { fallsOutOn, isRolling, windowStart } from './civil-days.ts';
import { compareList, compareNumber, isThere, type Test } from './compare.ts';
import type { ConditionField } from './field.ts';
import type { Subject } from './subject.ts';

/* Windows only shrink while nothing happens: days fall out at their beginning. */

export type Days = ReadonlyMap<EpochDay, Totals>;

/** The test of a window's totals that a comparison makes; null where it is not with something fixed. */
export const testOfTotals = (comparison: Comparison, field: ConditionField): Test<Totals> | null => {
  const read = field.ofTotals?.(comparison);
  if (read === undefined) return null;
  const { op, value } = comparison;
  if (op === 'exists') return isThere(read);
  if (typeof value === 'number') return compareNumber(op, read, value);
  return Array.isArray(value) ? compareList(op, read, value as readonly number[]) : null;
};

const totalsOf = ({ state }: Subject, window: Window) => {
  const totals = state.windows[window];
  if (totals === undefined) throw new Error(`the totals of window ${window} are not in the state`);
  return totals;
};

/** The day on which the first of what a window counts falls out; null where it counts nothing. May be early. */
export const firstFallOut = (window: Window, subject: Subject, enrolledDay: EpochDay): EpochDay | null => {
  const { from } = totalsOf(subject, window);
  if (from === null) return null;
  // Totals may be rolled a little behind: what should have fallen out by today does so on the next day at the latest.
  return Math.max(subject.today + 1, fallsOutOn(window, from, subject.today, enrolledDay));
};

/** The earliest of the days on which windows that are read lose something. */
export const firstFallOutOf = (
  references: readonly FieldReference[],
  subject: Subject,
  enrolledDay: EpochDay,
): EpochDay | null =>
  earliest(references.map(({ window }) => (window === undefined ? null : firstFallOut(window, subject, enrolledDay))));

/** The day on which the answer of a test changes as days fall out of its window; null: on none. Exact. */
export const windowFlip = (
  window: Window,
  test: Test<Totals>,
  subject: Subject,
  days: Days,
  enrolledDay: EpochDay,
): EpochDay | null => {
  const first = windowStart(window, subject.today, enrolledDay);
  const inside = [...days].filter(([day]) => first <= day && day <= subject.today).sort(([a], [b]) => a - b);
  let totals: Totals = totalsOf(subject, window);
  const before = test(totals);
  for (const [index, [day, bucket]] of inside.entries()) {
    totals = minus(totals, bucket);
    // Of the other windows all days fall out at once.
    const last = isRolling(window) || index === inside.length - 1;
    if (last && test(totals) !== before) return fallsOutOn(window, day, subject.today, enrolledDay);
  }
  return null;
};
