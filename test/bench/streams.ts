import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { audit } from './audit.ts';
import { createTesseraDatabase, settleDatabase, startBenchServer, withClient } from './bench-server.ts';
import { machine } from './machine.ts';
import { type Measured, measure } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { seedMembers } from './seed-members.ts';
import { seedProgram } from './seed-program.ts';
import { startService } from './service.ts';
import { median, milliseconds, perSecond, table, times } from './table.ts';
import { targetTable } from './target.ts';

const CONNECTIONS = 256;
const MEMBERS = 20_000;
const STREAMS = 5;
const DRAINED_WITHIN_MS = 600_000;

type Kind = 'none' | 'tiers' | 'everything';

interface Counted {
  readonly messages: number;
  readonly events: number;
}

interface Receiver {
  readonly url: string;
  count(): Promise<Counted>;
  stop(): void;
}

const startReceiver = async (): Promise<Receiver> => {
  const main = fileURLToPath(new URL('receiver.ts', import.meta.url));
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const url = `http://127.0.0.1:${JSON.parse(String(line)).port}/`;
  process.once('exit', () => child.kill('SIGKILL'));
  return {
    url,
    count: async () => (await (await fetch(url)).json()) as Counted,
    stop: () => void child.kill('SIGTERM'),
  };
};

const asking = (url: string, key: string) => async (method: string, path: string, body: object) => {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'if-match': '*' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
};

/** Makes the five streams of a kind, and no other, in force. */
const configure = async (url: string, key: string, kind: Kind, receiver: string): Promise<void> => {
  const ask = asking(url, key);
  const streams = Object.fromEntries(
    Array.from({ length: kind === 'none' ? 0 : STREAMS }, (_, index) => [
      `${kind}-${index}`,
      {
        name: kind,
        destination: { type: 'webhook', url: receiver, batch: { max_events: kind === 'tiers' ? 1 : 100 } },
        events: kind === 'tiers' ? ['tier.*'] : ['*'],
      },
    ]),
  );
  await ask('PUT', '/v1/config', { streams });
  for (const stream of Object.keys(streams)) await ask('POST', `/v1/streams/${stream}/secrets`, {});
};

interface Lag {
  readonly outbox: number;
  readonly behind: number;
}

const lagOf = (databaseUrl: string): Promise<Lag> =>
  withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<Lag>(
      `select (select count(*)::integer from outbox) as outbox,
         coalesce((select max(f.last_position - s.position)::integer from stream_standing s join event_feed f using (program_id)
           where s.status = 'running'), 0) as behind`,
    );
    return rows[0] ?? { outbox: 0, behind: 0 };
  });

/** Waits until everything is numbered and sent. Returns the seconds that took. */
const drain = async (databaseUrl: string): Promise<number> => {
  const started = performance.now();
  while (performance.now() - started < DRAINED_WITHIN_MS) {
    const { outbox, behind } = await lagOf(databaseUrl);
    if (outbox === 0 && behind === 0) return (performance.now() - started) / 1_000;
    await pause(100);
  }
  throw new Error('the relay has not caught up within ten minutes');
};

interface Round {
  readonly earn: Measured;
  readonly lag: Lag;
  readonly drained: number;
  readonly sent: Counted;
}

