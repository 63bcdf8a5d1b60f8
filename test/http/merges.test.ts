import { type Test, test } from 'tap';
import { type Answer, purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';

/* Two members who are one person, as a shop's back office merges and parts them. */

let keys = 0;
type Asks = Pick<TestApp, 'request'>;
const merge = (
  { request }: Asks,
  id: string,
  into: string,
  key = `key-${keys++}`,
  more: object = {},
): Promise<Answer> => request('POST', `/v1/members/${id}/merge`, { into, ...more }, { 'idempotency-key': key });
const unmerge = ({ request }: Asks, id: string, key = `key-${keys++}`, more: object = {}): Promise<Answer> =>
  request('POST', `/v1/members/${id}/unmerge`, more, { 'idempotency-key': key });
const member = async ({ request }: Asks, id: string) => (await request('GET', `/v1/members/${id}`)).body;
const availableOf = async (app: Asks, id: string): Promise<number> => (await member(app, id)).accounts[0].available;

const shop = async (t: Test): Promise<TestApp> => {
  const app = await testApp(t);
  const rule = { name: 'A point per euro', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  await app.request('PUT', '/v1/earn-rules/per-euro', rule, { 'if-none-match': '*' });
  await app.request('PUT', '/v1/members/ada', {
    identities: [
      { kind: 'card', value: '2099' },
      { kind: 'email', value: 'ada@example.com' },
    ],
  });
  await app.request('PUT', '/v1/members/bob', { identities: [{ kind: 'card', value: '7' }] });
  return app;
};

/** What merging and parting must leave as it was. */
const whole = async (app: Asks, id: string) => {
  const { as_of: _, ...view } = await member(app, id);
  return view;
};

test('two members become one under both names, once under the key, and are parted again', async (t) => {
  const app = await shop(t);
  const other = await app.instance();
  await app.request('POST', '/v1/purchases', purchaseOf('a-1', 'ada', 5000));
  await app.request('POST', '/v1/purchases', purchaseOf('b-1', 'bob', 3000));
  const before = [await whole(app, 'ada'), await whole(app, 'bob')];
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      merge(index % 2 === 0 ? app : other, 'ada', 'bob', 'once', { reason: 'Enrolled twice', actor: 'Camille' }),
    ),
  );
  t.equal(new Set(answers.map(({ text }) => text)).size, 1, 'the same bytes');
  t.equal(answers[0]!.status, 201, answers[0]!.text);
  const { body } = answers[0]!;
  t.match(body, { member: 'ada', into: 'bob', accounts: [{ wallet: 'points', available: 50, pending: 0, debt: 0 }] });
  t.match(await member(app, 'ada'), { id: 'bob', totals: { spend: 8000, purchases: 2 } });
  t.equal(await availableOf(app, 'card:2099'), 80);
  t.match((await app.request('GET', `/v1/merges/${body.id}`)).body, {
    member: 'ada',
    into: 'bob',
    reason: 'Enrolled twice',
    unmerged_at: null,
  });
  t.same(await auditFaults(app), []);
  t.match(await merge(app, 'ada', 'bob'), { status: 409, body: { code: 'member_merged' } });
  const own = (await app.request('GET', '/v1/members/ada/purchases')).body.data;
  t.match(own, [{ id: 'a-1' }], 'what was recorded of a member stays listed under its id');
  const parted = await unmerge(other, 'ada', 'parting', { reason: 'Two sisters' });
  t.equal(parted.status, 201, parted.text);
  t.equal((await unmerge(app, 'ada', 'parting', { reason: 'Two sisters' })).text, parted.text);
  t.strictSame([await whole(app, 'ada'), await whole(app, 'bob')], before);
  t.match(await unmerge(app, 'ada'), { status: 409, body: { code: 'member_not_merged' } });
  t.same(await auditFaults(app), []);
});

test('what comes late of a merged member is the other’s', async (t) => {
  const app = await shop(t);
  await app.request('POST', '/v1/purchases', purchaseOf('a-1', 'ada', 5000));
  await app.request('POST', '/v1/purchases', purchaseOf('b-1', 'bob', 1000));
  await app.request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 5 });
  t.equal((await merge(app, 'ada', 'bob')).status, 201);
  t.equal(await availableOf(app, 'bob'), 55);
  t.match(await app.request('POST', '/v1/purchases', purchaseOf('a-2', 'ada', 1000)), {
    status: 201,
    body: { member: 'bob' },
  });
  t.match(await app.request('POST', '/v1/purchases', purchaseOf('a-1', 'ada', 5000)), {
    status: 201,
    headers: { 'idempotent-replayed': 'true' },
  });
  const refund = await app.request('POST', '/v1/redemptions/r-1/refund', {}, { 'idempotency-key': 'refund' });
  t.equal(refund.status, 200, refund.text);
  t.equal(await availableOf(app, 'bob'), 70);
  t.same(await auditFaults(app), []);
  const returned = await app.request('POST', '/v1/purchases/a-1/returns', {
    id: 'back-1',
    amount: 2000,
  });
  t.equal(returned.status, 201, returned.text);
  t.match(returned.body, { taken_back: [{ points: 20, from_lots: 20, debt: 0 }], balances: [{ available: 50 }] });
  t.same(await auditFaults(app), []);
  t.match(await unmerge(app, 'ada'), { status: 409, body: { code: 'merged_points_spent' } });
  await app.request('POST', '/v1/purchases/a-1/cancel');
  t.match(await member(app, 'bob'), { totals: { spend: 2000, purchases: 2 } });
  t.same(await auditFaults(app), []);
});
