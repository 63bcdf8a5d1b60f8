import type { Limit, Period } from '../model/earn-limits.ts';
import type { Bounds } from '../model/earn-rule.ts';
import type { EpochDay } from '../model/instant.ts';
import type { RuleCount, RuleCounts } from '../model/member-state.ts';
import { addDuration } from '../rules/calendar.ts';
import { periodStart } from '../rules/periods.ts';

/*
 * What a member got of a rule is counted by period, on the local day it happened. The two latest periods are kept, so
 * that a report that comes a little late is counted where it belongs. Of an older period it is not known any more what
 * was given: nothing more is. So a limit is never exceeded, and the counters stay small.
 */

export const PERIODS_KEPT = 2;

/** An earn rule, or what else is bounded like one. */
export interface Bounded {
  readonly rule: Bounds;
}

/** Why a rule gives nothing more to a member for now. */
export type Exhausted =
  | { readonly kind: 'limit'; readonly period: Period; readonly of: 'times' | 'points' }
  | { readonly kind: 'cool_down'; readonly until: EpochDay }
  | { readonly kind: 'budget' };

/** How often and how many points a rule can still give. Infinite where nothing bounds it. */
export interface Allowance {
  readonly kind: 'allowance';
  readonly times: number;
  readonly points: number;
}

export const unbounded: Allowance = {
  kind: 'allowance',
  times: Number.POSITIVE_INFINITY,
  points: Number.POSITIVE_INFINITY,
};

/** What a rule gave in the period of a day; null when that is not known any more. */
const countOf = (counts: RuleCounts | undefined, period: Period, day: EpochDay): RuleCount | null => {
  const from = periodStart(period, day);
  const counted = counts?.periods[period];
  const found = counted?.kept.find((count) => count.from === from);
  if (found !== undefined) return found;
  return counted !== undefined && counted.dropped !== null && from <= counted.dropped
    ? null
    : { from, times: 0, points: 0 };
};

export const isBounded = ({ rule }: Bounded): boolean =>
  rule.limits.length > 0 || rule.cool_down !== null || rule.budget !== null;

/** What limits leave on a local day. */
export const leftOfLimits = (
  limits: readonly Limit[],
  counts: RuleCounts | undefined,
  day: EpochDay,
): Allowance | Extract<Exhausted, { kind: 'limit' }> => {
  let { times, points } = unbounded;
  for (const limit of limits) {
    const count = countOf(counts, limit.period, day);
    const timesLeft = limit.times === null ? times : limit.times - (count?.times ?? limit.times);
    const pointsLeft = limit.points === null ? points : limit.points - (count?.points ?? limit.points);
    if (timesLeft <= 0) return { kind: 'limit', period: limit.period, of: 'times' };
    if (pointsLeft <= 0) return { kind: 'limit', period: limit.period, of: 'points' };
    times = Math.min(times, timesLeft);
    points = Math.min(points, pointsLeft);
  }
  return { kind: 'allowance', times, points };
};

/** What a rule can still give to a member on a local day, given what is left of its budget. */
export const allowanceOf = (
  compiled: Bounded,
  counts: RuleCounts | undefined,
  day: EpochDay,
  budgetLeft: number,
): Allowance | Exhausted => {
  const { rule } = compiled;
  if (!isBounded(compiled)) return unbounded;
  if (rule.cool_down !== null && counts !== undefined) {
    const until = addDuration(counts.last_on, rule.cool_down);
    if (day < until) return { kind: 'cool_down', until };
  }
  const left = leftOfLimits(rule.limits, counts, day);
  if (rule.budget === null || left.kind !== 'allowance') return left;
  return budgetLeft <= 0 ? { kind: 'budget' } : { ...left, points: Math.min(left.points, budgetLeft) };
};

type PeriodCounts = NonNullable<RuleCounts['periods'][Period]>;

const countedIn = (counted: PeriodCounts | undefined, from: EpochDay, times: number, points: number): PeriodCounts => {
  const kept = counted?.kept ?? [];
  const before = kept.find((count) => count.from === from) ?? { from, times: 0, points: 0 };
  const all = [
    ...kept.filter((count) => count.from !== from),
    { from, times: before.times + times, points: before.points + points },
  ].sort((a, b) => a.from - b.from);
  const dropped = all.slice(0, -PERIODS_KEPT).at(-1)?.from ?? counted?.dropped ?? null;
  return { kept: all.slice(-PERIODS_KEPT), dropped };
};

/** The counters of limits after so often and so many points on a local day. */
export const countIn = (
  limits: readonly Limit[],
  counts: RuleCounts | undefined,
  day: EpochDay,
  times: number,
  points: number,
): RuleCounts => ({
  last_on: Math.max(counts?.last_on ?? day, day),
  periods: Object.fromEntries(
    limits.map(({ period }) => [period, countedIn(counts?.periods[period], periodStart(period, day), times, points)]),
  ),
});

/** Whether what the rule gives has to be counted. */
export const isCounted = ({ rule }: Bounded): boolean => rule.limits.length > 0 || rule.cool_down !== null;
