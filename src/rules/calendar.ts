import { Temporal } from 'temporal-polyfill';
import type { Expiry } from '../model/duration.ts';
import { DAY_MS, type EpochDay, type Instant } from '../model/instant.ts';

/** Local days of one time zone. Starts of days are cached: asking the zone database costs some 26 µs a day. */
export interface Calendar {
  /** The local day an instant falls on. */
  dayOf(instant: Instant): EpochDay;
  /** The instant a local day begins. */
  startOf(day: EpochDay): Instant;
}

const zoneStart = (zone: string, day: EpochDay): Instant =>
  Temporal.PlainDate.from({ year: 1970, month: 1, day: 1 }).add({ days: day }).toZonedDateTime(zone).epochMilliseconds;

/** Days kept per zone; a program reads hardly more than a few years. */
const DAYS_CACHED = 20_000;

const createCalendar = (zone: string): Calendar => {
  const starts = new Map<EpochDay, Instant>();
  const startOf = (day: EpochDay): Instant => {
    const known = starts.get(day);
    if (known !== undefined) return known;
    if (starts.size >= DAYS_CACHED) starts.clear();
    const start = zoneStart(zone, day);
    starts.set(day, start);
    return start;
  };
  const dayOf = (instant: Instant): EpochDay => {
    let day = Math.floor(instant / DAY_MS);
    while (startOf(day) > instant) day -= 1;
    while (startOf(day + 1) <= instant) day += 1;
    return day;
  };
  return { dayOf, startOf };
};

const calendars = new Map<string, Calendar>();

/** The calendar of a zone. Throws a RangeError when the zone is not one. */
export const calendarOf = (zone: string): Calendar => {
  const known = calendars.get(zone);
  if (known !== undefined) return known;
  zoneStart(zone, 0);
  const calendar = createCalendar(zone);
  calendars.set(zone, calendar);
  return calendar;
};

export const isTimeZone = (zone: string): boolean => {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    zoneStart(zone, 0);
    return true;
  } catch {
    return false;
  }
};

const laterDays = new Map<string, Map<EpochDay, EpochDay>>();

const toPlain = (day: EpochDay) => Temporal.PlainDate.from({ year: 1970, month: 1, day: 1 }).add({ days: day });
const toDay = (date: Temporal.PlainDate): EpochDay => Date.UTC(date.year, date.month - 1, date.day) / DAY_MS;

/** The day so long after another, `P1M` after January 31st being the last of February. Remembered: it is asked on every earning. */
export const addDuration = (day: EpochDay, duration: string): EpochDay => {
  const later = laterDays.get(duration) ?? new Map<EpochDay, EpochDay>();
  laterDays.set(duration, later);
  const known = later.get(day);
  if (known !== undefined) return known;
  if (later.size >= DAYS_CACHED) later.clear();
  const found = toDay(toPlain(day).add(duration));
  later.set(day, found);
  return found;
};

/** The last day of the month, quarter or year a day lies in. */
export const lastDayOf = (unit: 'month' | 'quarter' | 'year', day: EpochDay): EpochDay => {
  const date = toPlain(day);
  const month = unit === 'month' ? date.month : unit === 'quarter' ? Math.ceil(date.month / 3) * 3 : 12;
  const inMonth = date.with({ day: 1, month });
  return toDay(inMonth.with({ day: inMonth.daysInMonth }));
};

/** The end of the local day so long after an instant, or of the last day of the month, quarter or year that day lies in. */
export const endOf = (calendar: Calendar, { after, round_up_to }: Expiry, from: Instant): Instant => {
  const day = addDuration(calendar.dayOf(from), after);
  return calendar.startOf((round_up_to === null ? day : lastDayOf(round_up_to, day)) + 1);
};
