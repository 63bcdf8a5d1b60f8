import { type Test, test } from 'tap';
import { type Answer, purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';

/* Points passed from one member to another, as a shop's app does it. */

const shop = async (t: Test): Promise<TestApp> => {
  const app = await testApp(t);
  const { status, text } = await app.request('PATCH', '/v1/program', { policies: { transfers: true } });
  if (status !== 200) throw new Error(text);
  return app;
};

let keys = 0;
const transfer = (
  { request }: Pick<TestApp, 'request'>,
  from: string,
  to: string,
  points: number,
  key = `key-${keys++}`,
  more: object = {},
): Promise<Answer> => request('POST', '/v1/transfers', { from, to, points, ...more }, { 'idempotency-key': key });

const availableOf = async ({ request }: TestApp, member: string): Promise<number> =>
  (await request('GET', `/v1/members/${member}`)).body.accounts[0].available;

test('points pass from one member to another once under their key, and both sides tell it', async (t) => {
  const app = await shop(t);
  const apps = [app, await app.instance()];
  await withPoints(app, 'ada', 100);
  await app.request('PUT', '/v1/members/bob', { identities: [{ kind: 'card', value: '2099' }] });
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      transfer(apps[index % 2]!, 'ada', 'card:2099', 30, 'once', { reason: 'A gift', actor: 'Ada' }),
    ),
  );
  t.equal(new Set(answers.map(({ text }) => text)).size, 1, 'the same bytes');
  t.equal(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true').length, 11);
  const { body } = answers[0]!;
  t.match(body, {
    from: 'ada',
    to: 'bob',
    wallet: 'points',
    points: 30,
    lots: [{ points: 30, expires_at: null }],
  });
  t.match(body.balances, [{ wallet: 'points', available: 70 }]);
  t.strictSame([await availableOf(app, 'ada'), await availableOf(app, 'bob')], [70, 30]);
  t.match((await app.request('GET', `/v1/transfers/${body.id}`)).body, { from: 'ada', to: 'bob', points: 30 });
  t.equal((await app.request('GET', '/v1/transfers/trf_zz_1')).status, 404);
  const other = await app.program('other');
  t.equal((await other.request('GET', `/v1/transfers/${body.id}`)).status, 404, 'not of another program');
  for (const [member, movement, reason, words] of [
    ['ada', 'available→transferred', 'A gift', '30 points sent to another member with transfer'],
    ['bob', 'transferred→available', null, '30 points received from another member with transfer'],
  ] as const) {
    const [entry] = (await app.request('GET', `/v1/members/${member}/ledger-entries?movement=transfer`)).body.data;
    t.match(entry, { points: 30, cause: 'transfer', cause_id: body.id, reason });
    t.equal(`${entry.from}→${entry.to}`, movement);
    const explained = await app.request('GET', `/v1/ledger-entries/${entry.id}/explanation`);
    t.match(explained.body.sentence.en, `${words} ${body.id}`);
  }
  t.match(await transfer(app, 'ada', 'bob', 31, 'once'), { status: 422, body: { code: 'idempotency_key_reused' } });
  t.match((await transfer(app, 'bob', 'ada', 5, 'once')).status, 201, 'another sender has other keys');
  t.strictSame(await auditFaults(app), []);
});

