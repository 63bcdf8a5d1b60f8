import { Type } from 'typebox';

/** Milliseconds since 1970 in UTC: how the engine counts time. JSON carries RFC 3339 text. */
export type Instant = number;

/** Days since 1970-01-01 of a calendar, without a zone. */
export type EpochDay = number;

/** A day of 24 hours in milliseconds: what durations and epoch days count in. Local days of a zone may be longer or shorter. */
export const DAY_MS = 86_400_000;

/** The earlier of two instants or days, either of which may not be there. */
export const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

/** The earliest of those that are there; null: there is none. */
export const earliest = (instants: readonly (Instant | null)[]): Instant | null =>
  instants.reduce<Instant | null>(earlier, null);

/** The latest of those that are there; null: there is none. */
export const latest = (instants: readonly (Instant | null)[]): Instant | null => {
  const there = instants.filter((at) => at !== null);
  return there.length === 0 ? null : Math.max(...there);
};

/** An instant as RFC 3339 text. Millisecond precision: further digits would be lost, so they are refused. */
export const InstantText = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-03-01T09:30:00Z'] });

export const instantText = (instant: Instant): string => new Date(instant).toISOString();

export const instantTextOrNull = (instant: Instant | null): string | null =>
  instant === null ? null : instantText(instant);

export const parseInstant = (value: string): Instant => Date.parse(value);

/** `YYYY-MM-DD` of an epoch day. */
export const dayText = (day: EpochDay): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

export const parseDay = (value: string): EpochDay => Date.parse(`${value}T00:00:00Z`) / DAY_MS;
