import { Webhook } from 'standardwebhooks';
import { type Test, test } from 'tap';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { type Received, type Receiver, startReceiver } from '../helpers/receiver.ts';
import { numberAll } from '../helpers/told.ts';

/* Events at a real receiver: each at least once, those of a member in their order, whatever the receiver does. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** With the real time of the moment: signatures are of now. */
const options = () => ({ config: { streamAllow: '127.0.0.1' }, now: new Date().toISOString() });

interface Shop extends TestApp {
  receiver: Receiver;
  secret: string;
}

const webhook = (url: string, more: object = {}) => ({
  name: 'Hook',
  destination: { type: 'webhook', url, ...more },
  events: ['member.*', 'purchase.*', 'points.*'],
});

/** Until nothing is left to send now. */
const relayAll = async (app: TestApp): Promise<void> => {
  await numberAll(app);
  for (let round = 0; round < 3; round++) {
    await app.service.relay.look();
    await app.service.relay.idle();
  }
};

const putStream = async (app: TestApp, code: string, body: object): Promise<string> => {
  const answer = await app.request('PUT', `/v1/streams/${code}`, body, { 'if-match': '*' });
  const made = answer.status === 412 ? await app.request('PUT', `/v1/streams/${code}`, body) : answer;
  if (made.status >= 300) throw new Error(made.text);
  return (await app.request('POST', `/v1/streams/${code}/secrets`, {})).body.secret;
};

