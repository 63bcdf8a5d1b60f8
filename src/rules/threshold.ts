import type { Threshold, Window } from '../model/condition.ts';
import type { Totals } from '../model/member-state.ts';

/** What a threshold counts, out of totals over its window. */
export const countOf = (threshold: Threshold, totals: Totals): number => {
  switch (threshold.field) {
    case 'spend':
      return totals.spend;
    case 'purchases':
      return totals.purchases;
    case 'earned_points':
      return totals.earned[threshold.wallet ?? 'points'] ?? 0;
  }
};

/** The totals a threshold reads: over its window, or ever. */
export const totalsFor = (
  threshold: Threshold,
  ever: Totals,
  windows: Readonly<Partial<Record<Window, Totals>>>,
): Totals => {
  if (threshold.window === undefined) return ever;
  const totals = windows[threshold.window];
  if (totals === undefined) throw new Error(`the totals of window ${threshold.window} were not loaded`);
  return totals;
};
