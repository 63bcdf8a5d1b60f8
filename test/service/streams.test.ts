import { type Test, test } from 'tap';
import { purchaseOf } from '../helpers/app.ts';
import { testDatabase } from '../helpers/postgres.ts';
import { type Received, type Receiver, startReceiver } from '../helpers/receiver.ts';
import { eventually, type ServiceProcess, startService } from '../helpers/service-process.ts';
import type { Told } from '../helpers/told.ts';

/*
 * Two instances, one that is written to and one that only relays, are killed again and again while clients write, with
 * five streams at a receiver that is itself not always well. What was committed arrives at each, and nothing else does.
 * STREAM_WRITES and STREAM_KILLS make it longer.
 */

const WRITES = Number(process.env['STREAM_WRITES'] ?? 300);
const KILLS = Number(process.env['STREAM_KILLS'] ?? 3);
const CLIENTS = 16;
const MEMBERS = 40;

const STREAMS: Readonly<Record<string, { events: string[] }>> = {
  all: { events: ['*'] },
  more: { events: ['*'] },
  points: { events: ['points.*'] },
  tiers: { events: ['tier.*', 'member.*'] },
  purchases: { events: ['purchase.*'] },
};

const wants = (stream: string, type: string): boolean =>
  STREAMS[stream]!.events.some((pattern) => pattern === '*' || type.startsWith(pattern.slice(0, -1)));

/** Sends until there is an answer that counts: whoever is killed in the middle is asked again. */
const insist = async (service: () => ServiceProcess, key: string, method: string, path: string, body?: object) => {
  for (;;) {
    const answer = await service()
      .request(method, path, body, { authorization: `Bearer ${key}` })
      .catch(() => null);
    if (answer !== null && answer.status < 500) return answer;
    await new Promise(setImmediate);
  }
};

const configure = async (service: ServiceProcess, receiver: Receiver): Promise<void> => {
  const key = service.key!;
  const rule = { name: 'Points', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  const entry = { field: 'spend', op: 'gte', value: 3_000 };
  const put = (path: string, body: object) => insist(() => service, key, 'PUT', `/v1/${path}`, body);
  await put('earn-rules/per-euro', rule);
  await put('tiers/silver', { name: 'Silver', rank: 1, entry });
  for (const [stream, more] of Object.entries(STREAMS)) {
    const url = receiver.url.replace('/hook', `/${stream}`);
    await put(`streams/${stream}`, { name: stream, destination: { type: 'webhook', url }, ...more });
    await insist(() => service, key, 'POST', `/v1/streams/${stream}/secrets`, {});
  }
};

const feedOf = async (service: ServiceProcess): Promise<Told[]> => {
  const events: Told[] = [];
  for (let cursor: string | null = null; ; ) {
    const answer = await service.request('GET', `/v1/events?limit=1000${cursor === null ? '' : `&cursor=${cursor}`}`);
    events.push(...answer.body.data);
    cursor = answer.body.next_cursor;
    if (!answer.body.has_more) return events;
  }
};

/** What of a stream is not as it should be. */
const faultsOf = (stream: string, feed: readonly Told[], taken: readonly Received[]): string[] => {
  const faults: string[] = [];
  const known = new Map(feed.map((event) => [event.id, event]));
  const seen = new Set<string>();
  const last = new Map<string, number>();
  for (const { body, headers } of taken) {
    if (headers['webhook-id'] !== body.id) faults.push(`${body.id} came as ${headers['webhook-id']}`);
    if (JSON.stringify(known.get(body.id)) !== JSON.stringify(body)) faults.push(`${body.id} was not committed so`);
    if (seen.has(body.id)) continue;
    seen.add(body.id);
    if (body.member === null) continue;
    if ((last.get(body.member) ?? 0) >= body.number) faults.push(`${body.id} came after ${last.get(body.member)}`);
    last.set(body.member, body.number);
  }
  // What was configured before the stream was there is not for it.
  const missing = feed.filter(({ id, type, member }) => member !== null && wants(stream, type) && !seen.has(id));
  return [...faults, ...missing.map(({ id, type }) => `${id}, ${type}, never came`)];
};

const start = async (t: Test) => {
  const { url } = await testDatabase(t);
  const environment = { DATABASE_URL: url, STREAM_ALLOW: '127.0.0.1' };
  const writing = await startService(t, { environment });
  const relaying = await startService(t, { environment: { ...environment, JOBS: 'off' } });
  return { environment, services: { writing, relaying } };
};

test('given kills at any time, then every stream gets what was committed, each member in order, and nothing else', async (t) => {
  const { environment, services } = await start(t);
  const { key } = services.writing;
  if (key === null) throw new Error('the first start makes a key');
  const receiver = await startReceiver(t);
  let count = 0;
  receiver.answer = () => (++count % 40 === 0 ? 500 : 204);
  await configure(services.writing, receiver);

  let written = 0;
  const kill = async (name: 'writing' | 'relaying') => {
    const killed = services[name];
    await killed.end('SIGKILL');
    const { port: PORT } = killed;
    const jobs = name === 'relaying' ? { JOBS: 'off' } : {};
    services[name] = await startService(t, { environment: { ...environment, ...jobs, PORT } });
  };
  const killing = (async () => {
    for (let kills = 0; kills < KILLS; kills++) {
      await eventually(async () => written >= ((kills + 1) * WRITES) / (KILLS + 1));
      await kill(kills % 2 === 0 ? 'relaying' : 'writing');
    }
  })();
  const client = async (first: number) => {
    for (let index = first; index < WRITES; index += CLIENTS) {
      const member = `m-${index % MEMBERS}`;
      if (index < MEMBERS) await insist(() => services.writing, key, 'PUT', `/v1/members/${member}`, {});
      const purchase = purchaseOf(`o-${index}`, member, 1_000);
      for (let status = 0; status !== 201; )
        ({ status } = await insist(() => services.writing, key, 'POST', '/v1/purchases', purchase));
      written += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, first) => client(first)));
  await killing;
  receiver.answer = () => 204;
  const get = (path: string) => insist(() => services.writing, key, 'GET', path);
  for (const stream of Object.keys(STREAMS))
    await eventually(async () => {
      await insist(() => services.writing, key, 'POST', `/v1/streams/${stream}/resume`);
      const { body } = await get(`/v1/streams/${stream}/standing`);
      return body.behind === 0 && body.failing === 0 && body.held === 0;
    });

  const authorized = {
    ...services.writing,
    request: (method: string, path: string) => insist(() => services.writing, key, method, path),
  };
  const feed = await feedOf(authorized as ServiceProcess);
  t.strictSame(
    feed.map(({ position }) => position),
    feed.map((_, index) => index + 1),
    'positions have no gap',
  );
  t.equal(feed.filter(({ type }) => type === 'purchase.recorded').length, WRITES);
  for (const [member, events] of Map.groupBy(feed, ({ member: of }) => of ?? ''))
    if (member !== '')
      t.strictSame(
        events.map(({ number }) => number),
        events.map((_, index) => index + 1),
        member,
      );
  for (const stream of Object.keys(STREAMS)) {
    const taken = receiver.taken.filter(({ path }) => path === `/${stream}`);
    t.strictSame(faultsOf(stream, feed, taken).slice(0, 10), [], `${stream}: ${taken.length} messages`);
  }
});
