import { type Test, test } from 'tap';
import { doFollowUps } from '../../src/jobs/follow-up.ts';
import { purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { asOwner } from '../helpers/programs.ts';
import { rowsOf } from './rows.ts';

/* Returns over HTTP: once by their ids, never more than was bought, and every check of the audit holds after them. */

const holds = async (t: Test, app: TestApp): Promise<void> => {
  t.strictSame(await auditFaults(app), []);
};

const bag = (id: string, member: string | null, more: object = {}) => ({
  id,
  ...(member === null ? {} : { member }),
  currency: 'EUR',
  lines: [
    { sku: 'shoe', quantity: 3, unit_price: 3_333, total: 9_999 },
    { sku: 'sock', quantity: 1, unit_price: 501, total: 501 },
  ],
  total: 10_500,
  ...more,
});

const shop = async (t: Test): Promise<TestApp> => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 10);
  return app;
};

const available = async ({ request }: TestApp, member = 'ada'): Promise<number> =>
  (await request('GET', `/v1/members/${member}`)).body.accounts[0].available;

const piece = (id: string, quantity = 1, line = 0) => ({ id, lines: [{ line, quantity }] });

test('a purchase comes back in parts: told, listed, and shown with it', async (t) => {
  const app = await shop(t);
  const { request } = app;
  t.equal((await request('POST', '/v1/purchases', bag('o-1', 'ada'))).status, 201);
  const first = await request('POST', '/v1/purchases/o-1/returns', piece('ret-1'));
  t.match(first, {
    status: 201,
    body: {
      id: 'ret-1',
      kind: 'return',
      purchase: 'o-1',
      member: 'ada',
      whole: false,
      amount: { amount: 3_333 },
      lines: [{ line: 0, quantity: 1, amount: 3_333, spend: 3_333 }],
      taken_back: [{ wallet: 'points', points: 34, from_lots: 34, from_other_lots: 0, debt: 0 }],
      balances: [{ wallet: 'points', available: 81 }],
    },
  });
  const again = await request('POST', '/v1/purchases/o-1/returns', piece('ret-1'));
  t.match(again, { status: 201, text: first.text, headers: { 'idempotent-replayed': 'true' } });
  t.match(await request('POST', '/v1/purchases/o-1/returns', piece('ret-1', 2)), {
    status: 409,
    body: { code: 'return_conflict' },
  });
  t.match(await request('POST', '/v1/purchases/o-1/returns', piece('ret-2', 3)), {
    status: 409,
    body: { code: 'return_exceeds_purchase', errors: [{ pointer: '/lines/0/quantity', expected: 'at most 2' }] },
  });
  t.match(await request('POST', '/v1/purchases/o-1/returns', { id: 'ret-2', amount: 1_000 }), { status: 201 });
  const cancelled = await request('POST', '/v1/purchases/o-1/cancel');
  t.match(cancelled, {
    status: 201,
    body: { id: 'o-1', kind: 'cancellation', whole: true, amount: { amount: 6_167 } },
  });
  t.match(await request('POST', '/v1/purchases/o-1/cancel'), {
    status: 201,
    text: cancelled.text,
    headers: { 'idempotent-replayed': 'true' },
  });
  t.match(await request('POST', '/v1/purchases/o-1/returns', { id: 'ret-3', amount: 1 }), { status: 409 });
  t.equal(await available(app), 10);
  t.match((await request('GET', '/v1/purchases/o-1')).body, {
    returns: [{ kind: 'cancellation' }, { id: 'ret-2' }, { id: 'ret-1' }],
  });
  const page = await request('GET', '/v1/purchases/o-1/returns?limit=2');
  t.match(page.body, { data: [{ id: 'o-1' }, { id: 'ret-2' }], has_more: true });
  const rest = await request('GET', `/v1/purchases/o-1/returns?limit=2&cursor=${page.body.next_cursor}`);
  t.match(rest.body, { data: [{ id: 'ret-1' }], has_more: false });
  t.match((await request('GET', '/v1/members/ada')).body, { totals: { spend: 1_000, purchases: 1 } });
  const entries = (await request('GET', '/v1/members/ada/ledger-entries?movement=return')).body.data;
  t.match(entries, [
    { cause: 'cancellation', cause_id: 'o-1' },
    { cause: 'return', cause_id: 'ret-2' },
    { cause_id: 'ret-1' },
  ]);
  t.match((await request('GET', `/v1/ledger-entries/${entries[1].id}/explanation`)).body, {
    sentence: { en: /taken back with return ret-2/ },
  });
  await holds(t, app);
});

