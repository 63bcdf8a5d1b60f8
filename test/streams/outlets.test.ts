import { type Test, test } from 'tap';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { startStore } from '../helpers/object-store.ts';
import { startSmtpServer } from '../helpers/smtp-server.ts';
import { numberAll } from '../helpers/told.ts';

/* Streams by e-mail and into files, through the relay: from a member's deed to a mailbox and a store. */

const MINUTE = 60_000;

const relayAll = async (app: TestApp): Promise<void> => {
  await numberAll(app);
  for (let round = 0; round < 3; round++) {
    await app.service.relay.look();
    await app.service.relay.idle();
  }
};

const put = async (app: TestApp, path: string, body: object): Promise<void> => {
  const { status, text } = await app.request('PUT', path, body);
  if (status >= 300) throw new Error(text);
};

const standing = async (app: TestApp) => (await app.request('GET', '/v1/streams/out/standing')).body;

const person = (email: string, granted: boolean) => ({
  profile: { given_name: 'Ada', language: 'fr' },
  identities: [{ kind: 'email', value: email }],
  consents: { newsletter: { granted } },
});

const greeting = (subject: string) => ({ subject, text: 'Points: {{ event.data.points }} {{ member.given_name }}' });

test('given consent, members are written to once for each event, in their language; nobody else is', async (t) => {
  const smtp = await startSmtpServer(t);
  const app = await testApp(t, { config: { smtpUrl: smtp.url } });
  await put(app, '/v1/earn-rules/per-euro', {
    ...{ name: 'Points', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } },
  });
  await put(app, '/v1/streams/out', {
    name: 'Mail',
    destination: {
      type: 'email',
      from: { name: 'The Shop', address: 'club@shop.example' },
      consent: 'newsletter',
      unsubscribe_url: 'https://shop.example/unsubscribe?member={{ member.id }}',
      default_locale: 'en',
      templates: { 'points.earned': { en: greeting('Your points'), fr: greeting('Vos points') } },
    },
    fields: ['given_name'],
  });
  await put(app, '/v1/members/ada', person('ada@example.com', true));
  await put(app, '/v1/members/bob', person('bob@example.com', false));
  await put(app, '/v1/members/cem', {});
  for (const member of ['ada', 'bob', 'cem'])
    await app.request('POST', '/v1/purchases', purchaseOf(`o-${member}`, member, 4_200));
  await relayAll(app);
  t.strictSame(
    smtp.received.map(({ to, headers, body }) => [to, headers.get('subject'), body.trim()]),
    [[['ada@example.com'], 'Vos points', 'Points: 42 Ada']],
  );
  t.match(await standing(app), { status: 'running', behind: 0, failing: 0, dead: 0 });
  await app.request('PATCH', '/v1/members/ada', { consents: { newsletter: { granted: false } } });
  await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 4_200));
  await relayAll(app);
  t.equal(smtp.received.length, 1, 'consent is looked up when it is sent');
});

const files = async (t: Test, more: object = {}, status = 200) => {
  const store = await startStore(t, status);
  const app = await testApp(t, { config: { streamAllow: '127.0.0.1' } });
  await put(app, '/v1/segments/buyers', { name: 'Buyers', condition: { field: 'purchases', op: 'gte', value: 1 } });
  const stream = {
    name: 'Warehouse',
    destination: { type: 'file', url: store.url, name: '{{ file.id }}', format: 'ndjson', every: 'PT15M' },
    events: ['member.enrolled'],
    ...more,
  };
  return { app, store, stream };
};

/** The members in each file. */
const membersIn = (store: Awaited<ReturnType<typeof startStore>>): string[][] =>
  store.puts.map(({ content }) =>
    content
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).member),
  );

test('a file is made of what came within its time, whoever was asleep meanwhile', async (t) => {
  const { app, store, stream } = await files(t);
  await put(app, '/v1/streams/out', stream);
  for (const member of ['ada', 'bob']) await put(app, `/v1/members/${member}`, {});
  await relayAll(app);
  app.clock.now += 10 * MINUTE;
  await put(app, '/v1/members/cem', {});
  await relayAll(app);
  t.equal(store.puts.length, 0, 'not yet');
  // Another instance takes over: the time that has passed counts.
  const other = await app.instance();
  app.clock.now += 5 * MINUTE;
  await relayAll(other);
  t.strictSame(membersIn(store), [['ada', 'bob', 'cem']]);
  t.equal(new URL(`http://x${store.puts[0]?.url}`).search, '?sig=a%2Fb');
});

test('a file that fails is sent again whole and under its name, and what follows waits behind it', async (t) => {
  const { app, store, stream } = await files(t, {}, 503);
  await put(app, '/v1/streams/out', stream);
  for (const member of ['ada', 'bob']) await put(app, `/v1/members/${member}`, {});
  app.clock.now += 15 * MINUTE;
  await relayAll(app);
  const { behind, ...counts } = await standing(app);
  t.ok(behind >= 2);
  t.match(counts, { failing: 0, held: 0, dead: 0 });
  store.answer.status = 201;
  app.clock.now += 5 * MINUTE;
  await relayAll(app);
  t.strictSame(membersIn(store), [
    ['ada', 'bob'],
    ['ada', 'bob'],
  ]);
  t.equal(store.puts[1]?.url, store.puts[0]?.url);
  t.match(await standing(app), { behind: 0, failing: 0 });
});

test('files of a segment begin with who is in it, and no two have the same name', async (t) => {
  const { app, store, stream } = await files(t, { segment: 'buyers', events: ['segment.*'] }, 503);
  for (const member of ['ada', 'bob', 'cem'])
    await app
      .request('PUT', `/v1/members/${member}`, {})
      .then(() => app.request('POST', '/v1/purchases', purchaseOf(`o-${member}`, member, 100)));
  await numberAll(app);
  await put(app, '/v1/streams/out', stream);
  await relayAll(app);
  t.strictSame(
    membersIn(store).map((members) => members.toSorted()),
    [['ada', 'bob', 'cem']],
  );
  store.answer.status = 200;
  app.clock.now += 5 * MINUTE;
  await relayAll(app);
  t.equal(store.puts[1]?.url, store.puts[0]?.url, 'again');
  await put(app, '/v1/members/dan', {});
  await app.request('POST', '/v1/purchases', purchaseOf('o-dan', 'dan', 100));
  app.clock.now += 15 * MINUTE;
  await relayAll(app);
  t.strictSame(membersIn(store).at(-1), ['dan']);
  t.equal(new Set(store.puts.map(({ url }) => url)).size, 2);
});
