import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { test } from 'tap';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/embedded-postgres.ts';
import { createLog } from '../src/log.ts';
import { durableServer, serverDirectory } from './helpers/postgres.ts';

const log = createLog({ logLevel: 'silent' });
/** One cluster for all, since making one takes the longest; every test leaves its server stopped. */
const dataDir = await serverDirectory();

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const pidOf = async () => Number.parseInt(await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8'), 10);

/** Starts the embedded server in a process of its own and kills that, as kill -9 does to the service. */
async function startAndKill(): Promise<void> {
  const code = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../src/embedded-postgres.ts', import.meta.url))};
    import { createLog } from ${JSON.stringify(new URL('../src/log.ts', import.meta.url))};
    await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log: createLog({ logLevel: 'silent' }) });
    console.log('started');`;
  const service = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(service.stdout, 'data');
  service.kill('SIGKILL');
  await once(service, 'exit');
}

test('given no data, a start makes a durable database; the next one finds what was written', async (t) => {
  const first = await startEmbeddedPostgres({ dataDir, log });
  await query(first.url, "create table note (text text); insert into note values ('kept')");
  t.strictSame(
    await query(first.url, `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`),
    [{ fsync: 'on', commit: 'on' }],
  );
  t.match(await query(first.url, 'select current_database() as name'), [{ name: 'tessera' }]);
  await first.stop();

  const second = await startEmbeddedPostgres({ dataDir, log });
  t.teardown(() => second.stop());
  t.equal(second.url, first.url, 'the port and the password are the same');
  t.strictSame(await query(second.url, 'select text from note'), [{ text: 'kept' }]);
  t.equal((await stat(join(dataDir, 'postgres/password'))).mode & 0o777, 0o600);
});

test('given a service on the data, a second one is told so', async (t) => {
  const fresh = await serverDirectory();
  const starts = await Promise.allSettled([1, 2].map(() => startEmbeddedPostgres({ dataDir: fresh, log })));
  const winner = starts.find(
    (start): start is PromiseFulfilledResult<EmbeddedPostgres> => start.status === 'fulfilled',
  );
  t.teardown(() => winner?.value.stop());
  const loser = starts.find((start): start is PromiseRejectedResult => start.status === 'rejected');
  t.match(loser?.reason.message, `is in use by tessera ${process.pid}`);
  t.ok(await query(winner!.value.url, 'select'), 'the first one is not disturbed');
});

test('given a killed service, the next one takes over its server and stops it', async (t) => {
  await startAndKill();
  const orphan = await pidOf();
  const server = await startEmbeddedPostgres({ dataDir, log });
  t.equal(await pidOf(), orphan);
  await server.stop();
  await t.rejects(pidOf(), { code: 'ENOENT' });
});

test('given a killed service and a killed server, the next start recovers', async (t) => {
  await startAndKill();
  process.kill(await pidOf(), 'SIGKILL');
  const server = await startEmbeddedPostgres({ dataDir, log });
  t.teardown(() => server.stop());
  t.ok(await query(server.url, 'select'));
});

test('given a pid file whose number now belongs to another process, the server starts', async (t) => {
  const file = join(dataDir, 'postgres/cluster/postmaster.pid');
  const first = await startEmbeddedPostgres({ dataDir, log });
  const left = await readFile(file, 'utf8');
  await first.stop();
  await writeFile(file, left.replace(/^\d+/, String(process.pid)));
  const second = await startEmbeddedPostgres({ dataDir, log });
  t.teardown(() => second.stop());
  t.ok(await query(second.url, 'select'));
});

test('given a server that dies under its service, the service starts it again with nothing lost', async (t) => {
  const server = await durableServer(t);
  await query(server.url, "create table note (text text); insert into note values ('kept')");
  await server.crash();
  t.strictSame(await query(server.url, 'select text from note'), [{ text: 'kept' }]);
});

test('given a data directory that only root may enter, root’s service runs', {
  skip: process.getuid?.() !== 0,
}, async (t) => {
  await chmod(dataDir, 0o700);
  const server = await startEmbeddedPostgres({ dataDir, log });
  t.teardown(() => server.stop());
  t.ok(await query(server.url, 'select'));
});
