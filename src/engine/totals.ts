import { WINDOWS } from '../model/condition.ts';
import type { EpochDay } from '../model/instant.ts';
import { noTotals, type Totals } from '../model/member-state.ts';
import type { Draft } from './draft.ts';

const addEarned = (a: Totals['earned'], b: Totals['earned'], sign: 1 | -1): Totals['earned'] => {
  const earned: Record<string, number> = { ...a };
  for (const [wallet, points] of Object.entries(b)) {
    const sum = (earned[wallet] ?? 0) + sign * points;
    if (sum === 0) delete earned[wallet];
    else earned[wallet] = sum;
  }
  return earned;
};

export const plus = (a: Totals, b: Totals): Totals => ({
  spend: a.spend + b.spend,
  purchases: a.purchases + b.purchases,
  earned: addEarned(a.earned, b.earned, 1),
});

export const minus = (a: Totals, b: Totals): Totals => ({
  spend: a.spend - b.spend,
  purchases: a.purchases - b.purchases,
  earned: addEarned(a.earned, b.earned, -1),
});

/** Sums the buckets of days after `from` up to and including `to`. */
const sumBuckets = (draft: Draft, from: EpochDay, to: EpochDay): Totals => {
  let sum = noTotals;
  for (const [day, totals] of draft.buckets) if (day > from && day <= to) sum = plus(sum, totals);
  return sum;
};

/** Drops windows no condition reads any more, and computes those that have become read. */
export const alignWindows = (draft: Draft): void => {
  const { rules, state } = draft;
  if (
    Object.keys(state.windows).length === rules.windows.length &&
    rules.windows.every((window) => window in state.windows)
  )
    return;
  state.windows = Object.fromEntries(
    rules.windows.map((window) => [
      window,
      state.windows[window] ?? sumBuckets(draft, state.day - WINDOWS[window], state.day),
    ]),
  );
};

/** Applies a change to the totals of each window the rules read. */
const changeWindows = (draft: Draft, change: (totals: Totals, days: number) => Totals): void => {
  if (draft.rules.windows.length === 0) return;
  const windows = { ...draft.state.windows };
  for (const window of draft.rules.windows) {
    const totals = windows[window];
    if (totals !== undefined) windows[window] = change(totals, WINDOWS[window]);
  }
  draft.state.windows = windows;
};

/** Moves the state on to a later day: whatever falls out of a window leaves its totals. */
export const moveToDay = (draft: Draft, day: EpochDay): void => {
  const { state } = draft;
  if (day <= state.day) return;
  changeWindows(draft, (totals, days) => minus(totals, sumBuckets(draft, state.day - days, day - days)));
  state.day = day;
  state.today = noTotals;
};

/** Books what happened on a day: in the day's bucket, in the windows that reach back to it, and ever. */
export const addToDay = (draft: Draft, day: EpochDay, what: Totals): void => {
  const { state } = draft;
  const bucket = plus(draft.buckets.get(day) ?? noTotals, what);
  draft.buckets.set(day, bucket);
  draft.days.set(day, bucket);
  if (day === state.day) state.today = bucket;
  state.totals = plus(state.totals, what);
  changeWindows(draft, (totals, days) => (day > state.day - days ? plus(totals, what) : totals));
};

/** The days, after the one the state stands on and up to `until`, at whose start something falls out of a window. */
export const daysOnWhichWindowsShrink = (draft: Draft, until: EpochDay): EpochDay[] => {
  const found = new Set<EpochDay>();
  for (const window of draft.rules.windows) {
    for (const bucket of draft.buckets.keys()) {
      const day = bucket + WINDOWS[window];
      if (day > draft.state.day && day <= until) found.add(day);
    }
  }
  return [...found].sort((a, b) => a - b);
};