test('a dry run answers the same and writes nothing', async (t) => {
  const app = await shop(t);
  const { request, databaseUrl } = app;
  await request('POST', '/v1/purchases', bag('o-1', 'ada'));
  await request('POST', '/v1/purchases', bag('g-1', null));
  const before = await rowsOf(databaseUrl, 'program_id > 0');
  for (const purchase of ['o-1', 'g-1']) {
    const dry = await request('POST', `/v1/purchases/${purchase}/returns`, {
      ...piece(`ret-${purchase}`),
      dry_run: true,
    });
    t.equal(dry.status, 200);
    t.strictSame(await rowsOf(databaseUrl, 'program_id > 0'), before);
    const real = await request('POST', `/v1/purchases/${purchase}/returns`, piece(`ret-${purchase}`));
    t.equal(real.status, 201);
    t.equal(real.text, dry.text);
    Object.assign(before, await rowsOf(databaseUrl, 'program_id > 0'));
  }
});

test('what cannot be is refused', async (t) => {
  const app = await shop(t);
  const { request } = app;
  await request('POST', '/v1/purchases', bag('o-1', 'ada'));
  const send = (body: object, purchase = 'o-1') => request('POST', `/v1/purchases/${purchase}/returns`, body);
  t.match(await send(piece('ret-1'), 'nothing'), { status: 404, body: { code: 'not_found' } });
  t.match(await request('POST', '/v1/purchases/nothing/cancel'), { status: 404 });
  t.match(await request('GET', '/v1/purchases/nothing/returns'), { status: 404 });
  t.match(await send({ id: 'ret-1' }), { status: 400, body: { errors: [{ pointer: '/lines' }] } });
  t.match(await send({ ...piece('ret-1'), amount: 1 }), { status: 400 });
  t.match(await send({ id: 'ret-1', amount: 0 }), { status: 400 });
  t.match(await send(piece('ret-1', 1, 7)), { status: 422, body: { code: 'unknown_line' } });
  t.match(await send({ ...piece('ret-1'), occurred_at: '2999-01-01T00:00:00Z' }), {
    status: 422,
    body: { code: 'occurred_in_future' },
  });
  t.equal(await available(app), 115);
});

test('a guest’s purchase comes back, too', async (t) => {
  const app = await shop(t);
  const { request } = app;
  await request('POST', '/v1/purchases', bag('g-1', null));
  const first = await request('POST', '/v1/purchases/g-1/returns', piece('ret-1', 2));
  t.match(first, { status: 201, body: { member: null, taken_back: [], balances: [], amount: { amount: 6_666 } } });
  t.match(await request('POST', '/v1/purchases/g-1/returns', piece('ret-1', 2)), { text: first.text });
  t.match(await request('POST', '/v1/purchases/g-1/returns', piece('ret-2', 2)), { status: 409 });
  t.match(await request('POST', '/v1/purchases/g-1/cancel'), { status: 201, body: { whole: true } });
  t.match((await request('GET', '/v1/purchases/g-1')).body, { returns: [{ kind: 'cancellation' }, { id: 'ret-1' }] });
  await holds(t, app);
});

