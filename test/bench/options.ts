import { parseArgs } from 'node:util';

export const suites = ['ratios', 'growth', 'rules', 'checkout', 'imports', 'streams', 'profile'] as const;
export type Suite = (typeof suites)[number];

export interface BenchOptions {
  readonly suite: Suite;
  /** How long each load is measured. */
  readonly seconds: number;
  /** Load before each measurement that is not counted: compilers and caches warm up. */
  readonly warmUp: number;
  readonly members: number;
  /** The window of the tiers; null: their thresholds count everything ever spent. */
  readonly window: '365d' | null;
  /** How long memory is watched under load; 0: not at all. */
  readonly minutes: number;
  /** `--max-old-space-size` of the service, in MB. */
  readonly heap: number;
  /** Connections of the straightforward version's pool. */
  readonly pool: number;
  /** How often everything is measured, in turns. */
  readonly rounds: number;
}

export const usage = `npm run bench [-- growth | rules | checkout | imports | streams | profile] [options]

  (nothing)            ratios to pgbench and to a straightforward version of the same service
  growth               many members, members with long histories, a database grown from nothing
  rules                what conditions, many rules and segments, previews and passes over all members cost
  checkout             quotes, holds and redemptions against earning, one member whom everybody wants, many lots
  imports              a file of --members members, beside copy of the same rows, and memory meanwhile
  streams              earning with five streams against none, the relay beside it, deliveries a second
  profile              where the service and its statements spend their time at 256 connections

  --seconds 10         how long each load is measured
  --warm-up 3          load before each measurement that is not counted
  --members 100000     members in the program
  --window             tiers count the spend of 365 days instead of ever
  --minutes 10         watch the service's memory under load for so long
  --heap 256           --max-old-space-size of the service
  --pool 16            database connections of the straightforward version
  --rounds 3           how often everything is measured, in turns

BENCH_DATABASE_URL names a server to use, as a user who may create databases. Without it an embedded Postgres is
started in a temporary directory, with its usual settings.`;

const numberOf = (name: string, text: string, minimum: number): number => {
  const number = Number(text);
  if (text === '' || !Number.isFinite(number) || number < minimum)
    throw new Error(`--${name} must be a number from ${minimum}, not ${JSON.stringify(text)}`);
  return number;
};

/** Reads the command line. Null when only the usage was asked for; throws when something is not understood. */
export function readOptions(args: readonly string[]): BenchOptions | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '10' },
      'warm-up': { type: 'string', default: '3' },
      members: { type: 'string', default: '100000' },
      window: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '0' },
      heap: { type: 'string', default: '256' },
      pool: { type: 'string', default: '16' },
      rounds: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const [suite = 'ratios', ...rest] = positionals;
  if (!isSuite(suite) || rest.length > 0)
    throw new Error(`there is no benchmark ${JSON.stringify(positionals.join(' '))}`);
  return {
    suite,
    seconds: numberOf('seconds', values.seconds, 1),
    warmUp: numberOf('warm-up', values['warm-up'], 1),
    members: numberOf('members', values.members, 1),
    window: values.window ? '365d' : null,
    minutes: numberOf('minutes', values.minutes, 0),
    heap: numberOf('heap', values.heap, 32),
    pool: numberOf('pool', values.pool, 1),
    rounds: numberOf('rounds', values.rounds, 1),
  };
}

const isSuite = (text: string): text is Suite => (suites as readonly string[]).includes(text);
