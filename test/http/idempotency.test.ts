import { test } from 'tap';
import { type Answer, purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';

/* Exactly once: what is sent again is done once, and answered with the bytes of the first time. */

const entriesOf = async ({ request }: TestApp, member: string): Promise<number> =>
  (await request('GET', `/v1/members/${member}/ledger-entries?limit=100`)).body.data.length;

const availableOf = async ({ request }: TestApp, member: string): Promise<number> =>
  (await request('GET', `/v1/members/${member}`)).body.accounts[0].available;

const adjustment = (points: number, more: object = {}) => ({
  member: 'ada',
  points,
  reason: 'Goodwill',
  actor: 'support',
  ...more,
});

const replayed = ({ headers }: Answer): boolean => headers['idempotent-replayed'] === 'true';

/** Fifty to each of two instances, all at once. */
const hundred = async (apps: readonly TestApp[], send: (app: TestApp) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(apps.flatMap((app) => Array.from({ length: 50 }, () => send(app))));

const cases: [name: string, path: string, body: object, headers: Record<string, string>, entries: number][] = [
  ['an adjustment under a key', '/v1/adjustments', adjustment(5), { 'idempotency-key': 'once' }, 1],
  ['a purchase by its id', '/v1/purchases', purchaseOf('o-1', 'ada', 700), {}, 1],
  ['a purchase by its id and a key', '/v1/purchases', purchaseOf('o-2', 'ada', 700), { 'idempotency-key': 'two' }, 1],
  ['a redemption by its id', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 3 }, {}, 1],
  ['a purchase of a guest', '/v1/purchases', purchaseOf('g-1', null, 700), {}, 0],
];

test('of a hundred requests alike to two instances one is done and ninety-nine are answered with its bytes', async (t) => {
  const app = await testApp(t);
  const apps = [app, await app.instance()];
  await withPoints(app, 'ada', 100);
  for (const [name, path, body, headers, added] of cases) {
    const before = await entriesOf(app, 'ada');
    const answers = await hundred(apps, (one) => one.request('POST', path, body, headers));
    t.strictSame([...new Set(answers.map(({ status }) => status))], [201], name);
    t.equal(new Set(answers.map(({ text }) => text)).size, 1, 'the same bytes');
    t.equal(answers.filter((answer) => !replayed(answer)).length, 1, 'done once');
    t.equal((await entriesOf(app, 'ada')) - before, added);
  }
  t.equal(await availableOf(app, 'ada'), 100 + 5 + 7 + 7 - 3);
});

test('of a hundred enrolments alike to two instances one enrols', async (t) => {
  const app = await testApp(t);
  const apps = [app, await app.instance()];
  const answers = await hundred(apps, (one) =>
    one.request('PUT', '/v1/members/bob', { profile: { given_name: 'Bob' } }),
  );
  t.equal(answers.filter(({ status }) => status === 201).length, 1);
  t.equal(answers.filter(({ status }) => status === 200).length, 99);
});

test('a refusal under a key is given again with the same bytes, whatever has become of the member', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 10);
  const key = { 'idempotency-key': 'refused' };
  const spend = () => app.request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 50 }, key);
  const refused = await spend();
  t.match(refused, { status: 409, body: { code: 'insufficient_points', available: 10, missing: 40 } });
  await app.request('POST', '/v1/adjustments', adjustment(100), { 'idempotency-key': 'more' });
  const again = await spend();
  t.equal(again.text, refused.text);
  t.equal(replayed(again), true);
  const afresh = await app.request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 50 });
  t.equal(afresh.status, 201, 'without the key it is decided anew: a refusal does not take the id');
});

test('a refusal of the shape, of the key or of the scope is not kept', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 0);
  const key = { 'idempotency-key': 'k' };
  t.equal((await app.request('POST', '/v1/adjustments', adjustment(0), key)).status, 400);
  t.equal((await app.as(null)('POST', '/v1/adjustments', adjustment(1), key)).status, 401);
  t.equal((await app.as(await app.keyWith('write'))('POST', '/v1/adjustments', adjustment(1), key)).status, 403);
  const first = await app.request('POST', '/v1/adjustments', adjustment(1), key);
  t.match([first.status, replayed(first)], [201, false]);
});

