import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import type { Test } from 'tap';
import { openInstance } from '../../tools/replay/exchange.ts';

/*
 * The programs of the project as processes of their own, for what only a process can show: signals, crashes, output.
 * They find nothing of their settings in the environment but what the test gives them, and none outlives its test. A
 * test never sleeps: it waits for output, for a condition, or makes others wait.
 */

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Running {
  readonly pid: number;
  /** Standard output and standard error so far, in the order they came. */
  output(): string;
  /** The first match in the output; rejects when the process ends without one. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Exit>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Exit>;
}

export interface ProcessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const project = fileURLToPath(new URL('../../', import.meta.url));
/** A start takes half the time when another has compiled the same before. */
const compiled = `${project}.data/test/compiled`;

/** A test file that is killed ends without its teardowns: with it ends the standard input of what it has started. */
const endWithTest = `data:text/javascript,process.stdin.on('end', () => process.exit(1)).resume().unref()`;

/** Runs `node FILE …`, the file being named from the project's root. */
export function startProcess(t: Test, file: string, args: readonly string[], options: ProcessOptions = {}): Running {
  const child = spawn(process.execPath, ['--import', endWithTest, `${project}${file}`, ...args], {
    cwd: options.cwd ?? project,
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compiled, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      child.emit('output');
    });
  }
  let closed = false;
  const ended = once(child, 'close').then(([code, signal]): Exit => {
    closed = true;
    return { code, signal };
  });
  const end = (signal: NodeJS.Signals): Promise<Exit> => {
    child.kill(signal);
    return ended;
  };
  t.teardown(() => end('SIGKILL'));

  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(output);
      if (match !== null) return match;
      if (closed) throw new Error(`it ended:\n${output}`);
      await Promise.race([once(child, 'output'), ended]);
    }
  };
  return { pid: child.pid ?? 0, output: () => output, until, ended, end };
}

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came, to be compared
  body: any;
}

export type Request = (
  method: string,
  path: string,
  body?: object,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** Requests over connections that are kept. They reject when no whole answer came. */
export function requestsTo(t: Test, url: string, key: string): Request {
  const { exchange, close } = openInstance(url, key, 1_000);
  t.teardown(close);
  return async (method, path, body, headers = {}) => {
    const answer = await exchange({
      method: method as 'GET',
      path,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = /json/.test(answer.headers['content-type'] ?? '');
    return { ...answer, body: json ? JSON.parse(answer.text) : null };
  };
}

export interface ServiceProcess extends Running {
  readonly url: string;
  readonly port: string;
  /** The key that it printed; null when it printed none. */
  readonly key: string | null;
  /** The key of the sandbox program that it printed. */
  readonly sandboxKey: string | null;
  /** Requests with the first key. */
  readonly request: Request;
}

/** Starts the service and waits until it listens. With the `PORT` of one that has ended, it takes its place. */
export async function startService(t: Test, options: ProcessOptions): Promise<ServiceProcess> {
  const environment = { PORT: await freePort(), LOG_LEVEL: 'warn', RATE_LIMIT_PER_SECOND: '0', ...options.environment };
  const running = startProcess(t, 'src/main.ts', [], { ...options, environment });
  // All of it travels in one write: once the first line is there, so is the key.
  const [, url = '', port = ''] = await running.until(/Tessera listens on (http:\/\/[\d.]+:(\d+))\n/);
  const key = /^ {2}key +(tsr_\S+)$/m.exec(running.output())?.[1] ?? null;
  const sandboxKey = /^ {2}sandbox +(tsr_\S+)$/m.exec(running.output())?.[1] ?? null;
  return { ...running, url, port, key, sandboxKey, request: requestsTo(t, url, key ?? '') };
}

/** Below the range from which systems hand out ports, so that it is still free when the service starts again. */
async function freePort(): Promise<string> {
  for (;;) {
    const port = randomInt(10_000, 20_000);
    const free = await new Promise<boolean>((answer) => {
      const server = createServer();
      server.once('error', () => answer(false));
      server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
    });
    if (free) return String(port);
  }
}

const PATIENCE_MS = 60_000;

/** Looks again and again until there is something. */
export async function eventually<T>(look: () => Promise<T | false>): Promise<T> {
  for (const started = performance.now(); performance.now() < started + PATIENCE_MS; await pause(10)) {
    const found = await look();
    if (found !== false) return found;
  }
  throw new Error(`not so within a minute: ${look}`);
}

export interface HeldUp {
  /** How many statements on connections of this name stand behind the lock. */
  waiting(connections?: 'tessera' | 'tessera lane'): Promise<number>;
  release(): Promise<void>;
}

/** Takes locks, as the owner of the database, until they are released or the connection is lost. */
export async function holdUp(t: Test, url: string, locks: string): Promise<HeldUp> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  t.teardown(() => client.end());
  await client.query(`begin; ${locks}`);
  const waiting = `
    select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and application_name = coalesce($1, application_name)
  `;
  return {
    waiting: async (connections) => {
      // Within a transaction Postgres shows what it saw the first time.
      await client.query('select pg_stat_clear_snapshot()');
      return (await client.query(waiting, [connections ?? null])).rows.length;
    },
    release: async () => void (await client.query('rollback')),
  };
}
