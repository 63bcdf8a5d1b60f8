import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { Log } from './log.ts';
import { type Identity, type PostgresPrograms, postgresPrograms, serverOwner } from './postgres-programs.ts';

/*
 * A real Postgres under <dataDir>/postgres, for whoever has none. It holds
 *
 *   cluster/    what initdb made        password    of the superuser, readable by the owner only
 *   log, log.1  the server's own log    port        the one it had last and takes again if it can
 *
 * The server is a process of its own session, so a terminal's Ctrl-C reaches the service alone and the service stops
 * the server last. The other side of that: a service that was killed leaves its server behind. So a start
 *
 *   1 makes the cluster when there is none: in a directory beside, then renamed, so that there is all of it or none;
 *   2 connects to the server that postmaster.pid names, if it is ours and answers; otherwise starts one;
 *   3 takes an advisory lock that its connection holds as long as this process lives. Who does not get it is the second
 *     service on this data and goes away.
 *
 * If the server dies under a living service, 2 and 3 are done again.
 */

export interface EmbeddedPostgres {
  /** Of the database `tessera`, as the superuser. */
  url: string;
  /** Stops the server. What is still connected is disconnected. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  dataDir: string;
  log: Log;
  /** Server settings beyond those below, plain words only. Tests turn fsync off. */
  settings?: Readonly<Record<string, string>>;
  /** For tools: a server that runs for a service is used beside it, and left running. */
  beside?: boolean;
}

const execute = promisify(execFile);

/** How long a server may take to start, to recover after a crash, or to stop. */
const patienceSeconds = 120;
/** One lock of the cluster's database `postgres`: any number will do, as long as it never changes. */
const serviceLock = 7_354_401;

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  log_checkpoints: 'off',
  // Details of an error quote rows, and rows hold personal data.
  log_error_verbosity: 'terse',
};

export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log } = options;
  const directory = resolve(options.dataDir, 'postgres');
  await mkdir(options.dataDir, { recursive: true });
  const owner = await serverOwner(await ownerOf(directory));
  const programs = await postgresPrograms(owner, resolve(options.dataDir));
  if (!existsSync(resolve(directory, 'cluster/PG_VERSION'))) await createCluster(directory, programs, owner);

  const cluster: Cluster = {
    path: resolve(directory, 'cluster'),
    directory,
    password: await readFile(resolve(directory, 'password'), 'utf8'),
    programs,
    settings: { ...settings, ...options.settings },
  };
  const running = options.beside === true ? await connectToRunning(cluster) : undefined;
  if (running !== undefined) return { url: urlOf(cluster, running), stop: () => running.end() };
  let stopping = false;
  let held = hold();

  async function hold(): Promise<Client> {
    const client = await connectOrStart(cluster);
    await takeServiceLock(client, options.dataDir);
    client.once('end', () => {
      if (stopping) return;
      held = again();
      held.catch((error: unknown) => log.fatal({ err: error }, 'the embedded Postgres stays away'));
    });
    return client;
  }

  async function again(): Promise<Client> {
    log.error('the embedded Postgres went away; starting it again');
    const client = await hold();
    log.info('the embedded Postgres runs again');
    return client;
  }

  const client = await held;
  const { rowCount } = await client.query(`select from pg_database where datname = 'tessera'`);
  if (rowCount === 0) await client.query('create database tessera');
  log.info({ port: client.port, directory }, 'embedded Postgres runs');
  return {
    url: urlOf(cluster, client),
    async stop() {
      stopping = true;
      await held.then((current) => current.end()).catch(() => undefined);
      if (!existsSync(resolve(cluster.path, 'postmaster.pid'))) return;
      await programs.run('pg_ctl', ['stop', '-D', cluster.path, '-m', 'fast', '-w', '-t', String(patienceSeconds)]);
      log.info('embedded Postgres stopped');
    },
  };
}

const urlOf = (cluster: Cluster, client: Client): string =>
  `postgres://postgres:${cluster.password}@127.0.0.1:${client.port}/tessera`;

interface Cluster {
  path: string;
  directory: string;
  password: string;
  programs: PostgresPrograms;
  settings: Readonly<Record<string, string>>;
}

async function ownerOf(directory: string): Promise<Identity | undefined> {
  return stat(directory).catch(() => undefined);
}

