import type { Socket } from 'node:net';
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import pg from 'pg';
import { parseDay } from '../model/instant.ts';
import type { DB } from './tables.ts';

/**
 * Builds SQL and runs none: Kysely writes the statements, a pipelined connection sends them. Kysely's own executor
 * awaits between statements, which on a shared pipelined connection would let transactions interleave.
 */
export const build = new Kysely<DB>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** A statement that can be compiled: a Kysely query, or a `sql` template with its row type. */
export interface Statement<R> {
  compile(db: Kysely<DB>): CompiledQuery<R>;
}

/** Runs statements. They go onto the wire at the call, in the order of the calls; the promise resolves with the rows. */
export interface Session {
  run<R>(statement: Statement<R>): Promise<R[]>;
}

declare const transaction: unique symbol;
/** A session that reads. */
export type Db = Session;
/** A session inside a transaction that may write. */
export type Tx = Session & { readonly [transaction]: true };

const { builtins } = pg.types;

const instant = (value: string): number => {
  if (value === 'infinity') return Number.POSITIVE_INFINITY;
  return Date.parse(`${value.slice(0, 10)}T${value.slice(11, -3)}Z`);
};

const safeInteger = (value: string): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`the database holds ${value}, beyond what is counted exactly`);
  return number;
};

const parsers = new Map<number, (value: string) => unknown>([
  [builtins.INT8, safeInteger],
  [builtins.TIMESTAMPTZ, instant],
  [builtins.DATE, parseDay],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: string) =>
    (format === 'binary' ? undefined : parsers.get(oid)) ?? pg.types.getTypeParser(oid, format as 'text'),
};

export type Role = 'tessera_service' | 'tessera_observer';

/**
 * Settings of every connection. The role comes with them, so that a superuser's URL ends up in a role that owns
 * nothing. Statements on lanes and gathered reads look rows up by key: joins other than nested loops over indexes are
 * switched off there, because a plan named while the tables were empty would otherwise stay a bad one.
 */
const settings = (role: Role, byKey: boolean): string => {
  const values: Record<string, string> = {
    role,
    timezone: 'UTC',
    datestyle: 'ISO',
    jit: 'off',
    statement_timeout: '15s',
    idle_in_transaction_session_timeout: '15s',
    ...(byKey
      ? {
          plan_cache_mode: 'force_generic_plan',
          enable_seqscan: 'off',
          enable_hashjoin: 'off',
          enable_mergejoin: 'off',
          enable_bitmapscan: 'off',
          enable_hashagg: 'off',
        }
      : {}),
  };
  return Object.entries(values)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
};

export const clientConfig = (url: string, role: Role, byKey: boolean): pg.ClientConfig => ({
  connectionString: url,
  options: settings(role, byKey),
  application_name: byKey ? 'tessera lane' : 'tessera',
  types,
  connectionTimeoutMillis: 5_000,
  keepAlive: true,
});

/** Names of prepared statements by their text. Texts are few: filters that vary are parameters, not text. */
const names = new Map<string, string>();
const NAMES_MAX = 500;

const nameOf = (text: string): string | undefined => {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= NAMES_MAX) return undefined;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
};

/** What of the driver's client its types keep to themselves. */
interface Wire {
  readonly connection: { readonly stream: Socket };
}

/** Statements sent in one turn of the event loop leave in one write: a batch would otherwise make a system call for each. */
export const inOneWrite = (client: pg.ClientBase): void => {
  const { stream } = (client as unknown as Wire).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
};

/**
 * A session over a connection: every statement prepared once under a name. Not so where texts are many, those that
 * conditions make: they would use the names up, and are planned better for the values they are sent with.
 */
export const sessionOver = (client: pg.ClientBase, prepared = true): Session => ({
  run: async <R>(statement: Statement<R>): Promise<R[]> => {
    const { sql, parameters } = statement.compile(build);
    const name = prepared ? nameOf(sql) : undefined;
    inOneWrite(client);
    const result = await client.query({
      text: sql,
      values: parameters as unknown[],
      ...(name === undefined ? {} : { name }),
    });
    return result.rows as R[];
  },
});
