import { type BenchServer, createTesseraDatabase, settleDatabase } from './bench-server.ts';
import type { Growth } from './growth.ts';
import { type Measured, measure } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { seedMembers } from './seed-members.ts';
import { seedProgram } from './seed-program.ts';
import { startService } from './service.ts';
import { median, milliseconds, perSecond, table } from './table.ts';

const CONNECTIONS = 256;
const FEW = 100_000;
const TIMES = 10;

/** The same load on few members and on many, one after the other. */
interface Pair {
  readonly few: Measured;
  readonly many: Measured;
}

/** The earn rate over a million members, against that over a hundred thousand; or in that proportion for `--members`. */
export async function growMembers(server: BenchServer, options: BenchOptions): Promise<Growth> {
  const count = Math.min(FEW, options.members);
  const few = await startOver(server, count, options);
  const many = await startOver(server, TIMES * count, options);
  const pairs: Pair[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    console.error(`… earn over few and many members, round ${round} of ${options.rounds}`);
    pairs.push({ few: await few.earn(), many: await many.earn() });
  }
  await Promise.all([few.service.stop(), many.service.stop()]);

  const shown = (members: number): string => members.toLocaleString('en-US');
  const row = (members: number, which: keyof Pair) => [
    'earn',
    shown(members),
    perSecond(median(pairs.map((pair) => pair[which].perSecond))),
    milliseconds(median(pairs.map((pair) => pair[which].p50))),
    milliseconds(median(pairs.map((pair) => pair[which].p99))),
  ];
  const rows = [row(count, 'few'), row(TIMES * count, 'many')];
  return {
    told: `  Many members, ${CONNECTIONS} connections\n\n${table(['what', 'members', 'a second', 'p50', 'p99'], rows)}`,
    targets: [
      {
        what: `earn rate, ${shown(TIMES * count)} members against ${shown(count)}`,
        measured: median(pairs.map((pair) => pair.many.perSecond / pair.few.perSecond)),
        bound: 0.8,
        sense: 'at least',
      },
    ],
  };
}

/** A service over a database of its own with so many members. */
async function startOver(server: BenchServer, count: number, options: BenchOptions) {
  console.error(`… making ${count} members`);
  const databaseUrl = await createTesseraDatabase(server, `members_${count}`);
  const { program, key } = await seedProgram(databaseUrl, options.window);
  const members = { first: 1, count };
  await seedMembers(databaseUrl, program, members);
  await settleDatabase(databaseUrl);
  const service = await startService({ main: 'src/main.ts', databaseUrl, heap: options.heap });
  const earn = (): Promise<Measured> =>
    measure(databaseUrl, { url: service.url, key, members }, 'purchase', CONNECTIONS, options);
  return { service, earn };
}
