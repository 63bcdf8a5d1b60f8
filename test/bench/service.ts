import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A service under test: Tessera itself, or the straightforward version of it. */
export interface Service {
  readonly url: string;
  /** Resident memory in MB, as the operating system counts it. */
  memory(): Promise<number>;
  /** Ends it as an operator would, and waits until it is gone. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** From the project's root. */
  readonly main: 'src/main.ts' | 'test/bench/straightforward/main.ts';
  readonly databaseUrl: string;
  /** `--max-old-space-size`, in MB. */
  readonly heap: number;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const project = fileURLToPath(new URL('../..', import.meta.url));
const STARTS_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 60_000;

/** Starts a service in a process of its own and waits until it says that it is ready. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const port = await freePort();
  // The second as in `npm start`.
  const flags = [`--max-old-space-size=${options.heap}`, '--max-semi-space-size=32', ...(options.flags ?? [])];
  const child = spawn(process.execPath, [...flags, options.main], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: options.databaseUrl,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      RATE_LIMIT_PER_SECOND: '0',
      ...options.environment,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await ready(url, child);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  // A benchmark that is interrupted takes its services with it.
  const orphan = () => child.kill('SIGKILL');
  process.once('exit', orphan);
  return {
    url,
    memory: () => residentMemory(child.pid ?? 0),
    async stop() {
      process.off('exit', orphan);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
      await gone;
      clearTimeout(late);
    },
  };
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + STARTS_WITHIN_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${child.spawnargs.join(' ')} ended before it was ready`);
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    if (performance.now() > deadline)
      throw new Error(`${child.spawnargs.join(' ')} is not ready after ${STARTS_WITHIN_MS / 1000} s`);
    await pause(50);
  }
}

async function residentMemory(pid: number): Promise<number> {
  const { stdout } = await execute('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
