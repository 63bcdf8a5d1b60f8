import fc from 'fast-check';
import { test } from 'tap';
import { allBut, purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';

/* Many commands in one call: each as if it had come by itself. */

const batch = (app: TestApp, commands: readonly object[], key = app.key) =>
  app.as(key)('POST', '/v1/batch', { commands });

const purchase = (id: string, member: string | null, cents: number, more: object = {}) => ({
  kind: 'record_purchase',
  body: purchaseOf(id, member, cents, more),
});
const adjust = (member: string, points: number, idempotency_key?: string) => ({
  kind: 'adjust_points',
  ...(idempotency_key === undefined ? {} : { idempotency_key }),
  body: { member, points, reason: 'Goodwill', actor: 'support' },
});
const statuses = ({ body }: { body: { results: { status: number }[] } }) => body.results.map(({ status }) => status);

test('commands about one member take effect in the order of the list, what one makes the next can name', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 100);
  const answer = await batch(app, [
    purchase('o-1', 'card:2100', 5_000),
    { kind: 'put_member', id: 'bob', body: { identities: [{ kind: 'card', value: '2099' }] } },
    purchase('o-2', 'card:2099', 5_000),
    { kind: 'redeem', body: { id: 'r-1', member: 'bob', points: 50, capture: false } },
    { kind: 'capture_redemption', id: 'r-1', idempotency_key: 'c', body: { points: 20 } },
    { kind: 'return_purchase', id: 'o-2', body: { id: 'ret-1', amount: 1_000 } },
    { kind: 'patch_member', id: 'bob', body: { profile: { language: 'fr' } } },
    { kind: 'close_member', id: 'ada' },
    purchase('o-3', 'ada', 100),
    { kind: 'cancel_purchase', id: 'o-2' },
  ]);
  t.equal(answer.status, 200);
  t.strictSame(statuses(answer), [404, 201, 201, 201, 200, 201, 200, 200, 409, 201]);
  t.match(answer.body, { succeeded: 8, failed: 2 });
  t.match(answer.body.results[0], { index: 0, body: { code: 'member_not_found' } });
  t.match(answer.body.results[6]?.body, { profile: { language: 'fr' } });
  t.match(answer.body.results[8]?.body, { code: 'member_closed' });
  t.match((await app.request('GET', '/v1/members/bob')).body.accounts[0], { available: 0, held: 0, debt: 20 });
  t.strictSame(await auditFaults(app), []);
});

test('each command is answered as the single operation answers it, and is the same command', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 100);
  const single = await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 700));
  const keyed = await app.request('POST', '/v1/adjustments', adjust('ada', 5).body, { 'idempotency-key': 'k-1' });
  const first = await batch(app, [
    purchase('o-1', 'ada', 700),
    adjust('ada', 5, 'k-1'),
    purchase('o-1', 'ada', 800),
    adjust('ada', 6, 'k-1'),
    adjust('ada', 7),
    purchase('o-2', 'ada', 900),
    purchase('o-3', null, 900),
  ]);
  t.strictSame(statuses(first), [201, 201, 409, 422, 400, 201, 201]);
  t.strictSame(first.body.results[0], { index: 0, status: 201, idempotent_replayed: true, body: single.body });
  t.strictSame(first.body.results[1].body, keyed.body);
  t.strictSame(
    first.body.results.map((result: { body: { code?: string } }) => result.body.code),
    [
      undefined,
      undefined,
      'purchase_conflict',
      'idempotency_key_reused',
      'idempotency_key_required',
      undefined,
      undefined,
    ],
  );
  const after = await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 900));
  t.equal(after.headers['idempotent-replayed'], 'true', 'and the other way round');
  t.strictSame(after.body, first.body.results[5].body);
  t.equal((await app.request('GET', '/v1/members/ada')).body.accounts[0].available, 100 + 7 + 5 + 9);
});

