import { Temporal } from 'temporal-polyfill';
import type { Hours, Schedule } from '../model/earn-limits.ts';
import type { Instant } from '../model/instant.ts';
import type { Calendar } from './calendar.ts';
import { weekdayOf } from './periods.ts';

const MINUTE_MS = 60_000;
const MINUTES_OF_DAY = 1_440;

/**
 * Minutes on the clock on the wall. On a day of another length than 24 hours the zone database is asked, which costs
 * some 26 µs: on the others the clock runs as the minutes do.
 */
const minuteOf = (calendar: Calendar, zone: string, at: Instant): number => {
  const day = calendar.dayOf(at);
  const start = calendar.startOf(day);
  if (calendar.startOf(day + 1) - start === MINUTES_OF_DAY * MINUTE_MS) return Math.floor((at - start) / MINUTE_MS);
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return local.hour * 60 + local.minute;
};

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Whether an instant lies in the hours, and whether in the part that belongs to the day before. */
const within = ({ from, until }: Hours, minute: number): 'today' | 'since yesterday' | null => {
  const [first, last] = [minutes(from), minutes(until)];
  if (first < last) return minute >= first && minute < last ? 'today' : null;
  return minute >= first ? 'today' : minute < last ? 'since yesterday' : null;
};

/** A schedule as a function. Hours past midnight belong to the weekday they began on. */
export const compileSchedule = (
  { weekdays, hours }: Schedule,
  calendar: Calendar,
  zone: string,
): ((at: Instant) => boolean) => {
  const days = weekdays === null ? null : new Set(weekdays);
  return (at) => {
    const part = hours === null ? 'today' : within(hours, minuteOf(calendar, zone, at));
    if (part === null) return false;
    const day = calendar.dayOf(at) - (part === 'today' ? 0 : 1);
    return days === null || days.has(weekdayOf(day));
  };
};
