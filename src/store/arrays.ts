import { dayText, type EpochDay, type Instant, instantText } from '../model/instant.ts';

/**
 * Columns of a batch as Postgres array literals, for `unnest`. Written here rather than by the driver: it escapes every
 * element with regular expressions, numbers included, which cost a tenth of the time of a batch.
 */
export const numbers = (values: readonly (number | null)[]): string =>
  `{${values.map((value) => (value === null ? 'null' : value)).join(',')}}`;

const quoted = (value: string): string => (/["\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`);

export const texts = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? 'null' : quoted(value))).join(',')}}`;

export const documents = (values: readonly unknown[]): string =>
  `{${values.map((value) => (value === null ? 'null' : quoted(JSON.stringify(value)))).join(',')}}`;

/** Instants as text; never (null) is infinity where `never` says so. */
export const instants = (values: readonly (Instant | null)[], never: 'null' | 'infinity' = 'null'): string =>
  `{${values.map((value) => (value === null ? never : instantText(value))).join(',')}}`;

export const days = (values: readonly EpochDay[]): string => `{${values.map(dayText).join(',')}}`;

export const bytes = (values: readonly (Uint8Array | null)[]): string =>
  `{${values.map((value) => (value === null ? 'null' : `"\\\\x${Buffer.from(value).toString('hex')}"`)).join(',')}}`;
