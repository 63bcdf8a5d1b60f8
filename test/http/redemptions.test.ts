import { test } from 'tap';
import { settleDue } from '../../src/jobs/settle-due.ts';
import { type Answer, purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';

/* The life of a redemption as a shop sees it: held, captured, voided, lapsed, refunded. */

const HALF_AN_HOUR = 30 * 60_000;

const hold = ({ request }: Pick<TestApp, 'request'>, id: string, points: number, more: object = {}): Promise<Answer> =>
  request('POST', '/v1/redemptions', { id, member: 'ada', points, capture: false, ...more });

let keys = 0;
const step = (
  { request }: Pick<TestApp, 'request'>,
  id: string,
  name: 'capture' | 'void' | 'refund',
  body: object | null = name === 'void' ? null : {},
  key = `key-${keys++}`,
): Promise<Answer> => request('POST', `/v1/redemptions/${id}/${name}`, body, { 'idempotency-key': key });

const balances = async ({ request }: TestApp): Promise<{ available: number; held: number }> => {
  const { available, held } = (await request('GET', '/v1/members/ada')).body.accounts[0];
  return { available, held };
};

const statuses = (answers: readonly Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 300 ? `${status}` : body.code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

test('of fifty holds of 30 from 100 points to two instances at once three are taken', async (t) => {
  const app = await testApp(t);
  const apps = [app, await app.instance()];
  await withPoints(app, 'ada', 100);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => hold(apps[index % 2]!, `r-${index}`, 30)));
  t.strictSame(statuses(answers), { 201: 3, insufficient_points: 47 });
  t.strictSame(await balances(app), { available: 10, held: 90 });
});

test('a capture, a void, a purchase and time race for the same hold: one of them has it', async (t) => {
  const app = await testApp(t);
  const other = await app.instance();
  await withPoints(app, 'ada', 100);
  const ended: Record<string, number> = {};
  let [captured, bought] = [0, 0];
  for (let round = 0; round < 24; round++) {
    const id = `r-${round}`;
    t.equal((await hold(app, id, 3)).status, 201);
    if (round % 3 === 2) app.clock.now += HALF_AN_HOUR - 1;
    const before = app.clock.now;
    const racing = [
      step(app, id, 'capture'),
      step(other, id, 'void'),
      other.request('POST', '/v1/purchases', purchaseOf(`o-${round}`, 'ada', 100, { capture_redemptions: [id] })),
    ];
    if (round % 3 === 2) {
      app.clock.now += 1;
      await settleDue(other.service.services.database, other.service.services.queue, app.clock.now);
    }
    const answers = await Promise.all(racing);
    const won = answers.filter(({ status }) => status < 300);
    const { status, held } = (await app.request('GET', `/v1/redemptions/${id}`)).body;
    t.ok(won.length === 1 || (won.length === 0 && status === 'lapsed'), `${id}: ${won.length}, ${status}`);
    t.equal(held, 0);
    const refused = answers.filter((answer) => answer.status >= 300);
    for (const { body } of refused) t.equal(body.code, `redemption_${status}`);
    captured += status === 'captured' ? 3 : 0;
    bought += answers[2]!.status === 201 ? 1 : 0;
    ended[status] = (ended[status] ?? 0) + 1;
    app.clock.now = Math.max(before, app.clock.now) + 1;
  }
  t.strictSame(await balances(app), { available: 100 - captured + bought, held: 0 });
  t.strictSame(await auditFaults(app), []);
  t.comment(ended);
});

test('a hold past its time is gone for every reader at once, and the job writes it down', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 100);
  const held = await hold(app, 'r-1', 40);
  t.match(held.body, { status: 'held', held: 40, captured: 0, expires_at: '2026-03-02T10:30:00.000Z' });
  const until = { hold: { expires_at: '2026-03-02T11:00:00Z' } };
  t.match((await hold(app, 'r-2', 40, until)).body, { expires_at: '2026-03-02T11:00:00.000Z' });
  t.strictSame(await balances(app), { available: 20, held: 80 });
  app.clock.now += HALF_AN_HOUR;
  t.strictSame(await balances(app), { available: 60, held: 40 });
  t.match((await app.request('GET', '/v1/redemptions/r-1')).body, { status: 'lapsed', held: 0, released: 40 });
  const { data } = (await app.request('GET', '/v1/members/ada/redemptions')).body;
  t.strictSame(
    data.map((one: { id: string; status: string }) => `${one.id} ${one.status}`),
    ['r-2 held', 'r-1 lapsed'],
  );
  t.match(await step(app, 'r-1', 'capture'), { status: 409, body: { code: 'redemption_lapsed' } });
  t.equal(await settleDue(app.service.services.database, app.service.services.queue, app.clock.now), 1);
  const [last] = (await app.request('GET', '/v1/members/ada/ledger-entries')).body.data;
  t.match(last, {
    ...{ movement: 'lapse', from: 'held', to: 'available', points: 40, cause: 'redemption', cause_id: 'r-1' },
    occurred_at: '2026-03-02T10:30:00.000Z',
  });
  const explained = await app.request('GET', `/v1/ledger-entries/${last.id}/explanation`);
  t.match(explained.body.sentence.en, 'because the hold lapsed');
  t.strictSame(await auditFaults(app), []);
});