async function createCluster(directory: string, programs: PostgresPrograms, owner: Identity | undefined) {
  await removeAbandoned(directory);
  const draft = await mkdtemp(`${directory}.new-${process.pid}-`);
  const password = resolve(draft, 'password');
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (owner !== undefined) await Promise.all([draft, password].map((path) => chown(path, owner.uid, owner.gid)));
  await programs.run('initdb', [
    `--pgdata=${resolve(draft, 'cluster')}`,
    `--pwfile=${password}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order of texts on every machine.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ]);
  try {
    await rename(draft, directory);
  } catch (error) {
    await rm(draft, { recursive: true });
    // Another service made it in the meantime; which of the two may stay is decided by the lock.
    if (!existsSync(resolve(directory, 'cluster/PG_VERSION'))) throw error;
  }
}

/** What services left that were killed while making a cluster. */
async function removeAbandoned(directory: string): Promise<void> {
  const beside = resolve(directory, '..');
  for (const name of await readdir(beside)) {
    const pid = /^postgres\.new-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && (await commandOf(Number(pid))) === undefined) {
      await rm(resolve(beside, name), { recursive: true, force: true });
    }
  }
}

async function connectOrStart(cluster: Cluster): Promise<Client> {
  const deadline = performance.now() + patienceSeconds * 1000;
  for (;;) {
    const client = await connectToRunning(cluster);
    if (client !== undefined) return client;
    const fault = await start(cluster);
    if (fault === undefined) continue;
    // Backends of a server that was killed take a moment to notice; another start may have been quicker; the port may
    // have been taken between looking and binding.
    const passing = /shared memory block|lock file "postmaster.pid"|could not bind/.test(fault);
    if (!passing || performance.now() > deadline) throw new Error(`The embedded Postgres does not start: ${fault}`);
    await pause(100);
  }
}

/** A connection to the server that postmaster.pid names, once it answers; undefined if there is none. */
async function connectToRunning(cluster: Cluster): Promise<Client | undefined> {
  const deadline = performance.now() + patienceSeconds * 1000;
  const file = resolve(cluster.path, 'postmaster.pid');
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const [pid, , , port] = text.split('\n');
    const client = await connect(cluster, Number(port)).catch(() => undefined);
    if (client !== undefined) return client;
    const command = await commandOf(Number(pid));
    if (command === undefined) return undefined;
    if (!command.includes(cluster.path)) {
      // Another process has that number by now, or nobody has collected the old server's exit: Postgres would take
      // either for a running server. Only the number is replaced, by one that no process has: from the rest of the
      // file Postgres sees whether the old server's backends are gone.
      await writeFile(file, text.replace(/^\d+/, '2147483647'));
      return undefined;
    }
    if (performance.now() > deadline)
      throw new Error(`The embedded Postgres (process ${pid}) runs but does not answer.`);
    await pause(100);
  }
}

async function connect(cluster: Cluster, port: number): Promise<Client> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: cluster.password,
    database: 'postgres',
    application_name: `tessera ${process.pid}`,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  });
  // A lost connection is also an 'end', which is what is acted on.
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ data_directory: string }>('show data_directory');
  if (rows[0]?.data_directory === cluster.path) return client;
  await client.end();
  throw new Error('the server on that port has another data directory');
}

/** Starts the server and waits until it accepts connections. Gives what its log says if it does not. */
async function start(cluster: Cluster): Promise<string | undefined> {
  const log = resolve(cluster.directory, 'log');
  await rename(log, `${log}.1`).catch(() => undefined);
  const given = { ...cluster.settings, port: String(await portToUse(cluster.directory)) };
  // pg_ctl hands this to a shell.
  const words = Object.entries(given).map(([name, value]) => `-c ${name}='${value}'`);
  const wait = ['-w', '-t', String(patienceSeconds)];
  try {
    await cluster.programs.run('pg_ctl', ['start', '-D', cluster.path, '-l', log, ...wait, '-o', words.join(' ')]);
    return undefined;
  } catch (error) {
    const lines = await readFile(log, 'utf8').catch(() => '');
    return lines.trim() || String(error);
  }
}

/** The port of last time if it is free, otherwise another. Kept, so that URLs noted down stay good. */
async function portToUse(directory: string): Promise<number> {
  const file = resolve(directory, 'port');
  const last = Number(await readFile(file, 'utf8').catch(() => '0'));
  if (last > 0 && (await canListen(last))) return last;
  // Below the range from which systems hand out ports for outgoing connections, one of which could take ours.
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (!(await canListen(port))) continue;
    await writeFile(file, String(port));
    return port;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
  });
}

async function takeServiceLock(client: Client, dataDir: string): Promise<void> {
  try {
    // A service killed a moment ago still has the lock until its backend notices.
    await client.query(`set lock_timeout = '3s'`);
    await client.query('select pg_advisory_lock($1)', [serviceLock]);
  } catch (error) {
    const { rows } = await client.query<{ application_name: string }>(
      `select application_name
       from pg_locks
       join pg_stat_activity using (pid)
       where locktype = 'advisory' and objid = $1 and granted`,
      [serviceLock],
    );
    await client.end();
    const holder = rows[0]?.application_name ?? 'another process';
    throw new Error(`The data in ${dataDir} is in use by ${holder}. Stop it, or set another DATA_DIR.`, {
      cause: error,
    });
  }
}

/** The command line of a process; empty when it has ended but was not yet collected; undefined when there is none. */
async function commandOf(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ESRCH') return undefined;
  }
  if (existsSync('/proc/self/cmdline')) {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim();
  }
  const { stdout } = await execute('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.trim();
}