test('two instances race: the same return is done once, and all of them together never take too much', async (t) => {
  const app = await shop(t);
  const other = await app.instance();
  await app.request('POST', '/v1/purchases', bag('o-1', 'ada'));
  await app.request('POST', '/v1/purchases', bag('g-1', null));
  for (const purchase of ['o-1', 'g-1']) {
    const same = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        [app, other][index % 2]!.request('POST', `/v1/purchases/${purchase}/returns`, piece(`same-${purchase}`)),
      ),
    );
    t.strictSame([...new Set(same.map(({ status }) => status))], [201], purchase);
    t.equal(new Set(same.map(({ text }) => text)).size, 1);
    const many = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        [app, other][index % 2]!.request('POST', `/v1/purchases/${purchase}/returns`, piece(`${purchase}-${index}`)),
      ),
    );
    t.equal(many.filter(({ status }) => status === 201).length, 2, 'two pieces were left');
    t.equal(many.filter(({ status }) => status === 409).length, 8);
  }
  t.equal(await available(app), 15);
  await holds(t, app);
});

test('what is spent is owed; what a tier and a segment gave goes with the purchase that brought them', async (t) => {
  const app = await shop(t);
  const { request } = app;
  const entry = { field: 'spend', op: 'gte', value: 5_000 };
  await request('PUT', '/v1/tiers/gold', { name: 'Gold', rank: 1, entry });
  await request('PUT', '/v1/segments/big', { name: 'Big', condition: entry });
  const rule = (trigger: string, effect: object, more: object = {}) => ({ name: 'Rule', trigger, effect, ...more });
  await request('PUT', '/v1/earn-rules/gold', rule('tier.entered', { type: 'fixed', points: 50 }));
  const limited = { limits: [{ period: 'ever', times: 1 }], budget: { points: 100, period: 'month' } };
  await request('PUT', '/v1/earn-rules/big', rule('segment.entered', { type: 'fixed', points: 30 }, limited));
  await request('PUT', '/v1/earn-rules/bag', rule('purchase', { type: 'reward', reward: 'bag' }));
  for (const round of ['1', '2']) {
    await request('POST', '/v1/purchases', bag(`o-${round}`, 'ada'));
    t.equal(await available(app), 195);
    const gone = await request('POST', `/v1/purchases/o-${round}/cancel`);
    t.match(gone, { status: 201, body: { segments: [], tiers: [{ tier: null }], taken_back: [{ points: 185 }] } });
    t.match((await request('GET', '/v1/members/ada/entitlements')).body.data[0], { revoked_at: /^20/ });
    t.equal(await available(app), 10);
  }
  await request('POST', '/v1/purchases', bag('o-3', 'ada'));
  await request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 100 });
  const gone = await request('POST', '/v1/purchases/o-3/cancel');
  t.match(gone.body, {
    taken_back: [{ points: 185, from_lots: 95, debt: 90 }],
    balances: [{ available: 0, debt: 90 }],
  });
  await holds(t, app);
});

test('a referral goes with the purchase that qualified it, on both sides, and another one qualifies', async (t) => {
  const app = await testApp(t);
  const { request } = app;
  const sides = { referrer: 100, friend: 30 };
  for (const [side, points] of Object.entries(sides))
    await request('PUT', `/v1/earn-rules/${side}`, {
      name: side,
      trigger: 'referral.qualified',
      effect: { type: 'fixed', points },
      condition: { field: 'activity.side', op: 'eq', value: side },
    });
  await request('PUT', '/v1/members/ada', {});
  const { referral_code } = (await request('POST', '/v1/members/ada/referral-code')).body;
  await request('PUT', '/v1/members/bea', { referred_by: referral_code });
  const settled = () => doFollowUps(app.service.services.database, app.service.services.queue);
  for (const round of ['1', '2']) {
    await request('POST', '/v1/purchases', purchaseOf(`o-${round}`, 'bea', 5_000));
    await settled();
    t.strictSame([await available(app), await available(app, 'bea')], [100, 30]);
    const gone = await request('POST', `/v1/purchases/o-${round}/cancel`);
    t.match(gone.body, { taken_back: [{ points: 30 }] });
    await settled();
    t.strictSame([await available(app), await available(app, 'bea')], [0, 0]);
  }
  await holds(t, app);
});

