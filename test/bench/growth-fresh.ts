import { type BenchServer, createTesseraDatabase, withClient } from './bench-server.ts';
import type { Growth } from './growth.ts';
import { load, type Members } from './load.ts';
import type { BenchOptions } from './options.ts';
import { seedProgram } from './seed-program.ts';
import { type Service, startService } from './service.ts';
import {
  buffersPerStatement,
  dearerStatements,
  enableStatements,
  resetStatements,
  type StatementCost,
  statementCosts,
} from './statements.ts';
import { median, milliseconds, perSecond, table } from './table.ts';
import type { Target } from './target.ts';

const CONNECTIONS = 64;
/** The steps of the growth take so many times as long as a measurement. */
const LONGER = 2;
const KINDS = ['purchase', 'redemption', 'read'] as const;
type Kind = (typeof KINDS)[number];
/** wrk makes one request that it does not send, to see what it is: that one enrols `m-0`. */
const EVERYBODY: Members = { first: 0, count: 1_000_000 };
/** Members who redeem: few, so that all of them have points. */
const REDEEMING = 1_000;

interface Cost {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly statements: readonly StatementCost[];
}
/** The same load over the connection that is as old as the database, and over a new one, in turns. */
interface Pair {
  readonly old: Cost;
  readonly fresh: Cost;
}

/**
 * A database grown from nothing by one process with one connection for writes and one for reads, which prepared its
 * statements while the tables were empty; beside it another process, started when they were full. Nothing analyzes the
 * tables meanwhile: what the service does not see to itself, nobody does.
 */
export async function growFresh(server: BenchServer, options: BenchOptions): Promise<Growth> {
  const databaseUrl = await createTesseraDatabase(server, 'fresh');
  await enableStatements(databaseUrl);
  await switchAutovacuumOff(databaseUrl);
  const { key } = await seedProgram(databaseUrl, options.window);
  const environment = { LANES: '1', READ_CONNECTIONS: '1' };
  const one = { main: 'src/main.ts', databaseUrl, heap: options.heap, environment } as const;
  const old = await startService(one);
  console.error('… growing a fresh database');
  const count = await grow(databaseUrl, old, key, options);
  const fresh = await startService(one);

  const costOf = async (service: Service, kind: Kind): Promise<Cost> => {
    const members = { first: 1, count: kind === 'redemption' ? Math.min(count, REDEEMING) : count };
    const target = { url: service.url, key, members };
    await load(target, kind, CONNECTIONS, options.warmUp);
    await resetStatements(databaseUrl);
    const { perSecond: rate, p50, p99 } = await load(target, kind, CONNECTIONS, options.seconds);
    return { rate, p50, p99, statements: await statementCosts(databaseUrl) };
  };
  const pairs: Record<Kind, Pair[]> = { purchase: [], redemption: [], read: [] };
  for (let round = 1; round <= options.rounds; round++) {
    console.error(`… old and new connections, round ${round} of ${options.rounds}`);
    for (const kind of KINDS) pairs[kind].push({ old: await costOf(old, kind), fresh: await costOf(fresh, kind) });
  }
  await Promise.all([old.stop(), fresh.stop()]);

  const told = [
    `  A database grown from nothing to ${count.toLocaleString('en-US')} members under one connection, ${CONNECTIONS} clients`,
    costTable(pairs),
    ...KINDS.flatMap((kind) =>
      dearerStatements(kind, pairs[kind].at(-1)?.old.statements ?? [], pairs[kind].at(-1)?.fresh.statements ?? []),
    ),
  ];
  return { told: told.join('\n\n'), targets: KINDS.flatMap((kind) => targetsOf(kind, pairs[kind])) };
}

const switchAutovacuumOff = (databaseUrl: string): Promise<void> =>
  withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
    );
    for (const { name } of rows) await client.query(`alter table ${name} set (autovacuum_enabled = off)`);
  });

/** Enrols members, reads them, and gives them purchases. Says how many there are. */
async function grow(databaseUrl: string, { url }: Service, key: string, { seconds }: BenchOptions): Promise<number> {
  await load({ url, key, members: EVERYBODY }, 'enrolment', CONNECTIONS, LONGER * seconds);
  const count = await countEnrolled(databaseUrl);
  const members = { first: 1, count };
  await load({ url, key, members }, 'read', CONNECTIONS, seconds);
  await load({ url, key, members }, 'purchase', CONNECTIONS, LONGER * seconds);
  await load({ url, key, members: { first: 1, count: Math.min(count, REDEEMING) } }, 'purchase', CONNECTIONS, seconds);
  return count;
}

/** How many members there are from `m-1` on without a gap: what was under way when the load ended may be missing. */
const countEnrolled = (databaseUrl: string): Promise<number> =>
  withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ count: number }>(`
      select (min(number) - 1)::integer as count
      from generate_series(1, (select count(*) + 1 from member_state)) number
      where not exists (select from member_state where external_id = 'm-' || number)
    `);
    return rows[0]?.count ?? 0;
  });

const medianOf = (pairs: readonly Pair[], of: (pair: Pair) => number): number => median(pairs.map(of));

function costTable(pairs: Readonly<Record<Kind, readonly Pair[]>>): string {
  const row = (kind: Kind, connection: string, which: keyof Pair) => [
    kind,
    connection,
    perSecond(medianOf(pairs[kind], (pair) => pair[which].rate)),
    milliseconds(medianOf(pairs[kind], (pair) => pair[which].p50)),
    milliseconds(medianOf(pairs[kind], (pair) => pair[which].p99)),
    medianOf(pairs[kind], (pair) => buffersPerStatement(pair[which].statements)).toFixed(1),
  ];
  const rows = KINDS.flatMap((kind) => [row(kind, 'from nothing', 'old'), row(kind, 'new', 'fresh')]);
  return table(['what', 'connection', 'a second', 'p50', 'p99', 'buffers a statement'], rows);
}

const targetsOf = (kind: Kind, pairs: readonly Pair[]): Target[] => [
  {
    what: `${kind} rate, connection as old as the database against a new one`,
    measured: medianOf(pairs, ({ old, fresh }) => old.rate / fresh.rate),
    bound: 0.8,
    sense: 'at least',
  },
  {
    what: `${kind} buffers a statement, the same`,
    measured: medianOf(
      pairs,
      ({ old, fresh }) => buffersPerStatement(old.statements) / buffersPerStatement(fresh.statements),
    ),
    bound: 2,
    sense: 'at most',
  },
];