/** Earning with five streams against earning with none, the relay in a process of its own. */
export async function streams(options: BenchOptions): Promise<string> {
  const server = await startBenchServer();
  const receiver = await startReceiver();
  try {
    const databaseUrl = await createTesseraDatabase(server, 'streams');
    const members = { first: 1, count: Math.min(MEMBERS, options.members) };
    console.error(`… making ${members.count} members`);
    const { program, key } = await seedProgram(databaseUrl, options.window);
    await seedMembers(databaseUrl, program, members);
    await settleDatabase(databaseUrl);
    const common = { main: 'src/main.ts', databaseUrl, heap: options.heap } as const;
    const environment = { STREAM_ALLOW: '127.0.0.1' };
    const service = await startService({ ...common, environment: { ...environment, RELAY: 'off' } });
    const relay = await startService({ ...common, environment: { ...environment, JOBS: 'off' } });
    const kinds = ['none', 'tiers', 'everything'] as const;
    const rounds: Record<Kind, Round>[] = [];
    const memory: number[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      console.error(`… round ${round} of ${options.rounds}`);
      const measured: Partial<Record<Kind, Round>> = {};
      for (const kind of kinds) {
        await configure(service.url, key, kind, receiver.url);
        await drain(databaseUrl);
        const before = await receiver.count();
        const earn = await measure(databaseUrl, { url: service.url, key, members }, 'purchase', CONNECTIONS, options);
        const lag = await lagOf(databaseUrl);
        const drained = await drain(databaseUrl);
        const after = await receiver.count();
        const sent = { messages: after.messages - before.messages, events: after.events - before.events };
        measured[kind] = { earn, lag, drained, sent };
        memory.push(await relay.memory());
      }
      rounds.push(measured as Record<Kind, Round>);
    }
    await relay.stop();
    await service.stop();
    const of = (kind: Kind, what: (round: Round) => number): number => median(rounds.map((round) => what(round[kind])));
    const ratio = (kind: Kind): number =>
      median(rounds.map((round) => round[kind].earn.perSecond / round.none.earn.perSecond));
    const rows = kinds.map((kind) => [
      kind === 'none' ? 'none' : `five of ${kind === 'tiers' ? 'tier changes' : 'everything, a hundred a message'}`,
      perSecond(of(kind, ({ earn }) => earn.perSecond)),
      milliseconds(of(kind, ({ earn }) => earn.p99)),
      kind === 'none' ? '' : times(ratio(kind)),
      String(Math.round(of(kind, ({ lag }) => lag.outbox))),
      String(Math.round(of(kind, ({ lag }) => lag.behind))),
      of(kind, ({ drained }) => drained).toFixed(1),
      String(Math.round(of(kind, ({ sent }) => sent.events))),
      String(Math.round(of(kind, ({ sent }) => sent.messages))),
    ]);
    const head = [
      ...['streams', 'earns a second', 'p99', 'against none', 'not numbered', 'events behind', 'seconds to drain'],
      ...['events sent', 'messages'],
    ];
    const sends = await sendAlone(databaseUrl, key, receiver, common, environment);
    return [
      machine(server),
      `  Streams\n\n${table(head, rows)}\n\n  relay: ${Math.round(Math.max(...memory))} MB at most; ${sends}\n\n${await audit(databaseUrl)}`,
      targetTable([
        { what: 'earn with five streams of tier changes', measured: ratio('tiers'), bound: 0.9, sense: 'at least' },
        { what: 'earn with five streams of everything', measured: ratio('everything'), bound: 0.6, sense: 'at least' },
      ]),
    ].join('\n\n');
  } finally {
    receiver.stop();
    await server.stop();
  }
}

/** Deliveries a second when nothing else happens: a stream of everything is replayed, one event a message, then a hundred. */
const sendAlone = async (
  databaseUrl: string,
  key: string,
  receiver: Receiver,
  common: { main: 'src/main.ts'; databaseUrl: string; heap: number },
  environment: Readonly<Record<string, string>>,
): Promise<string> => {
  const relay = await startService({ ...common, environment: { ...environment, JOBS: 'off' } });
  const ask = asking(relay.url, key);
  const told: string[] = [];
  for (const [size, count] of [
    [1, 10_000],
    [100, 100_000],
  ] as const) {
    const destination = { type: 'webhook', url: receiver.url, batch: { max_events: size } };
    await ask('PUT', '/v1/config', { streams: { alone: { name: 'Alone', destination, events: ['*'] } } });
    await ask('POST', '/v1/streams/alone/secrets', {});
    await drain(databaseUrl);
    const [{ last }] = await withClient(
      databaseUrl,
      async (client) =>
        (await client.query('select last_position::integer as last from event_feed')).rows as [{ last: number }],
    );
    const events = Math.min(last, count);
    const started = performance.now();
    await ask('POST', '/v1/streams/alone/replay', { position: last - events + 1 });
    await drain(databaseUrl);
    told.push(`${Math.round(events / ((performance.now() - started) / 1_000))} events a second with ${size} a message`);
  }
  await relay.stop();
  return `alone, one stream: ${told.join(', ')}`;
};
