import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const required = [
  { program: 'pgbench', from: 'Debian and Ubuntu: postgresql-contrib; macOS: brew install libpq' },
  { program: 'wrk', from: 'Debian and Ubuntu: wrk; macOS: brew install wrk' },
] as const;

/** wrk has no option that does nothing but answer; it exits with 1 after telling its version. */
const isThere = async (program: string): Promise<boolean> =>
  execute(program, ['--version']).then(
    () => true,
    (error: { code?: unknown }) => error.code !== 'ENOENT',
  );

/** Throws, naming where to get it, when a program that the benchmarks need is not on PATH. */
export async function checkRequiredPrograms(): Promise<void> {
  const found = await Promise.all(required.map(({ program }) => isThere(program)));
  const missing = required.filter((_, index) => !found[index]);
  if (missing.length === 0) return;
  const lines = missing.map(({ program, from }) => `  ${program.padEnd(8)} ${from}`);
  throw new Error(`The benchmarks need programs that are not on PATH:\n${lines.join('\n')}`);
}
