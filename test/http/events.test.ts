import { type Test, test } from 'tap';
import { sweep } from '../../src/jobs/sweep.ts';
import { eventSchemas } from '../../src/model/event.ts';
import { EVENT_TYPES } from '../../src/model/event-catalogue.ts';
import { DAY_MS as DAY } from '../../src/model/instant.ts';
import { numberOutbox } from '../../src/streams/number-events.ts';
import { type Answer, purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { eventFaults, numberAll, readAll, type Told } from '../helpers/told.ts';

/* The feed of events: what was committed, once, in one order that all readers share. */

const shop = async (t: Test): Promise<TestApp> => {
  const app = await testApp(t);
  const rule = { name: 'Points', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  await app.request('PUT', '/v1/earn-rules/per-euro', rule);
  return app;
};

test('the feed tells what happened, in the order of each member, as it is in the catalogue', async (t) => {
  const app = await shop(t);
  await app.request('PUT', '/v1/members/ada', { profile: { given_name: 'Ada' } });
  const bought = await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 4_200));
  t.strictSame((await readAll(app, null)).events, [], 'nothing before it is numbered');
  await numberAll(app);
  const { events, cursor } = await readAll(app, null);
  t.strictSame(
    events.map(({ type, position, member, number }) => [type, position, member, number]),
    [
      ['configuration.changed', 1, null, null],
      ['member.enrolled', 2, 'ada', 1],
      ['purchase.recorded', 3, 'ada', 2],
      ['points.earned', 4, 'ada', 3],
    ],
  );
  t.strictSame(events.at(-1)!.data, {
    wallet: 'points',
    points: 42,
    entry: bought.body.earned[0].entry_id,
    pending: false,
  });
  await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 100));
  await numberAll(app);
  t.strictSame(
    (await readAll(app, cursor)).events.map(({ type }) => type),
    ['purchase.recorded', 'points.earned'],
    'a cursor goes on where it was',
  );
  const own = await app.request('GET', '/v1/members/ada/events?limit=2');
  t.strictSame(
    own.body.data.map(({ number }: Told) => number),
    [5, 4],
    'the latest of a member first',
  );
  const earlier = await app.request('GET', `/v1/members/ada/events?cursor=${own.body.next_cursor}`);
  t.equal(earlier.body.data.length, 3);
});

test('a feed can be read by types, from now on, and by nobody else’s cursor', async (t) => {
  const app = await shop(t);
  await app.request('PUT', '/v1/members/ada', {});
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 4_200));
  await numberAll(app);
  const earned = await app.request('GET', '/v1/events?types=points.earned,points.expired');
  t.strictSame(
    earned.body.data.map(({ type }: Told) => type),
    ['points.earned'],
  );
  t.equal(earned.body.has_more, false, 'what is left out was read');
  const now = await app.request('GET', '/v1/events?from=now');
  t.strictSame(now.body.data, []);
  await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 100));
  await numberAll(app);
  t.equal((await app.request('GET', `/v1/events?cursor=${now.body.next_cursor}`)).body.data.length, 2);
  t.match(await app.request('GET', '/v1/events?types=points.eaten'), { status: 400 });
  const other = await app.program('other');
  t.match(await other.request('GET', `/v1/events?cursor=${now.body.next_cursor}`), {
    status: 400,
    body: { code: 'invalid_cursor' },
  });
});

test('events that were kept long enough are dropped, and a cursor from before that is told so', async (t) => {
  const app = await shop(t);
  const { cursor } = await readAll(app, null);
  await app.request('PUT', '/v1/members/ada', {});
  await numberAll(app);
  app.clock.now += 30 * DAY;
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 4_200));
  await numberAll(app);
  await sweep(app.service.services.database, app.clock.now, 30);
  t.equal((await readAll(app, null)).events.length, 4, 'kept to the day');
  app.clock.now += 1;
  await sweep(app.service.services.database, app.clock.now, 30);
  t.strictSame(
    (await readAll(app, null)).events.map(({ position }) => position),
    [3, 4],
  );
  t.match(await app.request('GET', `/v1/events?cursor=${cursor}`), { status: 410, body: { code: 'cursor_expired' } });
  t.match(await app.request('GET', '/v1/events/stream?seconds=0', null, { 'last-event-id': cursor }), { status: 410 });
});