test('captures and refunds are done once under their key, and answered with the bytes of the first time', async (t) => {
  const app = await testApp(t);
  const apps = [app, await app.instance()];
  await withPoints(app, 'ada', 100);
  await hold(app, 'r-1', 40);
  for (const [name, points] of [
    ['capture', 30],
    ['refund', 10],
  ] as const) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => step(apps[index % 2]!, 'r-1', name, { points }, name)),
    );
    t.strictSame(statuses(answers), { 200: 20 });
    t.equal(new Set(answers.map(({ text }) => text)).size, 1, 'the same bytes');
    t.equal(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true').length, 19);
    const other = await step(app, 'r-1', name, { points: 1 }, name);
    t.match(other, { status: 422, body: { code: 'idempotency_key_reused' } });
    const without = await app.request('POST', `/v1/redemptions/r-1/${name}`, {});
    t.match(without, { status: 400, body: { code: 'idempotency_key_required' } });
  }
  t.strictSame(await balances(app), { available: 80, held: 0 });
  t.match((await hold(app, 'r-1', 40)).text, '"status":"held"', 'the first answer, whatever became of it');
  const both = await Promise.all([1, 2].map(() => step(apps[0]!, 'r-1', 'refund', { points: 20 })));
  t.strictSame(statuses(both), { 200: 1, redemption_refunded: 1 }, 'a double refund');
  t.match((await app.request('GET', '/v1/redemptions/r-1')).body, {
    ...{ status: 'refunded', points: 40, held: 0, captured: 30, released: 10, refunded: 30 },
    lots: [{ points: 40, captured: 30, refunded: 30 }],
  });
  t.strictSame(await auditFaults(app), []);
});

test('a purchase captures holds and says so; another member’s hold is not there', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 100);
  await withPoints(app, 'bob', 100);
  await hold(app, 'r-1', 40);
  await app.request('POST', '/v1/redemptions', { id: 'r-2', member: 'bob', points: 5, capture: false });
  const buy = (id: string, more: object) => app.request('POST', '/v1/purchases', purchaseOf(id, 'ada', 5_000, more));
  const refused = await buy('o-1', { capture_redemptions: ['r-1', 'r-2'] });
  t.match(refused, { status: 404, body: { code: 'redemption_not_found' } });
  t.equal(refused.body.errors[0].pointer, '/capture_redemptions/1');
  t.strictSame(await balances(app), { available: 60, held: 40 }, 'nothing has happened');
  const bought = await buy('o-1', { capture_redemptions: ['r-1'], paid_with_points: 2_000 });
  t.match(bought, { status: 201, body: { redemptions: [{ id: 'r-1', points: 40 }], earned: [{ points: 30 }] } });
  t.equal((await buy('o-1', { capture_redemptions: ['r-1'], paid_with_points: 2_000 })).text, bought.text);
  t.match((await app.request('GET', '/v1/purchases/o-1')).body, {
    ...{ paid_with_points: 2_000, capture_redemptions: ['r-1'] },
    lines: [{ counted: 5_000, points_share: 2_000 }],
  });
  const explained = await app.request('GET', '/v1/members/ada/explain?earn_rule=per-euro&purchase=o-1');
  t.match(explained, { status: 200, body: { earn_rule: { counted: 3_000, points: 30 } } });
  t.strictSame(await balances(app), { available: 90, held: 0 });
  t.match(await step(app, 'r-1', 'void'), { status: 409, body: { code: 'redemption_captured' } });
  t.match(await step(app, 'r-9', 'void'), { status: 404, body: { code: 'redemption_not_found' } });
  t.strictSame(await auditFaults(app), []);
});

test('a hold that says too much is refused, and so is a guest who redeems', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 100);
  const until = (expires_at: string) => ({ hold: { expires_at } });
  const cases: [Promise<Answer>, number, string, string][] = [
    [hold(app, 'r-1', 1, { capture: true, ...until('2026-03-03T00:00:00Z') }), 400, 'invalid_request', '/hold'],
    [hold(app, 'r-1', 1, until('2026-03-02T10:00:00Z')), 422, 'not_in_future', '/hold/expires_at'],
    [hold(app, 'r-1', 1, until('2026-04-02T10:00:00Z')), 422, 'hold_too_long', '/hold/expires_at'],
    [hold(app, 'r-1', 1, { hold: {} }), 400, 'invalid_request', '/hold/expires_at'],
    [
      app.request('POST', '/v1/purchases', purchaseOf('o-1', null, 100, { capture_redemptions: ['r-1'] })),
      ...([400, 'invalid_request', '/capture_redemptions'] as const),
    ],
    [
      app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 100, { paid_with_points: 101 })),
      ...([422, 'sums_do_not_add_up', '/paid_with_points'] as const),
    ],
  ];
  for (const [answer, status, code, pointer] of cases)
    t.match(await answer, { status, body: { code, errors: [{ pointer }] } });
});