test('what cannot be is refused with the field that names it, and changes nothing', async (t) => {
  const app = await shop(t);
  await withPoints(app, 'ada', 100);
  await withPoints(app, 'bob', 1);
  await app.request('PUT', '/v1/members/eve', { identities: [{ kind: 'card', value: '1' }] });
  await app.request('POST', '/v1/members/eve/close');
  await app.request('PUT', '/v1/members/ada', { identities: [{ kind: 'card', value: '7' }] });
  const cases: [Promise<Answer>, number, string, string?][] = [
    [transfer(app, 'nobody', 'bob', 1), 404, 'member_not_found', '/from'],
    [transfer(app, 'ada', 'nobody', 1), 404, 'member_not_found', '/to'],
    [transfer(app, 'ada', 'card:7', 1), 422, 'same_member', '/to'],
    [transfer(app, 'ada', 'eve', 1), 409, 'recipient_closed', '/to'],
    [transfer(app, 'eve', 'ada', 1), 409, 'member_closed'],
    [transfer(app, 'ada', 'bob', 101), 409, 'insufficient_points'],
    [transfer(app, 'ada', 'bob', 0), 400, 'invalid_request', '/points'],
    [transfer(app, 'ada', 'bob', 1, 'k', { wallet: 'none' }), 422, 'unknown_wallet', '/wallet'],
    [transfer(app, 'ada', 'bob', 1, ''), 400, 'idempotency_key_required'],
  ];
  for (const [answer, status, code, pointer] of cases)
    t.match(await answer, { status, body: { code, ...(pointer === undefined ? {} : { errors: [{ pointer }] }) } });
  t.match((await transfer(app, 'ada', 'bob', 101)).body, { available: 100, missing: 1 });
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'bob', 5_000));
  t.equal((await transfer(app, 'bob', 'ada', 51)).status, 201);
  await app.request('POST', '/v1/purchases/o-1/cancel');
  await app.request(
    'POST',
    '/v1/adjustments',
    { member: 'bob', points: 60, reason: 'r', actor: 'a' },
    { 'idempotency-key': 'x' },
  );
  await app.request('POST', '/v1/purchases/first-of-bob/cancel');
  t.match(await transfer(app, 'bob', 'ada', 1), { status: 201 }, 'a debt that is paid back is none');
  await app.request('PATCH', '/v1/program', { policies: { transfers: false } });
  t.match(await transfer(app, 'ada', 'bob', 1), { status: 409, body: { code: 'transfers_disabled' } });
  t.match(
    await (await app.as(await app.keyWith('read')))(
      'POST',
      '/v1/transfers',
      { from: 'ada', to: 'bob', points: 1 },
      { 'idempotency-key': 'y' },
    ),
    { status: 403 },
  );
  t.strictSame(await auditFaults(app), []);
});

test('forty transfers around a ring and back, to two instances at once: no deadlock, and no point lost or made', async (t) => {
  const app = await shop(t);
  const apps = [app, await app.instance()];
  const ring = ['ada', 'bob', 'cem', 'dan'];
  for (const member of ring) await withPoints(app, member, 30);
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => {
      const next = index % 3 === 2 ? 3 : 1;
      return transfer(apps[index % 2]!, ring[index % 4]!, ring[(index + next) % 4]!, 7);
    }),
  );
  const passed = answers.filter(({ status }) => status === 201);
  t.ok(passed.length >= 16, 'each has points for four at least');
  for (const { status, body } of answers) if (status !== 201) t.equal(body.code, 'insufficient_points');
  const balances = await Promise.all(ring.map((member) => availableOf(app, member)));
  t.equal(
    balances.reduce((sum, points) => sum + points),
    120,
  );
  t.equal(new Set(passed.map(({ body }) => body.id)).size, passed.length);
  t.strictSame(await auditFaults(app), []);
});

test('the recipient is brought up to now first: what has expired by then expires before what is received comes', async (t) => {
  const app = await shop(t);
  await withPoints(app, 'ada', 100);
  await app.request('PUT', '/v1/members/bob', {});
  const given = { member: 'bob', points: 5, reason: 'r', actor: 'a', expires_at: '2026-03-02T11:00:00Z' };
  await app.request('POST', '/v1/adjustments', given, { 'idempotency-key': 'given' });
  app.clock.now += 2 * 3_600_000;
  t.equal((await transfer(app, 'ada', 'bob', 8)).status, 201);
  const { data } = (await app.request('GET', '/v1/members/bob/ledger-entries')).body;
  t.strictSame(
    data.map(
      ({ movement, points, balances }: { movement: string; points: number; balances: { available: number } }) => [
        movement,
        points,
        balances.available,
      ],
    ),
    [
      ['transfer', 8, 8],
      ['expire', 5, 0],
      ['adjust', 5, 5],
    ],
  );
  t.strictSame(await auditFaults(app), []);
});
