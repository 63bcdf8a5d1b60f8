import { settleDue } from '../../src/jobs/settle-due.ts';
import { createLog } from '../../src/log.ts';
import { createService } from '../../src/service.ts';
import { segmentOn } from '../helpers/programs.ts';
import { type BenchServer, createTesseraDatabase, settleDatabase } from './bench-server.ts';
import type { Growth } from './growth.ts';
import type { BenchOptions } from './options.ts';
import { Seeder } from './seed-members.ts';
import { resource, seedProgram } from './seed-program.ts';

const DAY_MS = 86_400_000;
const BATCH = 1_000;
/** Of a hundred members one is due. */
const SHARE = 100;

const recent = segmentOn({ field: 'purchases', window: '7d', op: 'gte', value: 1 });

/** Members of whom the first so many bought once and leave a segment a week later. */
async function members(server: BenchServer, name: string, count: number, buying: number): Promise<string> {
  console.error(`… making ${count} members of whom ${buying} will be due`);
  const databaseUrl = await createTesseraDatabase(server, name);
  const { program } = await seedProgram(databaseUrl, null, { segments: { recent: resource(recent) } });
  const at = Date.now() - 30 * DAY_MS;
  const seeder = new Seeder(databaseUrl, program);
  for (let from = 0; from < count; from += BATCH) {
    const ids = await seeder.enrol({ first: 1 + from, count: Math.min(BATCH, count - from) }, at);
    if (from < buying) await seeder.purchases(ids, 1, at + 60_000, () => 1_000);
  }
  await seeder.close();
  await settleDatabase(databaseUrl);
  return databaseUrl;
}

/** Seconds that settling everybody who is due takes, and how many that were. */
async function pass(databaseUrl: string): Promise<{ took: number; settled: number }> {
  const log = createLog({ logLevel: 'warn' });
  const config = {
    lanes: 2,
    readConnections: 2,
    queueMax: 4_096,
    batchMax: 256,
    rateLimitPerSecond: 0,
    bodyLimitBytes: 1_048_576,
    jobs: false,
    relay: false,
    eventRetentionDays: 30,
    operatorKey: '',
  };
  const service = await createService({ databaseUrl, log, config });
  const { database, queue, clock } = service.services;
  const started = performance.now();
  let settled = 0;
  for (;;) {
    const due = await settleDue(database, queue, clock());
    settled += due;
    if (due === 0) break;
  }
  const took = (performance.now() - started) / 1_000;
  await service.stop();
  return { took, settled };
}

/** A pass over many members of whom few are due, against one over those few alone. */
export async function duePass(server: BenchServer, options: BenchOptions): Promise<Growth> {
  const due = Math.ceil(options.members / SHARE / BATCH) * BATCH;
  // The first pass of a process is slower than those after it.
  await pass(await members(server, 'due_warm_up', 2 * BATCH, 2 * BATCH));
  const alone = await pass(await members(server, 'due_alone', due, due));
  const among = await pass(await members(server, 'due_among', options.members, due));
  const shown = (count: number) => count.toLocaleString('en-US');
  return {
    told: `  A pass over what is due\n\n  ${shown(alone.settled)} members of ${shown(due)}: ${alone.took.toFixed(2)} s; ${shown(among.settled)} of ${shown(options.members)}: ${among.took.toFixed(2)} s`,
    targets: [
      {
        what: `a pass over ${shown(options.members)} members of whom ${shown(due)} are due, against those alone`,
        measured: among.took / alone.took,
        bound: 1.3,
        sense: 'at most',
      },
    ],
  };
}