/** Events of server-sent text, and the last id. */
const sent = ({ text }: Answer) => {
  const ids = [...text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id!);
  const events = [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data!) as Told);
  return { ids, events };
};

test('the feed is followed as server-sent events, and gone on with after the last id', async (t) => {
  const app = await shop(t);
  await app.request('PUT', '/v1/members/ada', {});
  await numberAll(app);
  const first = sent(await app.request('GET', '/v1/events/stream?seconds=0&from=oldest'));
  t.strictSame(
    first.events.map(({ position }) => position),
    [1, 2],
  );
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 4_200));
  await numberAll(app);
  const again = sent(await app.request('GET', '/v1/events/stream?seconds=0', null, { 'last-event-id': first.ids[0]! }));
  t.strictSame(
    again.events.map(({ position }) => position),
    [2, 3, 4],
    'after the first',
  );
  const open = app.request('GET', '/v1/events/stream?seconds=3600');
  app.service.lifecycle.draining = true;
  t.match(await open, { status: 503 }, 'nobody begins to follow an instance that stops');
});

test('given two readers and two who number while a hundred clients write, both read every event once and in one order', async (t) => {
  const app = await shop(t);
  const other = await app.instance();
  for (let index = 0; index < 20; index++) await app.request('PUT', `/v1/members/m-${index}`, {});
  let writing = true;
  const relay = async (one: TestApp) => {
    while (writing) await numberOutbox(one.service.services.database, one.clock.now);
  };
  const reader = async (one: TestApp, limit: number) => {
    const events: Told[] = [];
    let cursor: string | null = null;
    for (let last = false; ; last = !writing) {
      const page = await readAll(one, cursor, limit);
      events.push(...page.events);
      cursor = page.cursor;
      if (last) return events;
    }
  };
  const background = [relay(app), relay(other), reader(app, 13), reader(other, 100)] as const;
  const write = async (client: number) => {
    const one = client % 2 === 0 ? app : other;
    for (let index = 0; index < 8; index++)
      await one.request('POST', '/v1/purchases', purchaseOf(`o-${client}-${index}`, `m-${(client + index) % 20}`, 100));
  };
  await Promise.all(Array.from({ length: 100 }, (_, client) => write(client)));
  await numberAll(app);
  writing = false;
  const [, , some, others] = await Promise.all(background);
  const expected = 1 + 20 + 100 * 8 * 2;
  t.strictSame(
    some!.map(({ position }) => position),
    Array.from({ length: expected }, (_, index) => index + 1),
    'no gap, no repeat',
  );
  t.strictSame(others, some, 'the same to both');
  for (const [member, events] of Map.groupBy(some!, ({ member: of }) => of ?? '')) {
    if (member === '') continue;
    const numbers = events.map(({ number }) => number);
    if (numbers.some((number, index) => number !== index + 1)) t.fail(`${member}: ${numbers}`);
  }
});

test('what is numbered in a transaction that fails is numbered again, and no position is lost', async (t) => {
  const app = await shop(t);
  await app.request('PUT', '/v1/members/ada', {});
  const { database } = app.service.services;
  const relay = database.relay.bind(database);
  database.relay = (program, work) =>
    relay(program, async (tx) => {
      await work(tx);
      throw new Error('the process died');
    });
  await t.rejects(numberOutbox(database, app.clock.now), { message: 'the process died' });
  database.relay = relay;
  await numberAll(app);
  t.strictSame(
    (await readAll(app, null)).events.map(({ position }) => position),
    [1, 2],
  );
});

test('every example of the catalogue is as its schema says', async (t) => {
  const examples = EVENT_TYPES.flatMap((type) => (eventSchemas[type] as unknown as { examples: object[] }).examples);
  t.equal(examples.length, EVENT_TYPES.length);
  t.strictSame(eventFaults(examples), []);
});
