import { parseArgs } from 'node:util';

export interface Options {
  readonly log: 'cdnow' | 'online-retail';
  readonly file: string;
  /** Base URLs without a slash at the end; requests take turns over them. */
  readonly urls: readonly string[];
  readonly key: string;
  readonly clients: number;
  readonly limit: number;
  /** Day by day in a sandbox, whose clock moves on after each day's reports. */
  readonly sandbox: boolean;
  /** In a sandbox too: cancellations as returns, and redemptions between; then every account is proved. */
  readonly returns: boolean;
  /** Makes the sandbox where there is no key of one. */
  readonly operatorKey: string | null;
  /** Days whose memberships are compared with what SQL says of the log; 0: none. */
  readonly prove: number;
  readonly databaseUrl: string | null;
}

export const usage = `npm run replay -- (--cdnow FILE | --online-retail FILE) [options]

Enrols the customers of a purchase log and reports their purchases. Run again, it goes on where it was.

  --cdnow FILE           CDNOW_master.txt, plain or .gz; needs a program in USD
  --online-retail FILE   online_retail.csv, plain or .gz; needs a program in GBP
  --clients N            requests at the same time, 1 to 1000; default 32
  --url URL[,URL…]       instances that share the load; default TESSERA_URL, or http://127.0.0.1:3000
  --limit N              only the first N rows of the file
  --sandbox              day by day in a sandbox program, whose clock moves on after each day's reports; with three
                         statuses by the spend of a year, a win-back segment and a month of double points
  --returns              with --online-retail, day by day in a sandbox of its own: cancellations as returns of what the
                         same customer bought before, every fifth purchase with a redemption of half of the points,
                         which expire after 90 days; at the end every member's spend, points and debt are compared
                         with plain arithmetic over the file
  --prove N              afterwards: compares tiers and segments of all members at the end of N days, and all points,
                         with what SQL says of the log itself; needs DATABASE_URL, the service's database

TESSERA_KEY holds the program's API key, with the scopes read and write; and configure the first time, when the
program is made to take reports of any age and is given an earn rule and tiers if it has none. With --sandbox or --returns and without
TESSERA_KEY, TESSERA_OPERATOR_KEY makes a program whose clock stands at the first day of the log. The service's
RATE_LIMIT_PER_SECOND bounds the speed: 0 lifts it.`;

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
  const set = (name: string): string | null => environment[name] || null;
  const { sandbox = false, returns = false } = values;
  if (returns && values['online-retail'] === undefined) throw new UsageError('--returns goes with --online-retail');
  if (returns && (sandbox || values.prove !== undefined || values.limit !== undefined))
    throw new UsageError('--returns goes without --sandbox, --prove and --limit: it proves the whole log in a sandbox');
  const key = set('TESSERA_KEY');
  const operatorKey = sandbox || returns ? set('TESSERA_OPERATOR_KEY') : null;
  if (key === null && operatorKey === null) throw new UsageError('TESSERA_KEY is not set: it holds the API key');
  const prove = values.prove === undefined ? 0 : count('--prove', values.prove, 10_000);
  if (prove > 0 && !sandbox) throw new UsageError('--prove goes with --sandbox');
  const databaseUrl = set('DATABASE_URL');
  if (prove > 0 && databaseUrl === null) throw new UsageError('DATABASE_URL is not set: --prove asks the database');
  return {
    log: values.cdnow === undefined ? 'online-retail' : 'cdnow',
    file,
    urls: (values.url ?? (environment['TESSERA_URL'] || 'http://127.0.0.1:3000')).split(',').map(baseUrl),
    key: key ?? '',
    clients: values.clients === undefined ? 32 : count('--clients', values.clients, 1000),
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : count('--limit', values.limit, 1e9),
    sandbox,
    returns,
    operatorKey: key === null ? operatorKey : null,
    prove,
    databaseUrl,
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
        sandbox: { type: 'boolean' },
        returns: { type: 'boolean' },
        prove: text,
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
