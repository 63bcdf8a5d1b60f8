import type { Window } from '../model/condition.ts';
import type { EpochDay } from '../model/instant.ts';
import { type MemberState, noTotals, type Totals, type WindowTotals } from '../model/member-state.ts';
import { isNothing, minus, plus } from '../model/totals.ts';
import { windowStart } from '../rules/conditions/civil-days.ts';
import type { Draft } from './draft.ts';

/** The first day of a window that ends with `day`. */
export const firstDayOf = (state: MemberState, window: Window, day: EpochDay): EpochDay =>
  windowStart(window, day, state.enrolled_on);

/** Sums the buckets at hand from `first` to `last`, both included. */
const sumBuckets = (draft: Draft, first: EpochDay, last: EpochDay): Totals => {
  let sum = noTotals;
  for (const [day, totals] of draft.buckets) if (day >= first && day <= last) sum = plus(sum, totals);
  return sum;
};

/** The earliest day from `first` on with something on it, among the buckets at hand. */
const earliestAtHand = (draft: Draft, first: EpochDay): EpochDay | null => {
  let found: EpochDay | null = null;
  for (const [day, totals] of draft.buckets)
    if (day >= first && (found === null || day < found) && !isNothing(totals)) found = day;
  return found;
};

/** Drops windows no condition reads any more, and computes those that have become read. */
export const alignWindows = (draft: Draft): void => {
  const { rules, state } = draft;
  const known = Object.keys(state.windows);
  if (known.length === rules.windows.length && rules.windows.every((window) => window in state.windows)) return;
  state.windows = Object.fromEntries(
    rules.windows.map((window): [Window, WindowTotals] => {
      const first = firstDayOf(state, window, state.day);
      const computed = () => ({ ...sumBuckets(draft, first, state.day), from: earliestAtHand(draft, first) });
      return [window, state.windows[window] ?? computed()];
    }),
  );
};

/** What is left of a window when its first day moves on. Nothing is negative, so a sum of nothing is an empty window. */
const shrunk = (draft: Draft, window: WindowTotals, first: EpochDay): WindowTotals => {
  if (window.from === null || window.from >= first) return window;
  const left = minus(window, sumBuckets(draft, window.from, first - 1));
  return { ...left, from: isNothing(left) ? null : first };
};

/** Moves the state on to a later day: whatever falls out of a window leaves its totals. */
export const moveToDay = (draft: Draft, day: EpochDay): void => {
  const { rules, state } = draft;
  if (day <= state.day) return;
  const windows = { ...state.windows };
  for (const name of rules.windows) {
    const window = windows[name];
    if (window !== undefined) windows[name] = shrunk(draft, window, firstDayOf(state, name, day));
  }
  state.windows = windows;
  state.day = day;
  state.today = noTotals;
};

/** With every bucket at hand, the first days of the windows are exact again. */
export const sharpenWindows = (draft: Draft): void => {
  const { state } = draft;
  state.windows = Object.fromEntries(
    Object.entries(state.windows).map(([name, window]) => [
      name,
      { ...window, from: earliestAtHand(draft, firstDayOf(state, name as Window, state.day)) },
    ]),
  );
};

/** Books what happened on a day: in the day's bucket, in the windows that reach back to it, and ever. */
export const addToDay = (draft: Draft, day: EpochDay, what: Totals): void => {
  const { rules, state } = draft;
  const bucket = plus(draft.buckets.get(day) ?? noTotals, what);
  draft.buckets.set(day, bucket);
  draft.days.set(day, bucket);
  if (day === state.day) state.today = bucket;
  state.totals = plus(state.totals, what);
  if (rules.windows.length === 0) return;
  const windows = { ...state.windows };
  for (const name of rules.windows) {
    const window = windows[name];
    if (window !== undefined && day >= firstDayOf(state, name, state.day))
      windows[name] = { ...plus(window, what), from: window.from === null ? day : Math.min(window.from, day) };
  }
  state.windows = windows;
};