const shop = async (t: Test, stream: (url: string) => object = (url) => webhook(url)): Promise<Shop> => {
  const app = await testApp(t, options());
  const receiver = await startReceiver(t);
  const rule = { name: 'Points', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  await app.request('PUT', '/v1/earn-rules/per-euro', rule);
  const secret = await putStream(app, 'hook', stream(receiver.url));
  return { ...app, receiver, secret };
};

const enrol = async (app: TestApp, ...members: string[]): Promise<void> => {
  for (const member of members) await app.request('PUT', `/v1/members/${member}`, {});
};
const buy = (app: TestApp, id: string, member: string, cents = 1_000) =>
  app.request('POST', '/v1/purchases', purchaseOf(id, member, cents));

const standing = async (app: TestApp, code = 'hook') => (await app.request('GET', `/v1/streams/${code}/standing`)).body;
const told = (messages: readonly Received[]): string[] =>
  messages.map(({ body }) => `${body.member ?? 'program'} ${body.number ?? ''} ${body.type}`);
const numbersOf = (messages: readonly Received[], member: string): number[] =>
  messages.filter(({ body }) => body.member === member).map(({ body }) => body.number);

test('given a stream of everything, when members buy, then a receiver that verifies signatures gets each event in order', async (t) => {
  const app = await shop(t);
  await enrol(app, 'ada', 'bob');
  await buy(app, 'o-1', 'ada');
  await relayAll(app);
  const { received } = app.receiver;
  t.strictSame(numbersOf(received, 'ada'), [1, 2, 3]);
  t.strictSame(numbersOf(received, 'bob'), [1]);
  const verify = new Webhook(app.secret);
  for (const { text, headers, body } of received) {
    t.equal(headers['webhook-id'], body.id);
    t.ok(verify.verify(text, headers as Record<string, string>));
  }
  t.match(await standing(app), { status: 'running', behind: 0, failing: 0, missing: [] });
  const attempts = await app.request('GET', '/v1/streams/hook/attempts');
  t.equal(attempts.body.data.length, received.length);
  t.match(attempts.body.data[0], { status: 204, error: null, events: 1 });
});

test('nothing is sent before there is a secret; while one takes over, both sign', async (t) => {
  const app = await testApp(t, options());
  const receiver = await startReceiver(t);
  const body = webhook(receiver.url, { secret_headers: ['authorization'] });
  t.equal((await app.request('PUT', '/v1/streams/hook', body)).status, 201);
  await enrol(app, 'ada');
  await relayAll(app);
  t.strictSame((await standing(app)).missing, ['secret', 'secret_headers.authorization']);
  const first = (await app.request('POST', '/v1/streams/hook/secrets', {})).body.secret;
  await relayAll(app);
  t.equal(receiver.received.length, 0, 'the header has no value yet');
  await app.request('PUT', '/v1/streams/hook/secret-headers/authorization', { value: 'Bearer abc' });
  await relayAll(app);
  t.equal(receiver.received.at(-1)!.headers.authorization, 'Bearer abc');
  t.notMatch((await app.request('GET', '/v1/config')).text, 'Bearer abc');
  const second = (await app.request('POST', '/v1/streams/hook/secrets', { overlap_hours: 2 })).body.secret;
  await enrol(app, 'bob');
  await relayAll(app);
  const { text, headers } = receiver.received.at(-1)!;
  for (const secret of [first, second]) t.ok(new Webhook(secret).verify(text, headers as Record<string, string>));
  app.clock.now += 2 * HOUR;
  await enrol(app, 'cem');
  await relayAll(app);
  t.equal(`${receiver.received.at(-1)!.headers['webhook-signature']}`.split(' ').length, 1, 'the old one is over');
});

test('an event that fails holds only its member, and is tried again until it is taken', async (t) => {
  const app = await shop(t);
  const { receiver } = app;
  receiver.answer = ({ body }) => (body.member === 'ada' ? 500 : 204);
  await enrol(app, 'ada', 'bob', 'cem');
  await relayAll(app);
  await buy(app, 'o-1', 'ada');
  await buy(app, 'o-2', 'bob');
  await relayAll(app);
  t.strictSame(numbersOf(receiver.taken, 'bob'), [1, 2, 3]);
  t.strictSame(numbersOf(receiver.received, 'ada'), [1], 'what follows is not even tried');
  t.match(await standing(app), { failing: 1, held: 2, dead: 0, behind: 0 });
  const deliveries = await app.request('GET', '/v1/streams/hook/deliveries');
  t.strictSame(
    deliveries.body.data.map(({ status, attempts, last_error }: never) => [status, attempts, last_error]),
    [
      ['failing', 1, 'refused'],
      ['held', 0, null],
      ['held', 0, null],
    ],
  );
  app.clock.now += 4_000;
  await relayAll(app);
  t.equal(numbersOf(receiver.received, 'ada').length, 1, 'not before its time');
  app.clock.now += 2_000;
  await relayAll(app);
  t.equal(numbersOf(receiver.received, 'ada').length, 2);
  receiver.answer = () => 204;
  app.clock.now += 6 * MINUTE;
  await relayAll(app);
  await relayAll(app);
  t.strictSame(numbersOf(receiver.taken, 'ada'), [1, 2, 3]);
  t.match(await standing(app), { failing: 0, held: 0, dead: 0 });
  const ids = receiver.received.filter(({ body }) => body.number === 1 && body.member === 'ada');
  t.equal(new Set(ids.map(({ headers }) => headers['webhook-id'])).size, 1, 'every attempt has the same id');
});

test('what is never taken is given up after ten attempts, keeps nothing else, and can be sent again', async (t) => {
  const app = await shop(t);
  const { receiver } = app;
  receiver.answer = ({ body }) => (body.type === 'member.enrolled' && body.member === 'ada' ? 422 : 204);
  await enrol(app, 'ada');
  await buy(app, 'o-1', 'ada');
  await relayAll(app);
  for (let attempt = 2; attempt <= 10; attempt++) {
    app.clock.now = Date.parse((await standing(app)).next_attempt_at);
    await enrol(app, `m-${attempt}`);
    await relayAll(app);
  }
  t.equal(receiver.received.filter(({ body }) => body.member === 'ada' && body.number === 1).length, 10);
  t.strictSame(numbersOf(receiver.taken, 'ada'), [2, 3]);
  t.match(await standing(app), { status: 'running', failing: 0, held: 0, dead: 1 });
  receiver.answer = () => 204;
  t.strictSame((await app.request('POST', '/v1/streams/hook/resend', { dead: true })).body, { events: 1 });
  await relayAll(app);
  t.strictSame(numbersOf(receiver.taken, 'ada'), [2, 3, 1]);
  t.match(await standing(app), { dead: 0 });
  const { id } = receiver.taken.at(-1)!.body;
  t.strictSame((await app.request('POST', '/v1/streams/hook/resend', { events: [id] })).body, { events: 1 });
  await relayAll(app);
  t.equal(receiver.taken.at(-1)!.body.id, id);
  const positions = { from: 3, to: 4 };
  t.strictSame((await app.request('POST', '/v1/streams/hook/resend', { positions })).body, { events: 2 });
  await relayAll(app);
  t.strictSame(
    receiver.taken.slice(-2).map(({ body }) => body.position),
    [3, 4],
  );
});

test('a dead receiver is left alone for longer and longer, keeps no other stream, and gets everything once it is back', async (t) => {
  const app = await shop(t);
  const alive = await startReceiver(t);
  await putStream(app, 'alive', webhook(alive.url));
  app.receiver.answer = () => 503;
  const members = Array.from({ length: 30 }, (_, index) => `m-${index}`);
  await enrol(app, ...members);
  await relayAll(app);
  t.equal(alive.received.length, 30);
  const tried = app.receiver.received.length;
  t.ok(tried < 20, `it gave up after some: ${tried}`);
  await enrol(app, 'later');
  await relayAll(app);
  t.equal(app.receiver.received.length, tried, 'and tries nothing new');
  app.clock.now += 6_000;
  await relayAll(app);
  t.equal(app.receiver.received.length, tried + 1, 'then one, to see');
  app.receiver.answer = () => 204;
  app.clock.now += 6 * MINUTE;
  await relayAll(app);
  await relayAll(app);
  t.strictSame(app.receiver.taken.map(({ body }) => body.member).sort(), [...members, 'later'].sort());
  t.match(await standing(app), { failing: 0, held: 0, dead: 0, failing_since: null });
});

test('410 disables a stream and tells so; Retry-After is waited for; a redirection is a failure', async (t) => {
  const app = await shop(t);
  const other = await startReceiver(t);
  await putStream(app, 'told', { ...webhook(other.url), events: ['stream.disabled'] });
  const { receiver } = app;
  receiver.answer = (_message, response) => {
    response.writeHead(429, { 'retry-after': '600' }).end();
    return undefined;
  };
  await enrol(app, 'ada');
  await relayAll(app);
  t.match(await standing(app), { failing: 1, next_attempt_at: new Date(app.clock.now + 600_000).toISOString() });
  receiver.answer = (_message, response) => {
    response.writeHead(302, { location: `${other.url}/elsewhere` }).end();
    return undefined;
  };
  app.clock.now += 600_000;
  await relayAll(app);
  t.equal(other.received.length, 0, 'nobody went there');
  receiver.answer = () => 410;
  app.clock.now += HOUR;
  await relayAll(app);
  t.match(await standing(app), { status: 'disabled', because: 'gone' });
  await relayAll(app);
  t.strictSame(
    other.received.map(({ body }) => [body.type, body.data]),
    [['stream.disabled', { stream: 'hook', because: 'gone' }]],
  );
  receiver.answer = () => 204;
  t.match((await app.request('POST', '/v1/streams/hook/resume')).body, { status: 'running', because: null });
  await relayAll(app);
  t.match(told(receiver.taken), ['ada 1 member.enrolled']);
});

test('a receiver that takes nothing for three days is disabled', async (t) => {
  const app = await shop(t);
  app.receiver.answer = () => 500;
  await enrol(app, 'ada');
  await relayAll(app);
  for (let attempt = 2; attempt <= 10; attempt++) {
    app.clock.now = Date.parse((await standing(app)).next_attempt_at);
    await relayAll(app);
  }
  t.match(await standing(app), { status: 'disabled', because: 'failing', dead: 1 });
});

test('a paused stream loses nothing, and a replay sends everything again with the ids it had', async (t) => {
  const app = await shop(t);
  await enrol(app, 'ada');
  await relayAll(app);
  const before = app.clock.now;
  app.clock.now += MINUTE;
  t.match((await app.request('POST', '/v1/streams/hook/pause')).body, { status: 'paused' });
  await buy(app, 'o-1', 'ada');
  await relayAll(app);
  t.equal(app.receiver.received.length, 1);
  t.match(await standing(app), { behind: 2 });
  await app.request('POST', '/v1/streams/hook/resume');
  await relayAll(app);
  t.strictSame(numbersOf(app.receiver.taken, 'ada'), [1, 2, 3]);
  const ids = app.receiver.taken.map(({ body }) => body.id);
  await app.request('POST', '/v1/streams/hook/replay', { from: new Date(before).toISOString() });
  await relayAll(app);
  const again = app.receiver.taken.slice(3).map(({ body }) => body.id);
  t.strictSame(again.slice(-3), ids);
  t.match(await app.request('POST', '/v1/streams/hook/replay', { position: 900 }), { status: 200 });
});

const bigSpenders = {
  name: 'Big spenders',
  condition: { field: 'spend', op: 'gte', value: 5_000 },
};

test('a stream of a segment begins with who is in it, then tells who enters and leaves', async (t) => {
  const app = await shop(t);
  await app.request('PUT', '/v1/segments/big', bigSpenders);
  await enrol(app, 'ada', 'bob', 'cem');
  await buy(app, 'o-1', 'ada', 6_000);
  await buy(app, 'o-2', 'bob', 6_000);
  await numberAll(app);
  const crm = await startReceiver(t);
  await putStream(app, 'crm', { ...webhook(crm.url), segment: 'big', events: ['segment.*'] });
  crm.answer = ({ body }) => (body.member === 'bob' ? 500 : 204);
  await relayAll(app);
  t.strictSame(told(crm.taken), ['ada 4 segment.entered']);
  t.match(crm.taken[0]!.body.data, { segment: 'big', backfill: true });
  await buy(app, 'o-3', 'cem', 6_000);
  await app.request('POST', '/v1/purchases/o-1/cancel');
  await relayAll(app);
  t.strictSame(
    crm.taken.map(({ body }) => `${body.member} ${body.type}`),
    ['ada segment.entered', 'cem segment.entered', 'ada segment.left'],
  );
  t.match(await standing(app, 'crm'), { failing: 1, telling_segment: false });
  crm.answer = () => 204;
  app.clock.now += 6_000;
  await relayAll(app);
  t.equal(crm.taken.at(-1)!.body.member, 'bob', 'one that failed while telling is told later');
  t.match(await standing(app, 'crm'), { failing: 0 });
});

test('a stream sends what it was asked for: types, members who meet a condition, named fields, several at once', async (t) => {
  const app = await shop(t);
  await app.request('PUT', '/v1/segments/big', bigSpenders);
  const rich = await startReceiver(t);
  await putStream(app, 'rich', {
    ...webhook(rich.url, { batch: { max_events: 10, max_seconds: 30 } }),
    events: ['purchase.recorded', 'points.*'],
    condition: bigSpenders.condition,
    only_in_segment: 'big',
    fields: ['email', 'given_name', 'balances', 'tiers'],
  });
  const identities = [{ kind: 'email', value: 'ada@example.com' }];
  await app.request('PUT', '/v1/members/ada', { profile: { given_name: 'Ada' }, identities });
  await enrol(app, 'bob');
  await buy(app, 'o-1', 'ada', 6_000);
  await buy(app, 'o-2', 'bob', 100);
  await relayAll(app);
  t.equal(rich.received.length, 0, 'it waits for more');
  app.clock.now += 30_000;
  await relayAll(app);
  t.equal(rich.received.length, 1);
  const { type, data } = rich.received[0]!.body;
  t.equal(type, 'events');
  t.strictSame(
    data.events.map((event: { member: string; type: string }) => `${event.member} ${event.type}`),
    ['ada purchase.recorded', 'ada points.earned'],
  );
  t.match(data.events[0].fields, {
    email: 'ada@example.com',
    given_name: 'Ada',
    balances: { points: { available: 60 } },
  });
  t.notMatch(app.receiver.received.map(({ text }) => text).join(), 'ada@example.com', 'others are not told');
});

test('given several relays, then each message is sent once', async (t) => {
  const app = await shop(t);
  const other = await app.instance();
  await enrol(app, ...Array.from({ length: 40 }, (_, index) => `m-${index}`));
  await numberAll(app);
  for (let round = 0; round < 4; round++) await Promise.all([app.service.relay.look(), other.service.relay.look()]);
  await Promise.all([app.service.relay.idle(), other.service.relay.idle()]);
  await relayAll(app);
  t.equal(app.receiver.received.length, 40);
});

test('a slow receiver keeps no other stream waiting', async (t) => {
  const app = await shop(t);
  const alive = await startReceiver(t);
  await putStream(app, 'alive', webhook(alive.url));
  const waiting: (() => void)[] = [];
  app.receiver.answer = (_message, response) => {
    waiting.push(() => response.writeHead(204).end());
    return undefined;
  };
  await enrol(app, 'ada', 'bob');
  await numberAll(app);
  await app.service.relay.look();
  while (alive.taken.length < 2 || waiting.length < 2) await new Promise(setImmediate);
  t.strictSame(alive.taken.length, 2);
  for (const answer of waiting) answer();
  await app.service.relay.idle();
  t.match(await standing(app), { behind: 0, failing: 0 });
});

test('a secret that is made while the relay looks at its stream is not overlooked', async (t) => {
  const app = await testApp(t, options());
  const receiver = await startReceiver(t);
  const streams = Array.from({ length: 12 }, (_, index) => `hook-${index}`);
  for (const stream of streams) await app.request('PUT', `/v1/streams/${stream}`, webhook(receiver.url));
  await enrol(app, 'ada');
  await numberAll(app);
  const made = streams.map((stream) => app.request('POST', `/v1/streams/${stream}/secrets`, {}));
  await app.service.relay.look();
  await Promise.all([...made, app.service.relay.idle()]);
  await relayAll(app);
  t.equal(receiver.taken.length, streams.length);
});
