import { Type } from 'typebox';

/** Milliseconds since 1970 in UTC: how the engine counts time. JSON carries RFC 3339 text. */
export type Instant = number;

/** Days since 1970-01-01 of a calendar, without a zone. */
export type EpochDay = number;

/** An instant as RFC 3339 text. Millisecond precision: further digits would be lost, so they are refused. */
export const InstantText = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-03-01T09:30:00Z'] });

export const instantText = (instant: Instant): string => new Date(instant).toISOString();

export const instantTextOrNull = (instant: Instant | null): string | null =>
  instant === null ? null : instantText(instant);

export const parseInstant = (value: string): Instant => Date.parse(value);

const DAY_MS = 86_400_000;

/** `YYYY-MM-DD` of an epoch day. */
export const dayText = (day: EpochDay): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

export const parseDay = (value: string): EpochDay => Date.parse(`${value}T00:00:00Z`) / DAY_MS;
