import { type Test, test } from 'tap';
import { settleDue } from '../../src/jobs/settle-due.ts';
import { type Answer, purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { rowsOf } from './rows.ts';

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

test('merges that cross, and merges while both buy, come to one member with all of it', async (t) => {
  const app = await shop(t);
  const apps = [app, await app.instance()] as const;
  await app.request('PATCH', '/v1/program', { policies: { transfers: true } });
  for (let pair = 0; pair < 4; pair++) {
    const names = [`x-${pair}`, `y-${pair}`, `z-${pair}`] as const;
    const [x, y, z] = names;
    for (const name of names) await app.request('PUT', `/v1/members/${name}`, {});
    await Promise.all(
      names.map((name) => app.request('POST', '/v1/purchases', purchaseOf(`first-${name}`, name, 10_000))),
    );
    const buy = (name: string, index: number) =>
      apps[index % 2]!.request('POST', '/v1/purchases', purchaseOf(`${name}-${index}`, name, 100));
    const give = (from: string, to: string, index: number) =>
      apps[index % 2]!.request(
        'POST',
        '/v1/transfers',
        { from, to, points: 1 },
        { 'idempotency-key': `${from}-${index}` },
      );
    const crossing = [merge(apps[0], x, y), merge(apps[1], y, x)];
    const others = Array.from({ length: 12 }, (_, index) => [
      buy(x, index),
      buy(y, index),
      give(x, z, index),
      give(z, y, index),
    ]).flat();
    const [first, second] = await Promise.all(crossing);
    const answers = await Promise.all(others);
    const statuses = [first!.status, second!.status].sort();
    t.match(statuses, [201, /409|422/], `${first!.text} ${second!.text}`);
    t.same(
      answers.filter(({ status }) => status !== 201).map(({ text }) => text),
      [],
    );
    const one = await member(app, x);
    t.equal((await member(app, y)).id, one.id, 'both names lead to one');
    t.match(one, { totals: { spend: 22_400, purchases: 26 } });
    t.equal(one.accounts[0].available + (await availableOf(app, z)), 324, 'no point is lost, none is made');
  }
  t.same(await auditFaults(app), []);
});

test('a chain of merges: what is late goes to its end, and it is parted from its end', async (t) => {
  const app = await shop(t);
  await app.request('PUT', '/v1/members/cem', {});
  await app.request('POST', '/v1/purchases', purchaseOf('a-1', 'ada', 5000));
  await app.request('POST', '/v1/purchases', purchaseOf('b-1', 'bob', 3000));
  const before = [await whole(app, 'ada'), await whole(app, 'bob'), await whole(app, 'cem')];
  t.equal((await merge(app, 'ada', 'bob')).status, 201);
  t.equal((await merge(app, 'bob', 'cem')).status, 201);
  t.match(await member(app, 'card:2099'), { id: 'cem', totals: { spend: 8000 }, merged_ids: ['bob', 'ada'] });
  t.match(await unmerge(app, 'ada'), { status: 409, body: { code: 'merged_further' } });
  t.match(await merge(app, 'cem', 'ada'), { status: 422, body: { code: 'same_member' } });
  t.equal((await unmerge(app, 'bob')).status, 201);
  t.match(await member(app, 'ada'), { id: 'bob', totals: { spend: 8000 } });
  t.equal((await unmerge(app, 'ada')).status, 201);
  t.strictSame([await whole(app, 'ada'), await whole(app, 'bob'), await whole(app, 'cem')], before);
  t.same(await auditFaults(app), []);
  await merge(app, 'ada', 'bob');
  await merge(app, 'bob', 'cem');
  const returned = await app.request('POST', '/v1/purchases/a-1/returns', { id: 'r', amount: 1000 });
  t.match(returned.body, {
    member: 'ada',
    taken_back: [{ points: 10, from_lots: 10, debt: 0 }],
    balances: [{ available: 70 }],
  });
  t.match(await member(app, 'cem'), { totals: { spend: 7000, purchases: 2 } });
  t.equal(await availableOf(app, 'cem'), 70);
  t.same(await auditFaults(app), []);
});

test('what cannot be merged or parted is refused, and nothing changes', async (t) => {
  const app = await shop(t);
  for (const name of ['shut', 'stopped', 'holding', 'many'])
    await app.request('PUT', `/v1/members/${name}`, {
      identities:
        name === 'many' ? Array.from({ length: 19 }, (_, index) => ({ kind: 'card', value: `c-${index}` })) : [],
    });
  for (const name of ['holding', 'ada'])
    await app.request('POST', '/v1/purchases', purchaseOf(`p-${name}`, name, 5000));
  await app.request('POST', '/v1/members/shut/close');
  await app.request('POST', '/v1/members/stopped/suspend');
  await app.request('POST', '/v1/redemptions', { id: 'hold', member: 'holding', points: 5, capture: false });
  const before = await rowsOf(app.databaseUrl, 'true');
  const cases: [Promise<Answer>, number, string, string?][] = [
    [merge(app, 'ada', 'ada'), 422, 'same_member', '/into'],
    [merge(app, 'ada', 'card:2099'), 422, 'same_member', '/into'],
    [merge(app, 'nobody', 'ada'), 404, 'member_not_found', '/path/id'],
    [merge(app, 'ada', 'nobody'), 404, 'member_not_found', '/into'],
    [merge(app, 'shut', 'ada'), 409, 'member_closed'],
    [merge(app, 'ada', 'shut'), 409, 'member_closed', '/into'],
    [merge(app, 'stopped', 'ada'), 409, 'member_suspended'],
    [merge(app, 'holding', 'ada'), 409, 'points_held'],
    [merge(app, 'many', 'ada'), 409, 'too_many_identities'],
    [unmerge(app, 'ada'), 409, 'member_not_merged'],
    [app.request('POST', '/v1/members/ada/merge', { into: 'bob' }), 400, 'idempotency_key_required'],
  ];
  for (const [asked, status, code, pointer] of cases) {
    const { body, ...answer } = await asked;
    t.match({ ...answer, body }, { status, body: { code } }, code);
    if (pointer !== undefined) t.match(body.errors, [{ pointer }], code);
  }
  const after = await rowsOf(app.databaseUrl, 'true');
  for (const table of Object.keys(before))
    if (table !== 'idempotency_key') t.strictSame(after[table], before[table], table);
});

test('a merge is undone only while what came over is there', async (t) => {
  const app = await shop(t);
  await app.request('PUT', '/v1/wallets/points', { name: 'Points', expiry: { after: 'P30D' } }, { 'if-match': '*' });
  const cases: [string, (name: string) => Promise<unknown>, string?][] = [
    ['spent', (name) => app.request('POST', '/v1/redemptions', { id: `r-${name}`, member: name, points: 1 })],
    [
      'held',
      (name) => app.request('POST', '/v1/redemptions', { id: `r-${name}`, member: name, points: 1, capture: false }),
    ],
    ['returned', (name) => app.request('POST', `/v1/purchases/p-${name}/returns`, { id: `r-${name}`, amount: 100 })],
    ['expired', async () => (app.clock.now += 40 * 86_400_000)],
    ['closed', (name) => app.request('POST', `/v1/members/${name}/close`), 'member_closed'],
  ];
  for (const [what, act, code = 'merged_points_spent'] of cases) {
    await app.request('PUT', `/v1/members/${what}`, {});
    await app.request('PUT', `/v1/members/with-${what}`, {});
    await app.request('POST', '/v1/purchases', purchaseOf(`p-${what}`, what, 5000));
    t.equal((await merge(app, what, `with-${what}`)).status, 201);
    await act(what);
    const refused = await unmerge(app, what);
    t.match(refused, { status: 409, body: { code } }, `${what}: ${refused.text}`);
    if (code === 'merged_points_spent' && what !== 'returned') t.match(refused.body.detail, /lot lot_/);
  }
  t.same(await auditFaults(app), []);
});

test('what the survivor does stays with the survivor, and the other takes its own along', async (t) => {
  const app = await shop(t);
  const condition = { field: 'spend', op: 'gte', value: 6000 };
  await app.request('PUT', '/v1/segments/big', { name: 'Big', condition }, { 'if-none-match': '*' });
  const welcome = {
    name: 'Welcome',
    trigger: 'segment.entered',
    segment: 'big',
    effect: { type: 'fixed', points: 1000 },
  };
  const rule = await app.request('PUT', '/v1/earn-rules/welcome', welcome, { 'if-none-match': '*' });
  t.equal(rule.status, 201, rule.text);
  await app.request('POST', '/v1/purchases', purchaseOf('a-1', 'ada', 5000));
  await app.request('POST', '/v1/purchases', purchaseOf('b-1', 'bob', 3000));
  const adjustment = { member: 'ada', points: 7, reason: 'r', actor: 'a' };
  const given = await app.request('POST', '/v1/adjustments', adjustment, { 'idempotency-key': 'seven' });
  await app.request(
    'POST',
    '/v1/adjustments',
    { ...adjustment, member: 'bob', points: -50, allow_debt: true },
    { 'idempotency-key': 'owed' },
  );
  const code = (await app.request('POST', '/v1/members/ada/referral-code')).body.referral_code;
  await merge(app, 'ada', 'bob');
  t.match(await member(app, 'bob'), { accounts: [{ available: 57, debt: 20 }], segments: [{ segment: 'big' }] });
  const again = await app.request('POST', '/v1/adjustments', adjustment, { 'idempotency-key': 'seven' });
  t.equal(again.text, given.text, 'what was answered before is answered again');
  const friend = await app.request('PUT', '/v1/members/friend', { referred_by: code });
  t.equal(friend.status, 201, 'the referral code leads to the survivor');
  await app.request('POST', '/v1/purchases', purchaseOf('a-2', 'ada', 2000));
  const late = await app.request(
    'POST',
    '/v1/adjustments',
    { ...adjustment, points: 3 },
    { 'idempotency-key': 'three' },
  );
  t.equal((await unmerge(app, 'ada')).status, 201);
  const lateAgain = await app.request(
    'POST',
    '/v1/adjustments',
    { ...adjustment, points: 3 },
    { 'idempotency-key': 'three' },
  );
  t.equal(lateAgain.text, late.text, 'also what the survivor was asked under the old name');
  t.match(await member(app, 'ada'), {
    accounts: [{ available: 57, debt: 0 }],
    totals: { spend: 5000, purchases: 1 },
    segments: [],
  });
  t.match(await member(app, 'bob'), {
    accounts: [{ available: 3, debt: 0 }],
    totals: { spend: 5000, purchases: 2 },
    segments: [],
  });
  t.same(await auditFaults(app), []);
});

test('rewards, vouchers and entitlements of a merged member serve the survivor', async (t) => {
  const app = await shop(t);
  const voucher = { codes: 'generated', valid_for: 'P10D' };
  const mug = { name: 'Mug', benefit: { type: 'custom' }, price: 10, stock: 5, voucher };
  await app.request('PUT', '/v1/rewards/mug', mug, { 'if-none-match': '*' });
  await app.request('POST', '/v1/purchases', purchaseOf('a-1', 'ada', 5000));
  const redeem = (id: string, who: string, more: object = {}) =>
    app.request('POST', '/v1/redemptions', { id, member: who, reward: 'mug', ...more });
  const grant = async (key: string) => {
    const granted = { member: 'ada', reward: 'mug', reason: 'r', actor: 'a' };
    return (await app.request('POST', '/v1/entitlements', granted, { 'idempotency-key': key })).body.id as string;
  };
  const [first, second, third] = [await grant('g-1'), await grant('g-2'), await grant('g-3')];
  const [used, refunded, lapsing] = [
    await redeem('r-1', 'ada'),
    await redeem('r-2', 'ada'),
    await redeem('r-3', 'ada'),
  ];
  await merge(app, 'ada', 'bob');
  t.equal(await availableOf(app, 'bob'), 20);
  t.equal(
    (await app.request('POST', `/v1/vouchers/${used.body.voucher.id}/use`, {}, { 'idempotency-key': 'u' })).status,
    200,
  );
  t.equal((await app.request('POST', '/v1/redemptions/r-2/refund', {}, { 'idempotency-key': 'f' })).status, 200);
  t.equal((await app.request('GET', `/v1/vouchers/${refunded.body.voucher.id}`)).body.status, 'cancelled');
  t.equal(await availableOf(app, 'ada'), 30, 'what is refunded is the survivor’s');
  const open = (await app.request('GET', '/v1/members/ada/entitlements')).body.data;
  t.equal(open.length, 3, 'listed under the id they were granted to');
  const had = await redeem('r-4', 'ada', { entitlement: first });
  t.match(had, { status: 201, body: { balances: [{ available: 30 }] } });
  t.equal((await redeem('r-4', 'ada', { entitlement: first })).text, had.text);
  t.equal((await redeem('r-5', 'bob', { entitlement: second, capture: false })).status, 201);
  await app.request('POST', '/v1/members/bob/suspend');
  t.match(await redeem('r-6', 'bob', { entitlement: third }), { status: 409, body: { code: 'member_suspended' } });
  await app.request('POST', '/v1/members/bob/reactivate');
  app.clock.now += 20 * 86_400_000;
  await settleDue(app.service.services.database, app.service.services.queue, app.clock.now);
  t.equal((await app.request('GET', `/v1/vouchers/${lapsing.body.voucher.id}`)).body.status, 'lapsed');
  t.equal((await app.request('GET', '/v1/redemptions/r-5')).body.status, 'lapsed');
  t.same(await auditFaults(app), []);
  const parted = await unmerge(app, 'ada');
  t.equal(parted.status, 201, parted.text);
  t.equal(await availableOf(app, 'ada'), 30);
  t.equal((await redeem('r-7', 'ada', { entitlement: second })).status, 201);
  t.equal((await redeem('r-8', 'bob', { entitlement: third })).body.code, 'entitlement_not_found');
  t.same(await auditFaults(app), []);
});

test('what members brought from another system passes, and goes back with them', async (t) => {
  const app = await shop(t);
  const opening = {
    lots: [{ points: 50, earned_at: '2025-11-03T10:15:00Z', expires_at: '2027-01-01T00:00:00Z' }],
    lifetime: { spend: 90_000, purchases: 9, earned: 900, first_purchase_at: '2022-04-09T15:00:00Z' },
  };
  const past = { id: 'old-1', currency: 'EUR', occurred_at: '2024-05-01T10:00:00Z', total: 10_000 };
  const open = () => app.request('POST', '/v1/members/ada/opening-balance', opening);
  const opened = await open();
  t.equal(opened.status, 201, opened.text);
  const bought = await app.request('POST', '/v1/past-purchases', {
    ...past,
    member: 'ada',
    lines: [{ sku: 'thing', quantity: 1, unit_price: 10_000, total: 10_000 }],
  });
  t.equal(bought.status, 201, bought.text);
  await app.request('POST', '/v1/members/bob/opening-balance', {
    ...opening,
    lots: [{ points: 5, earned_at: '2025-01-01T00:00:00Z' }],
  });
  await app.request('POST', '/v1/purchases', purchaseOf('b-1', 'bob', 3000));
  const before = [await whole(app, 'ada'), await whole(app, 'bob')];
  t.equal((await merge(app, 'ada', 'bob')).status, 201);
  t.match(await member(app, 'bob'), {
    totals: { spend: 183_000, purchases: 19, first_purchase_at: '2022-04-09T15:00:00.000Z' },
  });
  t.same(await auditFaults(app), []);
  const again = await open();
  t.equal(again.text, opened.text, 'a line that is sent again is known under the old id');
  t.equal((await unmerge(app, 'ada')).status, 201);
  t.strictSame([await whole(app, 'ada'), await whole(app, 'bob')], before);
  await merge(app, 'ada', 'bob');
  t.equal((await app.request('POST', '/v1/purchases/old-1/cancel')).status, 201);
  t.match(await member(app, 'bob'), { totals: { spend: 173_000, purchases: 18 } });
  t.same(await auditFaults(app), []);
});
