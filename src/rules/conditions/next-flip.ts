import type { Comparison, Condition } from '../../model/condition.ts';
import { type EpochDay, earlier, type Instant } from '../../model/instant.ts';
import type { Totals } from '../../model/member-state.ts';
import { nextAnniversary } from './civil-days.ts';
import type { Test } from './compare.ts';
import { daysOf, durationOf } from './compile-comparison.ts';
import { daysEnrolledFlip } from './day-flip.ts';
import type { ConditionContext } from './field.ts';
import { fieldOf, readerOf } from './fields.ts';
import type { Subject } from './subject.ts';
import { leavesOf, referencesOf } from './walk.ts';
import { type Days, firstFallOutOf, testOfTotals, windowFlip } from './window-flip.ts';

/**
 * When time alone may change one comparison: the first such instant after now, or null. May be early, never late. The
 * buckets of the windows, today's included, make it exact for windows.
 */
export type Flip = (subject: Subject, days: Days | null) => Instant | null;

const compileInstant = (comparison: Comparison, context: ConditionContext): Flip | null => {
  const { op } = comparison;
  if (op !== 'within_last' && op !== 'older_than') return null;
  const read = readerOf<number>(context, comparison);
  const length = durationOf(comparison);
  return (subject) => {
    const at = read(subject);
    if (at === undefined) return null;
    if (op === 'within_last' && at > subject.now) return at;
    const passed = at + length + 1;
    return passed > subject.now ? passed : null;
  };
};

const compileDate = (comparison: Comparison, context: ConditionContext): Flip | null => {
  if (comparison.op !== 'anniversary_within') return null;
  const read = readerOf<number>(context, comparison);
  const within = daysOf(comparison);
  return (subject) => {
    const day = read(subject);
    if (day === undefined) return null;
    const next = nextAnniversary(day, subject.today);
    return context.calendar.startOf(next - subject.today <= within ? next + 1 : next - within);
  };
};

const SUMS: ReadonlySet<string> = new Set(['spend', 'purchases', 'earned_points', 'activities']);

/** Whether what falls out of a window cannot change the answer: sums only fall, so what is too little stays so. */
const isSettled = ({ field, window, op }: Comparison, test: Test<Totals>, { state }: Subject): boolean => {
  const totals = window === undefined ? undefined : state.windows[window];
  if (!SUMS.has(field) || totals === undefined) return false;
  const holds = test(totals) === true;
  return op === 'gte' || op === 'gt' ? !holds : (op === 'lt' || op === 'lte') && holds;
};

/** Comparisons of numbers: what falls out of windows, and the days enrolled. */
const compileNumber = (leaf: Condition, context: ConditionContext): Flip | null => {
  const references = referencesOf(leaf);
  const countsDays = references.some(({ field }) => field === 'days_enrolled');
  const windows = references.filter(({ window }) => window !== undefined);
  if (!countsDays && windows.length === 0) return null;
  const { calendar } = context;
  const enrolled = ({ state }: Subject): EpochDay => state.enrolled_on;
  const startOf = (day: EpochDay | null): Instant | null => (day === null ? null : calendar.startOf(day));

  const comparison = 'field' in leaf ? (leaf as Comparison) : null;
  if (comparison?.field === 'days_enrolled' && windows.length === 0)
    return (subject) => startOf(daysEnrolledFlip(comparison, subject.today, enrolled(subject)));

  const { window } = comparison ?? {};
  const test = comparison === null ? null : testOfTotals(comparison, fieldOf(context, comparison));
  if (comparison !== null && test !== null && window !== undefined)
    return (subject, days) =>
      startOf(
        isSettled(comparison, test, subject)
          ? null
          : days === null
            ? firstFallOutOf(windows, subject, enrolled(subject))
            : windowFlip(window, test, subject, days, enrolled(subject)),
      );
  return (subject) => {
    const fallOut = firstFallOutOf(windows, subject, enrolled(subject));
    return startOf(earlier(fallOut, countsDays ? subject.today + 1 : null));
  };
};

const compileLeaf = (leaf: Condition, context: ConditionContext): Flip | null => {
  if (!('field' in leaf)) return compileNumber(leaf, context);
  switch (fieldOf(context, leaf).type) {
    case 'instant':
      return compileInstant(leaf, context);
    case 'date':
      return compileDate(leaf, context);
    case 'integer':
      return compileNumber(leaf, context);
    default:
      return null;
  }
};

/** The function that tells when time alone may change the answer of a condition, comparisons being looked at one by one. */
export const compileNextFlip = (condition: Condition, context: ConditionContext): Flip => {
  const flips = leavesOf(condition)
    .map((leaf) => compileLeaf(leaf, context))
    .filter((flip) => flip !== null);
  return (subject, days) => {
    let next: Instant | null = null;
    for (const flip of flips) next = earlier(next, flip(subject, days));
    return next;
  };
};

/** The same for once. */
export const nextFlip = (
  condition: Condition,
  subject: Subject,
  days: Days | null,
  context: ConditionContext,
): Instant | null => compileNextFlip(condition, context)(subject, days);
