import { parseArgs } from 'node:util';
import { UsageError } from '../replay/options.ts';
import { CAUSES, type Cause, causes } from './causes.ts';

export interface Options {
  /** Of the old system: CSV, or NDJSON when its name says so; plain or .gz. */
  readonly file: string;
  readonly url: string;
  readonly key: string;
  /** The instant that the file shows. Null: now. */
  readonly asOf: string | null;
  readonly clients: number;
  /** Points by which rounding may differ. */
  readonly rounding: number;
  /** Causes that need nobody's look, besides those that explain themselves. */
  readonly accept: ReadonlySet<Cause>;
  /** Every difference, a line each. */
  readonly out: string | null;
  /** What an earlier run wrote there. */
  readonly before: string | null;
  readonly samples: number;
  /** Whether the file has everybody: then who is only here is a difference. */
  readonly whole: boolean;
}

const listed = CAUSES.map(
  (cause) => `  ${cause.padEnd(19)} ${causes[cause].explained ? ' ' : '!'} ${causes[cause].text}`,
);

export const usage = `npm run compare -- --file FILE [options]

Compares a file of the old system's balances, tiers and expiries with this service's, and says what differs and why.

  --file FILE        CSV or .ndjson, plain or .gz: see docs/moving-house.md
  --as-of INSTANT    the instant that the file shows, such as 2026-03-01T02:00:00Z; default now
  --url URL          default TESSERA_URL, or http://127.0.0.1:3000
  --key KEY          an API key with the scope read; better in TESSERA_KEY, where other users do not see it
  --whole            the file has every member: also finds those who are here and not in it
  --out FILE         writes every difference, a line of JSON each
  --before FILE      what --out of an earlier run wrote: says what is new and what is gone since
  --accept A,B       causes that are fine besides those that explain themselves
  --rounding N       points that rounding may differ by; default 1
  --samples N        examples shown of each cause, the largest; default 3
  --clients N        requests at the same time, 1 to 1000; default 16

The exit code is 0 when every difference is explained or accepted, 1 when some is not, 2 when the comparison could not
be done. Causes, those marked with ! are not explained by themselves:

${listed.join('\n')}`;

const text = { type: 'string' } as const;

const parsed = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ file: text, 'as-of': text, url: text, key: text, out: text, before: text },
        ...{
          accept: text,
          rounding: text,
          samples: text,
          clients: text,
          whole: { type: 'boolean' },
          help: { type: 'boolean' },
        },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

const count = (name: string, value: string | undefined, fallback: number, least: number, most: number): number => {
  if (value === undefined) return fallback;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least && number <= most))
    throw new UsageError(`${name} must be a whole number from ${least} to ${most}`);
  return number;
};

const isCause = (name: string): name is Cause => (CAUSES as readonly string[]).includes(name);

const accepted = (names: string): Cause[] =>
  names.split(',').map((name) => {
    if (!isCause(name)) throw new UsageError(`--accept ${name}: one of ${CAUSES.join(', ')}`);
    return name;
  });

const instant = (value: string): string => {
  const at =
    /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) && /(Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(`--as-of ${value}: an instant such as 2026-03-01T02:00:00Z`);
  return new Date(at).toISOString();
};

/** Null when help was asked for. Throws a UsageError. */
export const readOptions = (
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options | null => {
  const values = parsed(args);
  if (values.help) return null;
  if (values.file === undefined) throw new UsageError('--file is needed');
  const key = values.key ?? environment['TESSERA_KEY'] ?? '';
  if (key === '') throw new UsageError('TESSERA_KEY is not set: it holds the API key');
  const url = URL.parse(values.url ?? (environment['TESSERA_URL'] || 'http://127.0.0.1:3000'));
  if (url === null || !/^https?:$/.test(url.protocol)) throw new UsageError(`not an http address: ${values.url}`);
  return {
    file: values.file,
    url: url.href.replace(/\/+$/, ''),
    key,
    asOf: values['as-of'] === undefined ? null : instant(values['as-of']),
    clients: count('--clients', values.clients, 16, 1, 1_000),
    rounding: count('--rounding', values.rounding, 1, 0, 1_000),
    accept: new Set(values.accept === undefined ? [] : accepted(values.accept)),
    out: values.out ?? null,
    before: values.before ?? null,
    whole: values.whole === true,
    samples: count('--samples', values.samples, 3, 0, 1_000),
  };
};