test('long after: lots by the page, days that have passed, windows', async (t) => {
  const app = await shop(t);
  const { request, clock } = app;
  const entry = { field: 'spend', window: '30d', op: 'gte', value: 9_000 };
  await request('PUT', '/v1/tiers/gold', { name: 'Gold', rank: 1, entry, minimum_stay: { after: 'P1Y' } });
  await request('POST', '/v1/purchases', bag('o-1', 'ada'));
  for (let index = 0; index < 25; index++) {
    clock.now += 86_400_000;
    await request('POST', '/v1/purchases', purchaseOf(`d-${index}`, 'ada', 200));
  }
  await request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 120 });
  clock.now += 20 * 86_400_000;
  t.match((await request('GET', '/v1/members/ada')).body, { tiers: [{ tier: 'gold' }] });
  const gone = await request('POST', '/v1/purchases/o-1/cancel');
  t.match(gone.body, {
    taken_back: [{ points: 105, from_lots: 0, from_other_lots: 45, debt: 60 }],
    tiers: [{ tier: null }],
    balances: [{ available: 0, debt: 60 }],
  });
  await holds(t, app);
});

test('a purchase that an earlier version recorded goes back in proportion', async (t) => {
  const app = await shop(t);
  const { request, databaseUrl } = app;
  await request('POST', '/v1/purchases', bag('o-1', 'ada'));
  await asOwner(databaseUrl, async (client) => {
    await client.query(`update purchase set facts = (facts::jsonb - 'on_return')::json`);
  });
  const half = await request('POST', '/v1/purchases/o-1/returns', { id: 'ret-1', amount: 5_250 });
  t.match(half, { status: 201, body: { taken_back: [{ points: 53, from_lots: 53 }] } });
  t.match(await request('POST', '/v1/purchases/o-1/cancel'), { status: 201, body: { taken_back: [{ points: 52 }] } });
  t.equal(await available(app), 10);
  await holds(t, app);
});

test('returns of a purchase that was never reported: several, by several members, and then it is reported', async (t) => {
  const app = await testApp(t);
  const second = await app.instance();
  await withPoints(app, 'ada', 100);
  await withPoints(app, 'ben', 100);
  const back = (by: TestApp, id: string, amount: number, more: object = {}) =>
    by.request('POST', '/v1/purchases/elsewhere/returns', { id, amount, ...more });
  t.match(await back(app, 'b-0', 1_000, { member: 'ada' }), { status: 404, body: { code: 'not_found' } });
  await app.request('PATCH', '/v1/program', { policies: { unknown_purchase_returns: 'adjust' } });
  t.match(await back(app, 'b-0', 1_000), { status: 404 }, 'whose it is must be said');
  t.match(await back(app, 'b-1', 1_000, { member: 'ada', dry_run: true }), {
    status: 200,
    body: { taken_back: [{ points: 10 }] },
  });
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      back(index % 2 === 0 ? app : second, `b-${index + 1}`, 500, { member: index % 4 < 2 ? 'ada' : 'ben' }),
    ),
  );
  t.strictSame(
    answers.map(({ status }) => status),
    Array.from({ length: 8 }, () => 201),
  );
  t.match((await app.request('GET', '/v1/members/ada')).body.accounts, [{ available: 80 }]);
  const again = await back(second, 'b-1', 500, { member: 'ada' });
  t.equal(again.text, answers[0]?.text, 'the same return, the same answer');
  t.equal((await app.request('POST', '/v1/purchases', purchaseOf('elsewhere', 'ada', 5_000))).status, 201);
  t.match(await back(app, 'b-9', 500, { member: 'ben' }), { status: 404 }, 'it is another one’s by now');
  t.match(await back(app, 'b-9', 500, { member: 'ada' }), { status: 201, body: { spend: { amount: 500 } } });
  await holds(t, app);
});
