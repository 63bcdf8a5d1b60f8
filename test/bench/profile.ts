import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTesseraDatabase, settleDatabase, startBenchServer } from './bench-server.ts';
import { selfTimes } from './cpu-profile.ts';
import { type LoadKind, load } from './load.ts';
import { machine } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { seedMembers } from './seed-members.ts';
import { type BenchProgram, seedProgram } from './seed-program.ts';
import { startService } from './service.ts';
import { enableStatements, resetStatements, shortQuery, statementCosts, statementSettings } from './statements.ts';
import { milliseconds, perSecond, table } from './table.ts';

const CONNECTIONS = 256;
const SHOWN = 15;

/** Where the time goes: functions of the service by self time, and statements by what they cost in Postgres. */
export async function profile(options: BenchOptions): Promise<string> {
  const server = await startBenchServer(statementSettings);
  try {
    const databaseUrl = await createTesseraDatabase(server, 'profile');
    await enableStatements(databaseUrl);
    const program = await seedProgram(databaseUrl, options.window);
    await seedMembers(databaseUrl, program.program, { first: 1, count: options.members });
    await settleDatabase(databaseUrl);
    const parts = [machine(server)];
    for (const kind of ['purchase', 'redemption', 'read'] as const)
      parts.push(await profileLoad(databaseUrl, program, kind, options));
    return parts.join('\n\n');
  } finally {
    await server.stop();
  }
}

async function profileLoad(
  databaseUrl: string,
  { key }: BenchProgram,
  kind: LoadKind,
  options: BenchOptions,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tessera-profile-'));
  try {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${directory}`];
    const service = await startService({ main: 'src/main.ts', databaseUrl, heap: options.heap, flags });
    const target = { url: service.url, key, members: { first: 1, count: options.members } };
    await load(target, kind, CONNECTIONS, options.warmUp);
    await resetStatements(databaseUrl);
    const began = performance.now();
    const { perSecond: rate, answered } = await load(target, kind, CONNECTIONS, options.seconds);
    const ended = performance.now();
    const costs = await statementCosts(databaseUrl);
    await service.stop();
    const gone = performance.now();
    const functions = (await selfTimes(directory, { from: gone - began, to: gone - ended })).slice(0, SHOWN);
    return [
      `  ${kind}, ${CONNECTIONS} connections: ${perSecond(rate)} a second`,
      table(
        ['function', 'self', 'share'],
        functions.map(({ what, milliseconds: self, share }) => [
          what,
          milliseconds(self),
          `${(share * 100).toFixed(1)} %`,
        ]),
      ),
      table(
        ['statement', 'calls', 'a call', 'rows a call', 'buffers a row', 'µs a request'],
        costs
          .slice(0, SHOWN)
          .map((cost) => [
            shortQuery(cost.query),
            perSecond(cost.calls),
            milliseconds(cost.milliseconds / cost.calls),
            (cost.rows / cost.calls).toFixed(0),
            cost.rows === 0 ? '–' : (cost.buffers / cost.rows).toFixed(1),
            ((cost.milliseconds * 1000) / answered).toFixed(1),
          ]),
      ),
    ].join('\n\n');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
