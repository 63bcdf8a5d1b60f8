import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type BenchServer, createTesseraDatabase, startBenchServer, withClient } from './bench-server.ts';
import { machine } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { seedProgram } from './seed-program.ts';
import { type Service, startService } from './service.ts';
import { median, megabytes, perSecond, table, times } from './table.ts';
import { type Target, targetTable } from './target.ts';

/* A file of members, imported by a service of its own process, beside `copy` of the very rows it wrote. */

const LINES_AT_ONCE = 1_000;

const lineOf = (index: number): string => {
  const number = `${index}`.padStart(8, '0');
  const member = {
    id: `m-${number}`,
    profile: {
      given_name: `Given ${index % 997}`,
      family_name: `Family ${index % 9_973}`,
      language: 'fr',
      country: 'FR',
    },
    identities: [
      { kind: 'card', value: `2099${number}` },
      { kind: 'email', value: `member.${number}@example.com` },
    ],
    consents: { newsletter: { granted: index % 3 === 0, source: 'import' } },
    tags: index % 10 === 0 ? ['vip', 'paris'] : ['paris'],
    enrolled_at: new Date(Date.UTC(2015, 0, 1) + (index % 3_000) * 86_400_000).toISOString(),
    source_updated_at: '2026-01-01T00:00:00Z',
  };
  return `${JSON.stringify(member)}\n`;
};

function* file(members: number): Generator<string> {
  for (let from = 0; from < members; from += LINES_AT_ONCE) {
    let text = '';
    for (let index = from; index < Math.min(members, from + LINES_AT_ONCE); index++) text += lineOf(index);
    yield text;
  }
}

interface Imported {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly succeeded: number;
  readonly unchanged: number;
  readonly failed: number;
}

const send = (service: Service, key: string, members: number): Promise<Imported> =>
  new Promise((resolve, reject) => {
    const post = request(`${service.url}/v1/imports?kind=members`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
    });
    post.once('error', reject);
    post.once('response', async (answer) => {
      const text = Buffer.concat(await answer.toArray()).toString();
      if (answer.statusCode === 202) resolve(JSON.parse(text) as Imported);
      else reject(new Error(text));
    });
    pipeline(Readable.from(file(members)), post).catch(reject);
  });

const ended = async (service: Service, key: string, id: string): Promise<Imported> => {
  for (;;) {
    const answer = await fetch(`${service.url}/v1/imports/${id}`, { headers: { authorization: `Bearer ${key}` } });
    const found = (await answer.json()) as Imported;
    if (found.status === 'done') return found;
    await pause(200);
  }
};

interface Run {
  readonly what: string;
  readonly kept: number;
  readonly seconds: number;
  readonly memory: readonly number[];
}

const run = async (service: Service, key: string, members: number, what: string): Promise<Run> => {
  const memory: number[] = [];
  let over = false;
  const sampling = (async () => {
    while (!over) {
      memory.push(await service.memory());
      await pause(1_000);
    }
  })();
  const started = performance.now();
  try {
    const { id } = await send(service, key, members);
    const kept = (performance.now() - started) / 1000;
    const done = await ended(service, key, id);
    if (done.failed > 0 || done.total !== members || done.succeeded + done.unchanged !== members)
      throw new Error(`the import came to ${JSON.stringify(done)}`);
    return { what, kept, seconds: (performance.now() - started) / 1000, memory };
  } finally {
    over = true;
    await sampling;
  }
};

/** Tables that an import of members writes to, and that nobody empties meanwhile. */
const TABLES = ['member_state', 'member_profile', 'identity', 'member_day', 'member_due', 'outbox', 'event'];

/** `copy` of every row there is into empty tables with the same indexes, in seconds. Files stand where the server is. */
const copySeconds = (url: string): Promise<number> =>
  withClient(url, async (client) => {
    let seconds = 0;
    for (const name of TABLES) {
      const path = `/tmp/tessera_bench_${process.pid}_${name}`;
      await client.query(`copy ${name} to '${path}' with (format binary)`);
      await client.query(`create table equal_${name} (like ${name} including all)`);
      const started = performance.now();
      await client.query(`copy equal_${name} from '${path}' with (format binary)`);
      seconds += (performance.now() - started) / 1000;
      await client.query(`drop table equal_${name}`);
      await client.query(`copy (select 1 where false) to '${path}'`);
    }
    return seconds;
  });

const rowOf = ({ what, kept, seconds, memory }: Run, members: number, copied: number): string[] => {
  const tenth = Math.max(1, Math.floor(memory.length / 10));
  return [
    what,
    kept.toFixed(1),
    seconds.toFixed(1),
    perSecond(members / seconds),
    times(seconds / copied),
    megabytes(median(memory.slice(tenth, 2 * tenth + 1))),
    megabytes(median(memory.slice(-tenth))),
    megabytes(Math.max(...memory)),
  ];
};

const measured = async (server: BenchServer, { members, window, heap }: BenchOptions): Promise<string> => {
  const databaseUrl = await createTesseraDatabase(server, 'imports');
  const { key } = await seedProgram(databaseUrl, window);
  const service = await startService({ main: 'src/main.ts', databaseUrl, heap });
  try {
    const first = await run(service, key, members, 'a file of new members');
    const again = await run(service, key, members, 'the same file again');
    const copied = await copySeconds(databaseUrl);
    const most = Math.max(...first.memory, ...again.memory);
    const targets: Target[] = [
      { what: 'resident memory while importing', measured: most, bound: heap + 192, sense: 'at most', unit: 'MB' },
    ];
    const head = ['', 'kept after s', 'done after s', 'lines a second', 'to copy', 'memory, begin', 'end', 'most'];
    return [
      `  ${members.toLocaleString('en-US')} members; copy of the rows they came to: ${copied.toFixed(1)} s`,
      table(head, [rowOf(first, members, copied), rowOf(again, members, copied)]),
      targetTable(targets),
    ].join('\n\n');
  } finally {
    await service.stop();
  }
};

/** How long an import takes beside `copy`, and whether memory stays what it is. */
export async function imports(options: BenchOptions): Promise<string> {
  const server = await startBenchServer();
  try {
    return [machine(server), await measured(server, options)].join('\n\n');
  } finally {
    await server.stop();
  }
}
