import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { t as root, type Test } from 'tap';
import { startEmbeddedPostgres } from '../../src/embedded-postgres.ts';
import { createLog } from '../../src/log.ts';
import { migrate } from '../../src/store/migrate.ts';
import { directoryOf, serverOf, stopServerFor } from './server.ts';

/*
 * Databases for tests, always real ones. A migrated template is made once, copied in about 20 ms for whoever asks, and
 * the copy is dropped when the test that asked has ended.
 */

export interface TestDatabase {
  url: string;
}

export interface DurableServer extends TestDatabase {
  /** Kills the server with SIGKILL and waits until it is back: it is started again, recovers, and has the same URL. */
  crash(): Promise<void>;
}

const migrationsDirectory = new URL('../../migrations/', import.meta.url);
const templateLock = 7_354_402;

/** A migrated database of its own for the test. */
export async function testDatabase(t: Test): Promise<TestDatabase> {
  const server = await sharedServer();
  template ??= migratedTemplate(server);
  return copyOf(t, server, await template);
}

/** A database with nothing in it, for tests of the migrations themselves. */
export async function emptyDatabase(t: Test): Promise<TestDatabase> {
  return copyOf(t, await sharedServer(), 'template0');
}

/** A server of its own with everything on that makes a commit durable, for tests that kill it. Not migrated. */
export async function durableServer(t: Test): Promise<DurableServer> {
  const dataDir = await serverDirectory();
  const server = await startEmbeddedPostgres({ dataDir, log: createLog({ logLevel: 'silent' }) });
  t.teardown(() => server.stop());
  return {
    url: server.url,
    async crash() {
      const [pid] = (await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
      await answering(server.url, Number(pid), dataDir);
    },
  };
}

/** A data directory for a server of the test's own. Should the test be killed, the next run stops that server. */
export async function serverDirectory(): Promise<string> {
  return join(directoryOf(await currentRun()), `${process.pid}-${randomBytes(4).toString('hex')}`);
}

let template: Promise<string> | undefined;
let run: Promise<number> | undefined;

/** Tap's run; or one of this file's own, when the file was started with node alone. */
function currentRun(): Promise<number> {
  run ??= (async () => {
    if ((await serverOf(process.ppid)) !== undefined) return process.ppid;
    await promisify(execFile)(process.execPath, [fileURLToPath(new URL('before.ts', import.meta.url))]);
    root.teardown(() => stopServerFor(process.pid));
    return process.pid;
  })();
  return run;
}

async function sharedServer(): Promise<string> {
  const server = await serverOf(await currentRun());
  if (server === undefined) throw new Error('the Postgres for the tests has not been started');
  return server.url;
}

async function copyOf(t: Test, server: string, template: string): Promise<TestDatabase> {
  const name = `tessera_test_${randomBytes(8).toString('hex')}`;
  await asAdministrator(server, (client) => client.query(`create database ${name} template ${template}`));
  t.teardown(() => asAdministrator(server, (client) => client.query(`drop database ${name} with (force)`)));
  return { url: databaseUrl(server, name) };
}

/**
 * The name of a database into which exactly the files of migrations/ went. It is built under another name, so that a
 * run which was killed while building it leaves nothing that looks finished.
 */
async function migratedTemplate(server: string): Promise<string> {
  const name = `tessera_template_${await migrationsHash()}`;
  const draft = `${name}_draft`;
  await asAdministrator(server, async (client) => {
    await client.query('select pg_advisory_lock($1)', [templateLock]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount !== 0) return;
    await client.query(`drop database if exists ${draft} with (force)`);
    await client.query(`create database ${draft} template template0`);
    await migrate(databaseUrl(server, draft));
    await client.query(`alter database ${draft} rename to ${name}`);
    // A database that somebody is connected to cannot be copied.
    await client.query(`alter database ${name} with allow_connections false`);
  });
  return name;
}

async function migrationsHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(migrationsDirectory)).sort()) {
    hash.update(file).update(await readFile(new URL(file, migrationsDirectory)));
  }
  return hash.digest('hex').slice(0, 12);
}

async function asAdministrator<Result>(server: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = name;
  return url.href;
}

/** Resolves once a server other than the killed one accepts connections there. */
async function answering(url: string, killed: number, dataDir: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const text = await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => '');
    const successor = Number(text.split('\n')[0]);
    if (successor > 0 && successor !== killed) {
      const answered = await asAdministrator(url, (client) => client.query('select')).catch(() => undefined);
      if (answered !== undefined) return;
    }
    if (performance.now() > deadline) throw new Error('the server did not come back');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
