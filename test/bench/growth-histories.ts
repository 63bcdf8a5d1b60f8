import { type BenchServer, createTesseraDatabase, settleDatabase } from './bench-server.ts';
import type { Growth } from './growth.ts';
import type { LoadKind, Members } from './load.ts';
import { measure } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { seedHistories } from './seed-members.ts';
import { seedProgram } from './seed-program.ts';
import { startService } from './service.ts';
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
const SHORT: Members = { first: 1, count: 200 };
const LONG: Members = { first: 201, count: 200 };
const KINDS = ['read', 'redemption', 'purchase'] as const;

interface Cost {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly statements: readonly StatementCost[];
}
/** The same load on members with short histories and on those with long ones, one after the other. */
interface Pair {
  readonly short: Cost;
  readonly long: Cost;
}

/**
 * Two hundred members with 10,000 entries, 10,000 lots and 365 active days each, beside two hundred with ten. Tiers
 * count the last 365 days, so that the days matter.
 */
export async function growHistories(server: BenchServer, options: BenchOptions): Promise<Growth> {
  console.error('… writing long histories');
  const databaseUrl = await createTesseraDatabase(server, 'histories');
  await enableStatements(databaseUrl);
  const { program, key } = await seedProgram(databaseUrl, '365d');
  await seedHistories(databaseUrl, program, SHORT, { entries: 10, days: 10 });
  await settleDatabase(databaseUrl);
  await seedHistories(databaseUrl, program, LONG, { entries: 10_000, days: 365 });
  await settleDatabase(databaseUrl);

  const service = await startService({ main: 'src/main.ts', databaseUrl, heap: options.heap });
  const costOf = async (kind: LoadKind, members: Members): Promise<Cost> => {
    await resetStatements(databaseUrl);
    const target = { url: service.url, key, members };
    const { perSecond: rate, p50, p99 } = await measure(databaseUrl, target, kind, CONNECTIONS, options);
    return { rate, p50, p99, statements: await statementCosts(databaseUrl) };
  };
  const compared: { kind: LoadKind; pairs: Pair[] }[] = [];
  for (const kind of KINDS) {
    console.error(`… ${kind} with short and long histories`);
    const pairs: Pair[] = [];
    for (let round = 0; round < options.rounds; round++)
      pairs.push({ short: await costOf(kind, SHORT), long: await costOf(kind, LONG) });
    compared.push({ kind, pairs });
  }
  await service.stop();

  const rows = compared.flatMap(({ kind, pairs }) => [
    row(kind, 'ten entries', pairs, 'short'),
    row(kind, '10,000 entries', pairs, 'long'),
  ]);
  const told = [
    `  Long histories, ${CONNECTIONS} connections`,
    table(['what', 'members with', 'a second', 'p50', 'p99', 'buffers a statement'], rows),
    ...compared.flatMap(({ kind, pairs }) =>
      dearerStatements(kind, pairs.at(-1)?.long.statements ?? [], pairs.at(-1)?.short.statements ?? []),
    ),
  ];
  return { told: told.join('\n\n'), targets: compared.flatMap(({ kind, pairs }) => targetsOf(kind, pairs)) };
}

const row = (kind: string, who: string, pairs: readonly Pair[], which: keyof Pair) => [
  kind,
  who,
  perSecond(median(pairs.map((pair) => pair[which].rate))),
  milliseconds(median(pairs.map((pair) => pair[which].p50))),
  milliseconds(median(pairs.map((pair) => pair[which].p99))),
  median(pairs.map((pair) => buffersPerStatement(pair[which].statements))).toFixed(1),
];

const targetsOf = (kind: string, pairs: readonly Pair[]): Target[] => [
  {
    what: `${kind} rate, 10,000 entries against ten`,
    measured: median(pairs.map(({ short, long }) => long.rate / short.rate)),
    bound: 0.8,
    sense: 'at least',
  },
  {
    what: `${kind} buffers a statement, 10,000 entries against ten`,
    measured: median(
      pairs.map(({ short, long }) => buffersPerStatement(long.statements) / buffersPerStatement(short.statements)),
    ),
    bound: 2,
    sense: 'at most',
  },
];
