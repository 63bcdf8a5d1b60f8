import type { Period, Weekday } from '../model/earn-limits.ts';
import { WEEKDAYS } from '../model/earn-limits.ts';
import { DAY_MS, type EpochDay } from '../model/instant.ts';

/** 1970-01-01 was a Thursday. */
const daysAfterMonday = (day: EpochDay): number => (((day + 3) % 7) + 7) % 7;

export const weekdayOf = (day: EpochDay): Weekday => WEEKDAYS[daysAfterMonday(day)] ?? 'monday';

/** The first day of the period a day lies in; 0 where the period is everything. */
export const periodStart = (period: Period, day: EpochDay): EpochDay => {
  const date = new Date(day * DAY_MS);
  switch (period) {
    case 'day':
      return day;
    case 'week':
      return day - daysAfterMonday(day);
    case 'month':
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY_MS;
    case 'year':
      return Date.UTC(date.getUTCFullYear(), 0, 1) / DAY_MS;
    case 'ever':
      return 0;
  }
};
