import { ROLLING_DAYS, type RollingWindow, type Window } from '../../model/condition.ts';
import { DAY_MS, type EpochDay } from '../../model/instant.ts';

const yearOf = (day: EpochDay): number => new Date(day * DAY_MS).getUTCFullYear();

/** The month (from 0) and the day of the month. */
const monthAndDay = (day: EpochDay): readonly [number, number] => {
  const date = new Date(day * DAY_MS);
  return [date.getUTCMonth(), date.getUTCDate()];
};

/** The anniversary of a day in a year. That of February 29th is the 28th where there is none. */
const anniversaryIn = (year: number, day: EpochDay): EpochDay => {
  const [month, date] = monthAndDay(day);
  const found = Date.UTC(year, month, date);
  return (new Date(found).getUTCMonth() === month ? found : Date.UTC(year, month + 1, 0)) / DAY_MS;
};

/** The next anniversary of a day, today included, whatever the year of the day itself. */
export const nextAnniversary = (day: EpochDay, today: EpochDay): EpochDay => {
  const year = yearOf(today);
  const thisYears = anniversaryIn(year, day);
  return thisYears >= today ? thisYears : anniversaryIn(year + 1, day);
};

/** The last anniversary of a day, today included. */
const lastAnniversary = (day: EpochDay, today: EpochDay): EpochDay => {
  const year = yearOf(today);
  const thisYears = anniversaryIn(year, day);
  return thisYears <= today ? thisYears : anniversaryIn(year - 1, day);
};

/** Month and day, `229` for February 29th, of all days whose anniversary falls between two days, both included. */
export const anniversariesBetween = (from: EpochDay, to: EpochDay): number[] => {
  const found: number[] = [];
  for (let day = from; day <= to; day++) {
    const [month, date] = monthAndDay(day);
    found.push((month + 1) * 100 + date);
    if (month === 1 && date === 28 && monthAndDay(day + 1)[0] === 2) found.push(229);
  }
  return [...new Set(found)];
};

export const isRolling = (window: Window): window is RollingWindow => window in ROLLING_DAYS;

/** The first day of a window that ends today. */
export const windowStart = (window: Window, today: EpochDay, enrolledDay: EpochDay): EpochDay => {
  if (isRolling(window)) return today - ROLLING_DAYS[window] + 1;
  return window === 'calendar_year' ? Date.UTC(yearOf(today), 0, 1) / DAY_MS : lastAnniversary(enrolledDay, today);
};

/** The day on which what happened on a day of the window is not in it any more. */
export const fallsOutOn = (window: Window, day: EpochDay, today: EpochDay, enrolledDay: EpochDay): EpochDay => {
  if (isRolling(window)) return day + ROLLING_DAYS[window];
  return window === 'calendar_year'
    ? Date.UTC(yearOf(today) + 1, 0, 1) / DAY_MS
    : nextAnniversary(enrolledDay, today + 1);
};
