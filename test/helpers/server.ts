import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '../../src/embedded-postgres.ts';
import { createLog } from '../../src/log.ts';

/*
 * The Postgres that the test files of one run share: TEST_DATABASE_URL if it is set; else a container when Docker
 * answers; else the embedded one. A run is known by the process id of tap, which starts before.ts, the test files and
 * after.ts. What belongs to it lies in .data/test/<run>/: server.json, and a directory for each embedded server. A run
 * that was killed leaves that behind, and the next one clears it away.
 */

const runsDirectory = fileURLToPath(new URL('../../.data/test/', import.meta.url));
const log = createLog({ logLevel: 'warn' });

/** Nothing of a test needs to survive a power cut. Servers that are to be killed keep the defaults. */
const fast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

interface SharedServer {
  url: string;
  container?: string;
}

export const directoryOf = (run: number): string => join(runsDirectory, String(run));
const serverFile = (run: number) => join(directoryOf(run), 'server.json');

/** Where the run's server is; undefined when the run has none, as when a test file was started without tap. */
export async function serverOf(run: number): Promise<SharedServer | undefined> {
  if (!existsSync(serverFile(run))) return undefined;
  return JSON.parse(await readFile(serverFile(run), 'utf8'));
}

export async function startServerFor(run: number): Promise<void> {
  await clearAbandonedRuns();
  await mkdir(directoryOf(run), { recursive: true });
  await writeFile(serverFile(run), JSON.stringify(await startServer(run)));
}

/** Stops what the run has started, and forgets the run. */
export async function stopServerFor(run: number): Promise<void> {
  const container = (await serverOf(run))?.container;
  if (container !== undefined) await removeContainer(container);
  for (const name of existsSync(directoryOf(run)) ? await readdir(directoryOf(run)) : []) {
    if (!existsSync(join(directoryOf(run), name, 'postgres'))) continue;
    // The server was started by another process: this one adopts it, as a service does after a crash.
    const server = await startEmbeddedPostgres({ dataDir: join(directoryOf(run), name), log });
    await server.stop();
  }
  await rm(directoryOf(run), { recursive: true, force: true });
}

async function startServer(run: number): Promise<SharedServer> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') return { url: given };
  if (await dockerAnswers()) {
    try {
      return await startContainer();
    } catch (error) {
      log.warn({ err: error }, 'Docker answers but does not start Postgres: the embedded one is used');
    }
  }
  const dataDir = join(directoryOf(run), 'shared');
  const { url } = await startEmbeddedPostgres({ dataDir, log, settings: fast });
  return { url };
}

async function startContainer(): Promise<SharedServer> {
  // Testcontainers' reaper would remove the container as soon as before.ts ends; after.ts does it here.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const flags = Object.entries(fast).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const container = await new PostgreSqlContainer('postgres:18').withCommand(['postgres', ...flags]).start();
  return { url: container.getConnectionUri(), container: container.getId() };
}

async function removeContainer(id: string): Promise<void> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(id);
  await client.container.stop(container, { timeout: 0 }).catch(() => undefined);
  await client.container.remove(container, { removeVolumes: true }).catch(() => undefined);
}

async function dockerAnswers(): Promise<boolean> {
  const host = process.env['DOCKER_HOST'];
  if (host !== undefined && !host.startsWith('unix://')) return true;
  const sockets = host
    ? [host.slice('unix://'.length)]
    : ['/var/run/docker.sock', join(homedir(), '.docker/run/docker.sock')];
  for (const socketPath of sockets) {
    if (existsSync(socketPath) && (await ping(socketPath))) return true;
  }
  return false;
}

function ping(socketPath: string): Promise<boolean> {
  return new Promise((answer) => {
    const request = get({ socketPath, path: '/_ping', timeout: 2000 }, (response) => {
      response.resume();
      answer(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => answer(false));
  });
}

async function clearAbandonedRuns(): Promise<void> {
  if (!existsSync(runsDirectory)) return;
  for (const name of await readdir(runsDirectory)) {
    if (/^\d+$/.test(name) && !isAlive(Number(name))) await stopServerFor(Number(name));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
