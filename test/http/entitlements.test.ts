import { test } from 'tap';
import { testApp } from '../helpers/app.ts';

/* Rewards that earn rules grant, as a member has them. */

const purchase = (id: string) => ({
  id,
  member: 'ada',
  currency: 'EUR',
  lines: [{ sku: 'bean', quantity: 1, unit_price: 500, total: 500 }],
  total: 500,
});

test('given a rule that grants a reward, what a member is entitled to is listed, the last first', async (t) => {
  const { request } = await testApp(t);
  const rule = {
    name: 'A coffee',
    trigger: 'purchase',
    effect: { type: 'reward', reward: 'coffee', valid_for: 'P7D' },
  };
  t.equal((await request('PUT', '/v1/earn-rules/coffee', rule)).status, 201);
  await request('PUT', '/v1/members/ada', {});
  t.strictSame((await request('GET', '/v1/members/ada/entitlements')).body.data, []);
  for (const id of ['p-1', 'p-2', 'p-3']) t.equal((await request('POST', '/v1/purchases', purchase(id))).status, 201);
  t.equal((await request('POST', '/v1/purchases', purchase('p-3'))).status, 201);

  const first = await request('GET', '/v1/members/ada/entitlements?limit=2');
  t.match(first.body.data, [
    { reward: 'coffee', rule: 'coffee', cause: 'purchase', cause_id: 'p-3', revision: 2 },
    { cause_id: 'p-2' },
  ]);
  t.equal(first.body.has_more, true);
  const [{ id, granted_at, expires_at }] = first.body.data;
  t.match(id, /^ett_[0-9a-z]+_[0-9a-z]+$/);
  t.ok(Date.parse(expires_at) > Date.parse(granted_at) + 7 * 86_400_000);
  const rest = await request('GET', `/v1/members/ada/entitlements?limit=2&cursor=${first.body.next_cursor}`);
  t.match(rest.body.data, [{ cause_id: 'p-1' }]);
  t.equal(rest.body.has_more, false);
  t.equal((await request('GET', '/v1/members/nobody/entitlements')).status, 404);
});

test('a purchase says which rules were held back, and by what', async (t) => {
  const { request } = await testApp(t);
  const points = (value: number) => ({ type: 'fixed', points: value });
  const rules = {
    once: { effect: points(5), limits: [{ period: 'ever', times: 1 }] },
    some: { effect: points(5), budget: { points: 7, period: 'ever' } },
    twice: { effect: { type: 'multiplier', percent: 200 } },
  };
  for (const [code, rule] of Object.entries(rules))
    t.equal((await request('PUT', `/v1/earn-rules/${code}`, { name: code, trigger: 'purchase', ...rule })).status, 201);
  await request('PUT', '/v1/members/ada', {});
  for (const id of ['p-1', 'p-2', 'p-3']) t.equal((await request('POST', '/v1/purchases', purchase(id))).status, 201);
  t.strictSame((await request('GET', '/v1/purchases/p-1')).body.rules, [
    { rule: 'once', counted: 500, points: 5, multiplied: ['twice'] },
    { rule: 'some', counted: 500, points: 5, multiplied: ['twice'] },
    { rule: 'twice', counted: 500, points: 10 },
  ]);
  t.strictSame((await request('GET', '/v1/purchases/p-2')).body.rules, [
    { rule: 'some', counted: 500, points: 2, limited_to: 2, multiplied: ['twice'] },
    { rule: 'twice', counted: 500, points: 2 },
    { rule: 'once', counted: 0, points: 0, withheld: 'limit' },
  ]);
  t.strictSame((await request('GET', '/v1/purchases/p-3')).body.rules, [
    { rule: 'once', counted: 0, points: 0, withheld: 'limit' },
    { rule: 'some', counted: 0, points: 0, withheld: 'budget' },
  ]);
});
