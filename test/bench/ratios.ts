import { audit } from './audit.ts';
import { type BenchServer, createTesseraDatabase, settleDatabase, startBenchServer } from './bench-server.ts';
import { machine } from './machine.ts';
import { type Measured, measure } from './measure.ts';
import { watchMemory } from './memory.ts';
import type { BenchOptions } from './options.ts';
import { fillPgbench, runPgbench } from './pgbench.ts';
import { type Round, ratioTables } from './ratio-tables.ts';
import { seedMembers } from './seed-members.ts';
import { seedProgram } from './seed-program.ts';
import { startService } from './service.ts';

const FEWER_CONNECTIONS = [1, 16, 64];
const MOST_CONNECTIONS = 256;
const READ_CONNECTIONS = 64;

const say = (text: string): void => console.error(`… ${text}`);

/**
 * pgbench, the service and the straightforward version on one server. They take turns, what is compared standing next
 * to each other, several rounds of it: the ratio of a round holds even where the machine is not the same from minute
 * to minute.
 */
export async function ratios(options: BenchOptions): Promise<string> {
  const server = await startBenchServer();
  try {
    const databases = await fill(server, options);
    const { databaseUrl, key } = databases;
    const main = 'test/bench/straightforward/main.ts' as const;
    // Numbering events and sending them is what `streams` measures; the straightforward version does neither.
    const own = { RELAY: 'off' };
    const service = await startService({ main: 'src/main.ts', databaseUrl, heap: options.heap, environment: own });
    const environment = { POOL: String(options.pool) };
    const naive = await startService({ main, databaseUrl, heap: options.heap, environment });
    const members = { first: 1, count: options.members };
    const target = { url: service.url, key, members };
    const rounds: Round[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      say(`round ${round} of ${options.rounds}`);
      rounds.push(await measureRound(databases, target.url, naive.url, options));
    }
    await naive.stop();
    say('memory');
    const memory = await watchMemory(service, target, options);
    await service.stop();
    say('audit');
    const audited = await audit(databaseUrl);
    return [machine(server), ratioTables(rounds, memory, options), audited].join('\n\n');
  } finally {
    await server.stop();
  }
}

interface Databases {
  readonly pgbenchUrl: string;
  readonly databaseUrl: string;
  readonly key: string;
}

async function fill(server: BenchServer, { members, window }: BenchOptions): Promise<Databases> {
  say('filling pgbench’s tables');
  const pgbenchUrl = await server.createDatabase('pgbench');
  await fillPgbench(pgbenchUrl);
  say(`making ${members} members`);
  const databaseUrl = await createTesseraDatabase(server, 'members');
  const { program, key } = await seedProgram(databaseUrl, window);
  await seedMembers(databaseUrl, program, { first: 1, count: members });
  await settleDatabase(databaseUrl);
  return { pgbenchUrl, databaseUrl, key };
}

async function measureRound(
  databases: Databases,
  url: string,
  naiveUrl: string,
  options: BenchOptions,
): Promise<Round> {
  const { pgbenchUrl, databaseUrl, key } = databases;
  const members = { first: 1, count: options.members };
  const of = (at: string, kind: 'purchase' | 'redemption' | 'read', connections: number): Promise<Measured> =>
    measure(databaseUrl, { url: at, key, members }, kind, connections, options);

  const fewer: Measured[] = [];
  for (const connections of FEWER_CONNECTIONS) fewer.push(await of(url, 'purchase', connections));
  const tpcb = await runPgbench(pgbenchUrl, 'tpcb-like', options.seconds);
  const earn = await of(url, 'purchase', MOST_CONNECTIONS);
  const naiveEarn = await of(naiveUrl, 'purchase', MOST_CONNECTIONS);
  const burn = await of(url, 'redemption', MOST_CONNECTIONS);
  const naiveBurn = await of(naiveUrl, 'redemption', MOST_CONNECTIONS);
  const selects = await runPgbench(pgbenchUrl, 'select-only', options.seconds);
  const read = await of(url, 'read', READ_CONNECTIONS);
  const naiveRead = await of(naiveUrl, 'read', READ_CONNECTIONS);
  return { tpcb, selects, fewer, earn, burn, read, naive: { earn: naiveEarn, burn: naiveBurn, read: naiveRead } };
}
