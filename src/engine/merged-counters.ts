import type { Period } from '../model/earn-limits.ts';
import type { RuleCount, RuleCounts } from '../model/member-state.ts';
import type { Counters } from '../model/merge.ts';
import type { Draft } from './draft.ts';
import { countersOf } from './handover.ts';
import { PERIODS_KEPT } from './rule-limits.ts';

/* What was given and burned under limits counts for the one who stays: a merge makes no room under a limit. */

type PeriodCounts = NonNullable<RuleCounts['periods'][Period]>;

const KEYS = ['limits', 'burn_limits', 'reward_limits'] as const;

const noCounts: PeriodCounts = { kept: [], dropped: null };

const addedIn = (a: PeriodCounts, b: PeriodCounts, sign: 1 | -1): PeriodCounts => {
  const days = [...new Set([...a.kept, ...b.kept].map(({ from }) => from))].sort((x, y) => x - y);
  const find = ({ kept }: PeriodCounts, from: number): RuleCount =>
    kept.find((count) => count.from === from) ?? { from, times: 0, points: 0 };
  const all = days
    .map((from) => {
      const [one, other] = [find(a, from), find(b, from)];
      const sum = (key: 'times' | 'points') => Math.max(0, one[key] + sign * other[key]);
      return { from, times: sum('times'), points: sum('points') };
    })
    .filter(({ times, points }) => sign === 1 || times > 0 || points > 0);
  const dropped = [all.slice(0, -PERIODS_KEPT).at(-1)?.from, a.dropped, sign === 1 ? b.dropped : null];
  const last = Math.max(...dropped.map((day) => day ?? Number.NEGATIVE_INFINITY));
  return { kept: all.slice(-PERIODS_KEPT), dropped: last === Number.NEGATIVE_INFINITY ? null : last };
};

const addedTo = (a: RuleCounts | undefined, b: RuleCounts, sign: 1 | -1): RuleCounts => {
  const periods = [...new Set([...Object.keys(a?.periods ?? {}), ...Object.keys(b.periods)])] as Period[];
  return {
    last_on: a === undefined ? b.last_on : sign === 1 ? Math.max(a.last_on, b.last_on) : a.last_on,
    periods: Object.fromEntries(
      periods.map((period) => [period, addedIn(a?.periods[period] ?? noCounts, b.periods[period] ?? noCounts, sign)]),
    ),
  };
};

const isEmpty = ({ periods }: RuleCounts): boolean =>
  Object.values(periods).every(({ kept, dropped }) => kept.length === 0 && dropped === null);

/** Takes counters of another member into account, or out of it again. */
export const addCounters = (draft: Draft, counters: Counters, sign: 1 | -1): void => {
  for (const key of KEYS) {
    const others = Object.entries(counters[key]);
    if (others.length === 0) continue;
    const counts = { ...countersOf(draft.state)[key] };
    for (const [code, other] of others) {
      if (sign === -1 && counts[code] === undefined) continue;
      const sum = addedTo(counts[code], other, sign);
      if (sign === -1 && isEmpty(sum)) delete counts[code];
      else counts[code] = sum;
    }
    draft.state[key] = counts;
  }
};