test('a key is for one request of a member', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 10);
  await withPoints(app, 'eve', 10);
  const key = { 'idempotency-key': 'mine' };
  const first = await app.request('POST', '/v1/adjustments', adjustment(1), key);
  const other = await app.request('POST', '/v1/adjustments', adjustment(2), key);
  t.match(other, { status: 422, body: { code: 'idempotency_key_reused' } });
  const elsewhere = await app.request('POST', '/v1/redemptions', { id: 'r', member: 'ada', points: 1 }, key);
  t.match(elsewhere, { status: 422, body: { code: 'idempotency_key_reused' } }, 'another operation');
  const eve = await app.request('POST', '/v1/adjustments', adjustment(1, { member: 'eve' }), key);
  t.match([eve.status, replayed(eve)], [201, false], 'another member has keys of their own');
  const again = await app.request('POST', '/v1/adjustments', adjustment(1), key);
  t.match([again.text, replayed(again)], [first.text, true]);
  const program = await app.program('other');
  await withPoints(program, 'ada', 10);
  const abroad = await program.request('POST', '/v1/adjustments', adjustment(2), key);
  t.match([abroad.status, replayed(abroad)], [201, false], 'another program knows nothing of it');
});

test('a key may be bare or quoted, from another API key, and the properties in another order', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 0);
  const first = await app.request('POST', '/v1/adjustments', adjustment(1), { 'idempotency-key': 'a-key' });
  const { actor, reason, points, member } = adjustment(1);
  const reordered = { actor, reason, points, member };
  const rotated = app.as(await app.keyWith('adjust'));
  for (const again of [
    await app.request('POST', '/v1/adjustments', adjustment(1), { 'idempotency-key': '"a-key"' }),
    await app.request('POST', '/v1/adjustments', reordered, { 'idempotency-key': 'a-key' }),
    await rotated('POST', '/v1/adjustments', adjustment(1), { 'idempotency-key': 'a-key' }),
    await app.request('POST', '/v1/adjustments', ` ${JSON.stringify(reordered, null, 2)}\n`, {
      'idempotency-key': '"a-key"',
    }),
  ])
    t.match([again.status, again.text, replayed(again)], [201, first.text, true]);
  t.equal(await availableOf(app, 'ada'), 1);
});

test('an adjustment needs a key; a key is 1 to 255 visible characters', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 0);
  const send = (headers: Record<string, string>) => app.request('POST', '/v1/adjustments', adjustment(1), headers);
  t.match(await send({}), { status: 400, body: { code: 'idempotency_key_required' } });
  t.match(await send({ 'idempotency-key': '' }), { status: 400, body: { code: 'idempotency_key_required' } });
  for (const bad of ['""', '" "', 'a b', 'a, b', 'k'.repeat(256), `"${'k'.repeat(256)}"`, 'clé'])
    t.match(await send({ 'idempotency-key': bad }), { status: 400, body: { code: 'idempotency_key_invalid' } }, bad);
  const key = 'k'.repeat(255);
  t.equal(replayed(await send({ 'idempotency-key': key })), false);
  t.equal(replayed(await send({ 'idempotency-key': `"${key}"` })), true);
});

test('another content under a known id is a conflict that names the first, and the first stays', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 10);
  await withPoints(app, 'eve', 0);
  const first = await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 500));
  for (const other of [purchaseOf('o-1', 'ada', 600), purchaseOf('o-1', 'eve', 500), purchaseOf('o-1', null, 500)]) {
    const refused = await app.request('POST', '/v1/purchases', other);
    t.match(refused, { status: 409, body: { code: 'purchase_conflict', detail: /purchase o-1 .* member ada/ } });
  }
  t.equal((await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 500))).text, first.text);
  await app.request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 3 });
  const conflict = await app.request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 4 });
  t.match(conflict, { status: 409, body: { code: 'redemption_conflict' } });
  t.equal(await availableOf(app, 'ada'), 10 + 5 - 3);
  const closed = await app.request('POST', '/v1/members/ada/close');
  t.equal(closed.status, 200);
  t.equal((await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 500))).text, first.text, 'even closed');
});

test('a key is forgotten after seven days', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 0);
  const send = () => app.request('POST', '/v1/adjustments', adjustment(1), { 'idempotency-key': 'weekly' });
  await send();
  app.clock.now += 7 * 86_400_000 - 1;
  t.equal(replayed(await send()), true);
  app.clock.now += 1;
  t.equal(replayed(await send()), false);
  t.equal(await availableOf(app, 'ada'), 2);
});