test('a command at fault stops no other, and is told what the single operation tells', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 100);
  const bad = purchaseOf('o-1', 'ada', 700, { total: '7' });
  const single = await app.request('POST', '/v1/purchases', bad);
  const answer = await batch(app, [
    { kind: 'record_purchase', body: bad },
    { kind: 'purchase', body: {} },
    { kind: 'record_purchase', boddy: {} },
    { kind: 'record_purchase' },
    { kind: 'put_member', id: '/', body: {} },
    { kind: 'put_member', body: {} },
    { kind: 'toString' },
    {},
    { kind: 'adjust_points', idempotency_key: 7, body: adjust('ada', 1).body },
    purchase('o-2', 'ada', 100),
  ]);
  t.strictSame(statuses(answer), [400, 400, 400, 400, 400, 400, 400, 400, 400, 201]);
  const errors = answer.body.results.map(({ body }: { body: { errors?: { pointer: string }[] } }) =>
    body.errors?.map(({ pointer }) => pointer),
  );
  t.strictSame(answer.body.results[0].body.errors, single.body.errors);
  t.strictSame(errors.slice(1, 8), [['/kind'], ['/boddy'], [''], ['/path/id'], ['/path/id'], ['/kind'], ['/kind']]);
  t.match(answer.body.results[1].body.errors[0].expected, /record_purchase/);
  for (const commands of [[], Array.from({ length: 1_001 }, () => ({ kind: 'x' })), ['x']])
    t.match(await app.request('POST', '/v1/batch', { commands }), { status: 400, body: { code: 'invalid_request' } });
});

test('a command needs the scope of the single operation', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 100);
  const answer = await batch(
    app,
    [adjust('ada', 5, 'k'), purchase('o-1', 'ada', 100)],
    await app.keyWith(...allBut('adjust')),
  );
  t.strictSame(statuses(answer), [403, 201]);
  t.match(answer.body.results[0].body, { code: 'insufficient_scope' });
});

test('hundreds of commands in one call come to what they come to one by one', async (t) => {
  const one = await testApp(t);
  const other = await one.program('other');
  const command = fc.oneof(
    fc
      .record({ who: fc.nat(9), points: fc.integer({ min: -40, max: 60 }) })
      .map(({ who, points }) => ({ who, points })),
    fc.record({ who: fc.nat(9), cents: fc.integer({ min: 100, max: 9_000 }) }),
    fc.record({ who: fc.nat(9), redeem: fc.integer({ min: 1, max: 80 }) }),
  );
  const [drawn] = fc.sample(fc.array(command, { minLength: 390, maxLength: 390, size: 'max' }), {
    numRuns: 1,
    seed: 7,
  });
  const commands: { kind: string; id?: string; idempotency_key?: string; body: object }[] = [
    ...Array.from({ length: 10 }, (_, who) => ({ kind: 'put_member', id: `m-${who}`, body: {} })),
    ...(drawn ?? []).map((what, index) => {
      const member = `m-${what.who}`;
      if ('points' in what) return adjust(member, what.points === 0 ? 1 : what.points, `k-${index}`);
      if ('cents' in what) return purchase(`o-${index}`, member, what.cents);
      return { kind: 'redeem', body: { id: `r-${index}`, member, points: what.redeem } };
    }),
  ];
  const rule = { name: 'A point per euro', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  for (const { request } of [one, other])
    await request('PUT', '/v1/earn-rules/per-euro', rule, { 'if-none-match': '*' });
  const together = await batch(one, commands);
  const routes = { adjust_points: 'adjustments', record_purchase: 'purchases', redeem: 'redemptions' };
  const alone: number[] = [];
  for (const { kind, id, idempotency_key, body } of commands) {
    const [method, path] =
      kind === 'put_member' ? ['PUT', `/v1/members/${id}`] : ['POST', `/v1/${routes[kind as keyof typeof routes]}`];
    const headers = idempotency_key === undefined ? {} : { 'idempotency-key': idempotency_key };
    alone.push((await other.request(method, path, body, headers)).status);
  }
  t.strictSame(statuses(together), alone);
  t.ok(alone.includes(409) && together.body.failed < 200, 'some are refused, most are not');
  for (let who = 0; who < 10; who++) {
    const [a, b] = await Promise.all([one, other].map(({ request }) => request('GET', `/v1/members/m-${who}`)));
    t.strictSame(a!.body.accounts, b!.body.accounts);
  }
  const again = await batch(one, commands);
  t.ok(
    again.body.results.every(
      ({ idempotent_replayed }: { idempotent_replayed?: boolean }, index: number) =>
        index < 10 || alone[index] !== 201 || idempotent_replayed,
    ),
    'sent again, nothing is done twice',
  );
  t.strictSame(await auditFaults(one), []);
});
