import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/embedded-postgres.ts';
import { createLog } from '../../src/log.ts';
import { migrate } from '../../src/store/migrate.ts';

/** The Postgres that everything of one run is measured on: pgbench, the service and the straightforward version. */
export interface BenchServer {
  readonly version: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Makes an empty database and gives its URL. It goes with the server, or when the run ends. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** What of the server's settings a reader of the results wants to know. */
const told = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size'];

/**
 * The server of BENCH_DATABASE_URL, or an embedded one in a temporary directory with the settings it always has: fsync
 * and synchronous_commit on. `settings` reach the embedded one only.
 */
export async function startBenchServer(settings: Readonly<Record<string, string>> = {}): Promise<BenchServer> {
  const given = process.env['BENCH_DATABASE_URL'];
  const { url, stop } =
    given === undefined || given === '' ? await startOwn(settings) : { url: given, stop: async () => {} };
  const made: string[] = [];
  const stopAll = async (): Promise<void> => {
    await withClient(url, async (client) => {
      for (const database of made) await client.query(`drop database if exists ${database} with (force)`);
    }).catch(() => {});
    await stop();
  };
  // The embedded server would outlive a benchmark that is interrupted.
  const interrupted = () => void stopAll().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  const prefix = `tessera_bench_${process.pid}`;
  return {
    version: await withClient(
      url,
      async (client) => (await client.query('show server_version')).rows[0].server_version,
    ),
    settings: await withClient(url, readSettings),
    async createDatabase(name) {
      const database = `${prefix}_${name}`;
      await withClient(url, (client) => client.query(`create database ${database}`));
      made.push(database);
      return databaseUrl(url, database);
    },
    async stop() {
      process.off('SIGINT', interrupted);
      await stopAll();
    },
  };
}

async function startOwn(
  settings: Readonly<Record<string, string>>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'tessera-bench-'));
  // The server may run as another user, who has to reach its data.
  await chmod(directory, 0o755);
  const server = await startEmbeddedPostgres({ dataDir: directory, log: createLog({ logLevel: 'warn' }), settings });
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Makes a database with Tessera's schema in it. */
export async function createTesseraDatabase(server: BenchServer, name: string): Promise<string> {
  const url = await server.createDatabase(name);
  await migrate(url);
  return url;
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** What seeding left behind is not to be paid for by what is measured next. */
export async function settleDatabase(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('vacuum analyze');
    // Not every user may.
    await client.query('checkpoint').catch(() => {});
  });
}

async function readSettings(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    'select name, current_setting(name) as value from unnest($1::text[]) as name',
    [told],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
