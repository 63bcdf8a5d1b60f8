import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The scale of the comparison: two million accounts. */
const SCALE = 20;

/** Prepared statements, sixteen connections, two threads: what a service with a pool would do at its best. */
const load = ['-M', 'prepared', '-c', '16', '-j', '2'];

export const pgbenchLoad = `pgbench ${load.join(' ')}, scale ${SCALE}`;

/** pgbench gets the connection from its environment: a password in its arguments would be there for all to see. */
function environmentOf(url: string): Record<string, string | undefined> {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    PATH: process.env['PATH'],
    PGHOST: hostname,
    PGPORT: port === '' ? '5432' : port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
  };
}

export async function fillPgbench(url: string): Promise<void> {
  await execute('pgbench', ['-i', '-q', '-s', String(SCALE)], { env: environmentOf(url) });
}

/** Transactions a second of the built-in script: the TPC-B-like one, or single-row selects. */
export async function runPgbench(url: string, script: 'tpcb-like' | 'select-only', seconds: number): Promise<number> {
  const { stdout } = await execute('pgbench', [...load, '-b', script, '-T', String(seconds)], {
    env: environmentOf(url),
  });
  const tps = /^tps = ([\d.]+) \(without/m.exec(stdout)?.[1];
  if (tps === undefined) throw new Error(`pgbench said no tps:\n${stdout}`);
  return Number(tps);
}
