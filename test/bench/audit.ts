import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const project = fileURLToPath(new URL('../..', import.meta.url));

/**
 * `npm run audit` over what a benchmark wrote: speed counts for nothing if an invariant does not hold. Gives what it
 * said. Faults make the benchmark fail, but its figures are shown all the same.
 */
export async function audit(databaseUrl: string): Promise<string> {
  const environment = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl };
  try {
    const { stdout } = await execute(process.execPath, ['src/audit.ts'], { cwd: project, env: environment });
    return `  audit: ${stdout.trim().split('\n').at(-1)}`;
  } catch (error) {
    process.exitCode = 1;
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `  AUDIT FAILED\n${stdout}${stderr}`;
  }
}
