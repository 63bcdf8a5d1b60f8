import { parseArgs } from 'node:util';

export interface Options {
  readonly log: 'cdnow' | 'online-retail';
  readonly file: string;
  /** Base URLs without a slash at the end; requests take turns over them. */
  readonly urls: readonly string[];
  readonly key: string;
  readonly clients: number;
  readonly limit: number;
}

export const usage = `npm run replay -- (--cdnow FILE | --online-retail FILE) [options]

Enrols the customers of a purchase log and reports their purchases. Run again, it goes on where it was.

  --cdnow FILE           CDNOW_master.txt, plain or .gz; needs a program in USD
  --online-retail FILE   online_retail.csv, plain or .gz; needs a program in GBP
  --clients N            requests at the same time, 1 to 1000; default 32
  --url URL[,URL…]       instances that share the load; default TESSERA_URL, or http://127.0.0.1:3000
  --limit N              only the first N rows of the file

TESSERA_KEY holds the program's API key, with the scopes read and write; and configure the first time, when the
program is made to take reports of any age and is given an earn rule and tiers if it has none. The service's RATE_LIMIT_PER_SECOND bounds the speed: 0 lifts it.`;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Null when help was asked for. Throws a UsageError. */
export function readOptions(args: readonly string[], environment: Record<string, string | undefined>): Options | null {
  const { values } = parsed(args);
  if (values.help) return null;
  const files = [values.cdnow, values['online-retail']].filter((file) => file !== undefined);
  const [file] = files;
  if (file === undefined || files.length > 1) throw new UsageError('one of --cdnow and --online-retail is needed');
  const key = environment['TESSERA_KEY'];
  if (key === undefined || key === '') throw new UsageError('TESSERA_KEY is not set: it holds the API key');
  return {
    log: values.cdnow === undefined ? 'online-retail' : 'cdnow',
    file,
    urls: (values.url ?? (environment['TESSERA_URL'] || 'http://127.0.0.1:3000')).split(',').map(baseUrl),
    key,
    clients: values.clients === undefined ? 32 : count('--clients', values.clients, 1000),
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : count('--limit', values.limit, 1e9),
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        cdnow: text,
        'online-retail': text,
        clients: text,
        url: text,
        limit: text,
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function count(name: string, text: string, maximum: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > maximum) throw new UsageError(`${name} must be a whole number from 1 to ${maximum}`);
  return value;
}

function baseUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol)) throw new UsageError(`not an http address: ${text}`);
  return url.href.replace(/\/+$/, '');
}
