import { setTimeout as pause } from 'node:timers/promises';
import { type BenchServer, createTesseraDatabase, settleDatabase, withClient } from './bench-server.ts';
import type { BenchOptions } from './options.ts';
import { seedMembers } from './seed-members.ts';
import { seedProgram } from './seed-program.ts';
import { startService } from './service.ts';
import { table } from './table.ts';

const winBack = {
  all: [
    { field: 'purchases', op: 'gte', value: 1 },
    { field: 'last_purchase_at', op: 'older_than', value: '90d' },
  ],
};
const conditions: readonly (readonly [what: string, condition: object])[] = [
  ['columns alone', winBack],
  ['a window of 90 days', { field: 'spend', window: '90d', op: 'gte', value: 30_000 }],
  [
    'profile and consent',
    {
      all: [
        { field: 'country', op: 'eq', value: 'FR' },
        { field: 'consents.newsletter', op: 'eq', value: true },
      ],
    },
  ],
  ['the state document', { field: 'available_points', op: 'gte', value: 400 }],
];

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
};

/** Previews over many members, and the pass that brings all of them into a new segment, beside counting them. */
export async function rulesOverMembers(server: BenchServer, options: BenchOptions): Promise<string> {
  console.error(`… making ${options.members} members to be previewed`);
  const databaseUrl = await createTesseraDatabase(server, 'preview');
  const { program, key } = await seedProgram(databaseUrl, '365d');
  await seedMembers(databaseUrl, program, { first: 1, count: options.members });
  await settleDatabase(databaseUrl);
  const service = await startService({ main: 'src/main.ts', databaseUrl, heap: options.heap });
  const send = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${service.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const read = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(read)}`);
    return read as { count: number; data: { done: number; members: number | null; finished_at: string | null }[] };
  };
  const counting = await withClient(databaseUrl, (client) =>
    seconds(() => client.query('select count(*) from member_state')),
  );
  const rows = [['select count(*)', `${options.members}`, `${counting.toFixed(2)} s`, '']];
  for (const [what, condition] of conditions) {
    console.error(`… preview: ${what}`);
    let count = 0;
    const took = await seconds(async () => {
      count = (await send('POST', '/v1/conditions/preview', { condition })).count;
    });
    rows.push([`preview: ${what}`, `${count}`, `${took.toFixed(2)} s`, `${(took / counting).toFixed(1)} ×`]);
  }
  console.error('… a new segment reaches everybody');
  const passed = await seconds(async () => {
    await send('PUT', '/v1/segments/win-back', { name: 'Win back', condition: winBack });
    for (;;) {
      const [pass] = (await send('GET', '/v1/reassessments')).data;
      if (pass?.finished_at != null) break;
      await pause(500);
    }
  });
  const entered = (await (
    await fetch(`${service.url}/v1/segments/win-back/members?limit=1`, { headers: { authorization: `Bearer ${key}` } })
  ).json()) as { total: number };
  rows.push([
    'a new segment, member by member',
    `${entered.total}`,
    `${passed.toFixed(1)} s`,
    `${(passed / counting).toFixed(0)} ×`,
  ]);
  await service.stop();
  return `  Over ${options.members.toLocaleString('en-US')} members\n\n${table(['what', 'members', 'took', 'of counting'], rows)}`;
}
