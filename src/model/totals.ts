import type { Totals } from './member-state.ts';

type Counts = Readonly<Record<string, number>>;

const addCounts = (a: Counts, b: Counts, sign: 1 | -1): Counts => {
  const entries = Object.entries(b);
  if (entries.length === 0) return a;
  const counts: Record<string, number> = { ...a };
  for (const [name, count] of entries) {
    const sum = (counts[name] ?? 0) + sign * count;
    if (sum === 0) delete counts[name];
    else counts[name] = sum;
  }
  return counts;
};

const added = (a: Totals, b: Totals, sign: 1 | -1): Totals => ({
  spend: a.spend + sign * b.spend,
  purchases: a.purchases + sign * b.purchases,
  earned: addCounts(a.earned, b.earned, sign),
  activities: addCounts(a.activities, b.activities, sign),
});

/** What both say, added up. */
export const plus = (a: Totals, b: Totals): Totals => added(a, b, 1);
/** What is left without the other. What comes to nothing is not named any more. */
export const minus = (a: Totals, b: Totals): Totals => added(a, b, -1);

export const isNothing = ({ spend, purchases, earned, activities }: Totals): boolean =>
  spend === 0 && purchases === 0 && Object.keys(earned).length === 0 && Object.keys(activities).length === 0;
