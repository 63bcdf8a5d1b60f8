import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { type BenchServer, createTesseraDatabase, settleDatabase, withClient } from './bench-server.ts';
import type { Growth } from './growth.ts';
import { type Measured, measure } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { ruleSet } from './rule-sets.ts';
import { seedMembers } from './seed-members.ts';
import { seedProgram } from './seed-program.ts';
import { startService } from './service.ts';
import { median, milliseconds, perSecond, table } from './table.ts';

const CONNECTIONS = 256;
const MEMBERS = 20_000;
const FEW = { earnRules: 3, segments: 3 };
const MANY = { earnRules: 300, segments: 100 };

/** Members are made at times of their own, without jobs: first the service catches up with all that time has changed. */
async function settled(databaseUrl: string): Promise<void> {
  const due = (client: Client) => client.query('select 1 from member_due where due_at <= now() limit 1');
  await withClient(databaseUrl, async (client) => {
    while ((await due(client)).rowCount !== 0) await pause(500);
  });
}

async function startOver(server: BenchServer, rules: typeof FEW, options: BenchOptions) {
  const count = Math.min(MEMBERS, options.members);
  console.error(`… making ${count} members under ${rules.earnRules} earn rules and ${rules.segments} segments`);
  const databaseUrl = await createTesseraDatabase(server, `rules_${rules.earnRules}`);
  const { program, key } = await seedProgram(databaseUrl, '365d', ruleSet(rules.earnRules, rules.segments));
  const members = { first: 1, count };
  await seedMembers(databaseUrl, program, members);
  await settleDatabase(databaseUrl);
  const service = await startService({ main: 'src/main.ts', databaseUrl, heap: options.heap });
  await settled(databaseUrl);
  const earn = (): Promise<Measured> =>
    measure(databaseUrl, { url: service.url, key, members }, 'purchase', CONNECTIONS, options);
  return { service, earn };
}

/** The earn rate under many rules and segments, against that under few. */
export async function earnUnderRules(server: BenchServer, options: BenchOptions): Promise<Growth> {
  const few = await startOver(server, FEW, options);
  const many = await startOver(server, MANY, options);
  const pairs: { few: Measured; many: Measured }[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    console.error(`… earn under few and many rules, round ${round} of ${options.rounds}`);
    pairs.push({ few: await few.earn(), many: await many.earn() });
  }
  await Promise.all([few.service.stop(), many.service.stop()]);
  const row = (what: string, which: 'few' | 'many') => [
    what,
    perSecond(median(pairs.map((pair) => pair[which].perSecond))),
    milliseconds(median(pairs.map((pair) => pair[which].p50))),
    milliseconds(median(pairs.map((pair) => pair[which].p99))),
  ];
  const rows = [row('3 earn rules, 3 segments', 'few'), row('300 earn rules, 100 segments', 'many')];
  return {
    told: `  Earn under rules, ${CONNECTIONS} connections\n\n${table(['under', 'a second', 'p50', 'p99'], rows)}`,
    targets: [
      {
        what: 'earn under 300 rules and 100 segments, against 3 and 3',
        measured: median(pairs.map((pair) => pair.many.perSecond / pair.few.perSecond)),
        bound: 0.6,
        sense: 'at least',
      },
    ],
  };
}
