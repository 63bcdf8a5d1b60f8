import { readFileSync } from 'node:fs';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { readAllowList } from './streams/allow-list.ts';

/*
 * The environment, read and checked in one place: no other file looks at process.env. One schema gives the names, the
 * defaults, the checks, the type of the result and the table in the README (a test holds the README against it).
 */

const count = (minimum: number, maximum: number, initial: number, description: string) =>
  Type.Integer({ minimum, maximum, default: initial, description });

const Environment = Type.Object({
  HOST: Type.String({
    default: '127.0.0.1',
    description: 'Address to listen on. `0.0.0.0` to be reachable from outside.',
  }),
  PORT: count(0, 65_535, 3000, 'Port to listen on. 0 takes a free one.'),
  DATABASE_URL: Type.Optional(
    Type.String({
      pattern: '^postgres(ql)?://.+',
      description:
        'The Postgres (16 or newer) to use, `postgres://user:password@host:port/database`. Its user runs the migrations. Unset: an embedded Postgres with its data under `DATA_DIR`.',
    }),
  ),
  DATA_DIR: Type.String({
    default: '.data',
    description: 'Where the embedded Postgres keeps its data. Not used when `DATABASE_URL` is set.',
  }),
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    default: 'info',
    description: 'Least level of log lines: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.',
  }),
  LANES: count(1, 8, 2, 'Batches of commands that may be written at the same time, each on a connection of its own.'),
  READ_CONNECTIONS: count(1, 64, 2, 'Connections that serve reads.'),
  QUEUE_MAX: count(1, 1_000_000, 4096, 'Commands that may wait. When more arrive, they are answered 503.'),
  BATCH_MAX: count(1, 4096, 256, 'Most commands in one transaction.'),
  RATE_LIMIT_PER_SECOND: count(
    0,
    1_000_000,
    10_000,
    'Requests a second and API key, counted per process. 0: no limit.',
  ),
  BODY_LIMIT_BYTES: count(1024, 64 * 1_048_576, 1_048_576, 'Largest request body.'),
  SHUTDOWN_DELAY_MS: count(
    0,
    600_000,
    0,
    'After SIGTERM, how long requests are still accepted while `/health/ready` answers 503, so that load balancers notice.',
  ),
  SHUTDOWN_GRACE_MS: count(
    100,
    600_000,
    10_000,
    'Then, how long requests and batches under way may take before the process ends anyway.',
  ),
  JOBS: Type.Boolean({
    default: true,
    description: '`on` or `off`: whether this instance does the background work (what time makes due).',
  }),
  RELAY: Type.Boolean({
    default: true,
    description: '`on` or `off`: whether this instance numbers events for the feed and sends them to streams.',
  }),
  EVENT_RETENTION_DAYS: count(1, 3650, 30, 'How long events are kept for the feed, and to be sent again.'),
  STREAM_ALLOW: Type.Optional(
    Type.String({
      description:
        'Where streams may send besides the public internet, by http too and to any port: hosts, `*.` and a domain for all below it, addresses and networks, separated by commas: `hooks.internal, *.svc.cluster.local, 10.0.0.0/8`.',
    }),
  ),
  SMTP_URL: Type.Optional(
    Type.String({
      pattern: '^smtps?://.+',
      description:
        'The server that e-mail streams hand messages to, `smtp://user:password@host:587` or `smtps://` with TLS from the beginning; `?requireTLS=true` sends nothing without. Unset: they wait.',
    }),
  ),
  OPERATOR_KEY: Type.Optional(
    Type.String({
      minLength: 20,
      maxLength: 256,
      // It travels in an Authorization header.
      pattern: '^[!-~]+$',
      description: 'Secret for the operator endpoints that create programs and keys. Unset: they are closed.',
    }),
  ),
});
type Environment = Static<typeof Environment>;

/** A variable's schema, with the keywords this file reads again: TypeBox's types keep their names to themselves. */
type Variable = TSchema & {
  default?: unknown;
  description?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
};
const variables = Object.entries(Environment.properties as Record<string, Variable>);

/** These may also be read from a file, named by `DATABASE_URL_FILE` and the like, and are never shown. */
const secrets: ReadonlySet<string> = new Set(['DATABASE_URL', 'SMTP_URL', 'OPERATOR_KEY']);

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Camel<Tail>>}`
  : Lowercase<Name>;

/** The checked environment: `DATABASE_URL` is `config.databaseUrl`. Frozen. */
export type Config = Readonly<{ [Name in keyof Environment as Camel<Name>]: Environment[Name] }>;

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The environment is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/** Every variable with its default and meaning, in the README's order. `default` is undefined when there is none. */
export const configVariables: readonly { name: string; default: string | undefined; what: string }[] =
  variables.flatMap(([name, schema]) => {
    const { description, default: initial } = schema;
    const variable = { name, default: initial === undefined ? undefined : written(initial), what: description ?? '' };
    if (!secrets.has(name)) return [variable];
    return [
      variable,
      { name: `${name}_FILE`, default: undefined, what: `A file that holds \`${name}\`, for mounted secrets.` },
    ];
  });

/** Reads and checks the environment. Throws a ConfigError that lists every fault there is, never a secret's value. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const faults: string[] = [];
  const entries: [string, unknown][] = [];
  for (const [name, schema] of variables) {
    const text = secrets.has(name) ? secretText(name, environment, faults) : given(environment[name]);
    const value = text === undefined ? schema.default : parsed(schema, text);
    if (value === undefined) continue;
    if (Value.Check(schema, value)) entries.push([camel(name), value]);
    else faults.push(`${name} must be ${expected(schema)}${secrets.has(name) ? '' : `, not ${JSON.stringify(text)}`}`);
  }
  faults.push(...allowListFaults(given(environment['STREAM_ALLOW']) ?? ''));
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(Object.fromEntries(entries)) as Config;
}

/** A list that is not what it looks like would let through what nobody meant, or keep out what somebody did. */
function allowListFaults(text: string): string[] {
  try {
    readAllowList(text);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** An empty variable counts as unset: compose files and shells write `NAME=` for "nothing". */
function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

function secretText(name: string, environment: Record<string, string | undefined>, faults: string[]) {
  const text = given(environment[name]);
  const file = given(environment[`${name}_FILE`]);
  if (file === undefined) return text;
  if (text !== undefined) {
    faults.push(`${name} and ${name}_FILE are both set: keep one`);
    return undefined;
  }
  try {
    // Editors and `echo` end a file with a line break that is no part of the secret.
    return given(readFileSync(file, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    faults.push(`${name}_FILE cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Numbers are plain decimal digits and switches are on or off: `0x10`, `1e3` or `yes` stay text and fail the check. */
function parsed(schema: Variable, text: string): unknown {
  if (schema.minimum !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  if (Type.IsBoolean(schema) && (text === 'on' || text === 'off')) return text === 'on';
  return text;
}

function expected(schema: Variable): string {
  if (schema.minimum !== undefined) return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (Type.IsBoolean(schema)) return '`on` or `off`';
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  if (schema.minLength !== undefined) return `${schema.minLength} to ${schema.maxLength} visible characters, no space`;
  return `a URL that begins with ${schema.pattern?.startsWith('^smtp') ? 'smtp:// or smtps://' : 'postgres://'}`;
}

function written(initial: unknown): string {
  return typeof initial === 'boolean' ? (initial ? 'on' : 'off') : String(initial);
}

function camel(name: string): string {
  return name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
