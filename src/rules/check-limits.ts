import { PERIODS, type Period } from '../model/earn-limits.ts';
import type { Fault } from '../model/problem.ts';

/** How often, or how many points, in each period. */
interface PeriodLimit {
  readonly period: Period;
  readonly times: number | null;
  readonly points?: number | null;
}

const contradictions = (limit: PeriodLimit, shorter: PeriodLimit, pointer: string): Fault[] =>
  (['times', 'points'] as const).flatMap((what) => {
    const [less, more] = [limit[what] ?? null, shorter[what] ?? null];
    if (less === null || more === null || less >= more) return [];
    const detail = `${less} in each ${limit.period}, ${more} in each ${shorter.period}`;
    return [{ pointer: `${pointer}/${what}`, code: 'contradiction', detail, expected: `at least ${more}` }];
  });

/** What is wrong with the limits of a rule or a reward: each says something, and something that another does not. */
export const checkLimits = (limits: readonly PeriodLimit[]): Fault[] =>
  limits.flatMap((limit, index): Fault[] => {
    const pointer = `/limits/${index}`;
    const { period, times, points = null } = limit;
    const expected = 'another period than that of the other limits';
    return [
      ...(times === null && points === null
        ? [{ pointer, code: 'required', detail: 'neither times nor points', expected: 'times, points or both' }]
        : []),
      ...limits
        .slice(0, index)
        .filter((other) => other.period === period)
        .map(() => ({ pointer: `${pointer}/period`, code: 'not_unique', detail: period, expected })),
      ...limits
        .filter((other) => PERIODS.indexOf(other.period) < PERIODS.indexOf(period))
        .flatMap((shorter) => contradictions(limit, shorter, pointer)),
    ];
  });
