import { DAY_MS, dayText, type EpochDay, type Instant } from '../../model/instant.ts';

/* Texts that stand for a duration, an instant or a date. Strict: what one side reads, the database reads the same. */

const HOUR_MS = 3_600_000;

const DURATION = /^[1-9][0-9]{0,4}[dh]$/;
const DURATION_DAYS_MAX = 36_500;
const ANNIVERSARY = /^(0|[1-9][0-9]{0,2})d$/;
const ANNIVERSARY_DAYS_MAX = 365;

/** Milliseconds of `90d` or `36h`, a day being 24 hours; undefined where it is no duration. */
export const parseDuration = (text: string): number | undefined => {
  if (!DURATION.test(text)) return undefined;
  const length = Number(text.slice(0, -1)) * (text.endsWith('d') ? DAY_MS : HOUR_MS);
  return length <= DURATION_DAYS_MAX * DAY_MS ? length : undefined;
};

/** Days of `0d` to `365d`. */
export const parseAnniversary = (text: string): number | undefined => {
  if (!ANNIVERSARY.test(text)) return undefined;
  const days = Number(text.slice(0, -1));
  return days <= ANNIVERSARY_DAYS_MAX ? days : undefined;
};

const DATE = /^\d{4}-\d\d-\d\d$/;

/** A day that exists, of the years 1 to 9999: the database has no year 0. */
export const parseDate = (text: string): EpochDay | undefined => {
  if (!DATE.test(text) || text.startsWith('0000')) return undefined;
  const day = Date.parse(`${text}T00:00:00Z`) / DAY_MS;
  return Number.isInteger(day) && dayText(day) === text ? day : undefined;
};

const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

const parseIso = (text: string): Instant | undefined =>
  text[10] === 'T' && parseDate(text.slice(0, 10)) !== undefined && TIME.test(text.slice(11))
    ? Date.parse(text)
    : undefined;

const FIRST = Date.UTC(1900, 0, 1);
const END = Date.UTC(10_000, 0, 1);

/** RFC 3339 with at most milliseconds, of the years 1900 to 9999. */
export const parseLiteralInstant = (text: string): Instant | undefined => {
  const instant = parseIso(text);
  return instant !== undefined && instant >= FIRST && instant < END ? instant : undefined;
};

/** An instant as attributes hold it: in UTC. */
export const parseStoredInstant = (text: string): Instant | undefined =>
  text.endsWith('Z') ? parseIso(text) : undefined;
