import { test } from 'tap';
import { reassessMembers } from '../../src/jobs/reassess-members.ts';
import { settleDue } from '../../src/jobs/settle-due.ts';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { asOwner } from '../helpers/programs.ts';

/* What expires when, as an app and a till see it: the list, the events, and the card. */

const DAY = 86_400_000;

const put = async ({ request }: Pick<TestApp, 'request'>, path: string, body: object): Promise<void> => {
  const { headers } = await request('GET', path);
  const condition = headers['etag'] === undefined ? { 'if-none-match': '*' } : { 'if-match': headers['etag'] };
  const answer = await request('PUT', path, body, condition);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
};

const rule = { name: 'A point per euro', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };

let keys = 0;
const adjust = ({ request }: Pick<TestApp, 'request'>, points: number, more: object = {}) =>
  request(
    'POST',
    '/v1/adjustments',
    { member: 'ada', points, reason: 'because', actor: 'test', ...more },
    { 'idempotency-key': `adjust-${keys++}` },
  );

const listed = async ({ request }: Pick<TestApp, 'request'>, limit = 2) => {
  const rows: string[] = [];
  let body: { data: object[]; next_cursor: string | null; never: object };
  let cursor: string | null = '';
  do {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    body = (await request('GET', `/v1/members/ada/accounts/points/expiring?limit=${limit}${query}`)).body;
    for (const { points, pending, sliding, expires_at } of body.data as Record<string, unknown>[])
      rows.push(`${points} + ${pending}${sliding === 0 ? '' : ` (${sliding} slide)`} ${`${expires_at}`.slice(0, 16)}`);
    cursor = body.next_cursor;
  } while (cursor !== null);
  return { rows, never: body.never };
};

const eventsOf = ({ databaseUrl }: TestApp): Promise<{ type: string; occurred_at: number; data: object }[]> =>
  asOwner(databaseUrl, async (client) => {
    const { rows } = await client.query('select events from outbox order by outbox_id');
    return rows.flatMap((row) => row.events);
  });

const announced = async (app: TestApp): Promise<string[]> =>
  (await eventsOf(app)).flatMap(({ type, occurred_at, data }) =>
    type === 'points.expiring' ? [`${new Date(occurred_at).toISOString()} ${JSON.stringify(data)}`] : [],
  );

const work = ({ service, clock }: TestApp) => settleDue(service.services.database, service.services.queue, clock.now);

test('the list pages through what expires, settled, whether or not a job has been by', async (t) => {
  const app = await testApp(t);
  await put(app, '/v1/wallets/points', { name: 'Points', pending: 'P7D', expiry: { after: 'P3M' } });
  await put(app, '/v1/earn-rules/euro', rule);
  await app.request('PUT', '/v1/members/ada', {});
  t.strictSame(await listed(app), { rows: [], never: { points: 0, pending: 0 } });
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 5_000));
  app.clock.now += 3 * DAY;
  await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 2_000));
  await adjust(app, 7, { expires_at: '2026-06-02T22:00:00Z' });
  await adjust(app, 3, { expires_at: '2026-03-20T12:00:00Z' });
  await adjust(app, 11, { expires_at: null });
  const list = ['3 + 0 2026-03-20T12:00', '7 + 50 2026-06-02T22:00', '0 + 20 2026-06-05T22:00'];
  t.strictSame(await listed(app), { rows: list, never: { points: 11, pending: 0 } });
  t.strictSame(await listed(app, 1), { rows: list, never: { points: 11, pending: 0 } });
  app.clock.now += 5 * DAY;
  const released = [list[0], '57 + 0 2026-06-02T22:00', list[2]];
  t.strictSame((await listed(app)).rows, released, 'released by time, written by nobody yet');
  await work(app);
  t.strictSame((await listed(app)).rows, released);
  app.clock.now = Date.parse('2026-03-20T12:00:00Z');
  t.strictSame((await listed(app, 1)).rows, ['57 + 0 2026-06-02T22:00', '20 + 0 2026-06-05T22:00']);
  const path = '/v1/members/ada/accounts';
  const { body } = await app.request('GET', `${path}/points/expiring?limit=1`);
  t.match(await app.request('GET', `${path}/points/expiring?cursor=${body.next_cursor}x`), {
    status: 400,
    body: { code: 'invalid_cursor' },
  });
  t.match(await app.request('GET', `${path}/miles/expiring`), { status: 404, body: { code: 'not_found' } });
  t.match(await app.request('GET', '/v1/members/bob/accounts/points/expiring'), {
    status: 404,
    body: { code: 'member_not_found' },
  });
  t.strictSame(await auditFaults(app), []);
});

test('ten thousand lots: the first page reads no more than it shows, and a day of them is one event', async (t) => {
  const app = await testApp(t);
  await put(app, '/v1/wallets/points', { name: 'Points', expiry: { after: 'P12M' } });
  await put(app, '/v1/earn-rules/euro', rule);
  await app.request('PUT', '/v1/members/ada', {});
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 100));
  await asOwner(app.databaseUrl, async (client) => {
    // 5,000 lots of 5,000 days, and 5,000 of one day.
    await client.query(`
      insert into lot (program_id, shard, member_id, lot, wallet, original, pending, available, held, earned_at, available_at, expires_at)
      select program_id, shard, member_id, 1 + n, wallet, 1, 0, 1, 0, earned_at, available_at,
        expires_at + make_interval(days => case when n <= 5000 then n else 0 end)
      from lot, generate_series(1, 10000) n
      where lot = 1
    `);
    await client.query(
      `update member_state set state = jsonb_set(state::jsonb, '{accounts,points,available}', '10001')`,
    );
    await client.query('vacuum analyze lot');
  });
  const { body } = await app.request('GET', '/v1/members/ada/accounts/points/expiring?limit=3');
  t.strictSame(
    body.data.map(({ points }: { points: number }) => points),
    [5_001, 1, 1],
  );
  const read = await asOwner(app.databaseUrl, async (client) => {
    const { rows: plan } = await client.query(`
      explain (analyze, format json)
      select expires_at, sum(available) from lot
      where program_id = (select program_id from program) and shard = (select shard from member_state)
        and member_id = (select member_id from member_state) and wallet = 'points' and available > 0
        and expires_at > '2027-03-10' and expires_at < '10000-01-01'
      group by expires_at order by expires_at limit 4
    `);
    return JSON.stringify(plan[0]);
  });
  t.match(read, /"Index Only Scan".*"lot_spendable"/);
  const most = Math.max(...[...read.matchAll(/"Actual Rows":([\d.]+)/g)].map(([, rows]) => Number(rows)));
  t.ok(most <= 5_005, `${most} rows`);
  app.clock.now = Date.parse('2027-02-01T00:00:00Z');
  await work(app);
  const told = await announced(app);
  t.equal(
    told[0],
    '2027-01-31T23:00:00.000Z {"wallet":"points","points":5001,"pending":0,"expires_at":"2027-03-02T23:00:00.000Z"}',
  );
  t.equal(told.length, 1);
  app.clock.now += DAY;
  t.equal(await work(app), 1, 'the member is due with the next of them');
  t.match((await announced(app)).slice(1), [/^2027-02-01T23:00:00.000Z .*"points":1,.*2027-03-03T23:00/]);
});

test('a sandbox moved a year announces everything in order, and the next command would have as well', async (t) => {
  const app = await testApp(t);
  const sandbox = await app.program('sandbox', { sandbox: true, clock: '2026-03-10T11:00:00Z' });
  await put(sandbox, '/v1/wallets/points', {
    name: 'Points',
    expiry: { after: 'P6M', sliding: { renewed_by: ['purchase'] } },
  });
  await put(sandbox, '/v1/wallets/gifts', { name: 'Gifts', expiry: { after: 'P2M' } });
  await put(sandbox, '/v1/earn-rules/euro', rule);
  await put(sandbox, '/v1/earn-rules/gift', { ...rule, wallet: 'gifts', effect: { type: 'fixed', points: 5 } });
  for (const member of ['ada', 'bob']) {
    await sandbox.request('PUT', `/v1/members/${member}`, {});
    await sandbox.request('POST', '/v1/purchases', purchaseOf(`o-${member}`, member, 5_000));
  }
  const move = (to: string) => sandbox.request('POST', '/v1/sandbox/clock', { to });
  await move('2026-04-10T11:00:00Z');
  await sandbox.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 1_000));
  const { data } = (await sandbox.request('GET', '/v1/members/ada/accounts/points/expiring')).body;
  t.strictSame(data, [{ points: 60, pending: 0, sliding: 60, expires_at: '2026-10-10T22:00:00.000Z' }]);
  t.match((await sandbox.request('GET', '/v1/members/ada')).body.accounts, [
    { wallet: 'gifts', expiring: [{ points: 5 }, { points: 5 }] },
    { wallet: 'points', expiring: [] },
  ]);
  t.equal((await move('2027-03-11T11:00:00Z')).status, 200);
  const found = await announced(app);
  const of = (wallet: string, points: number, at: string, expires_at: string) =>
    `${at}.000Z ${JSON.stringify({ wallet, points, pending: 0, expires_at: `${expires_at}.000Z` })}`;
  t.strictSame(found.toSorted(), [
    of('gifts', 5, '2026-04-11T22:00:00', '2026-05-10T22:00:00'),
    of('gifts', 5, '2026-04-11T22:00:00', '2026-05-10T22:00:00'),
    of('gifts', 5, '2026-05-12T22:00:00', '2026-06-10T22:00:00'),
    of('points', 50, '2026-08-11T22:00:00', '2026-09-10T22:00:00'),
    of('points', 60, '2026-09-10T22:00:00', '2026-10-10T22:00:00'),
  ]);
  const times = (await eventsOf(app)).map(({ occurred_at }) => occurred_at);
  t.ok(times.length > 5);
  t.match((await sandbox.request('GET', '/v1/members/ada')).body.accounts, [{ available: 0 }, { available: 0 }]);
  t.strictSame(await auditFaults(app), []);
});

test('two at once on the day it all expires: a job, a redemption and a read agree', async (t) => {
  const app = await testApp(t);
  const other = await app.instance();
  await put(app, '/v1/wallets/points', {
    name: 'Points',
    expiry: { after: 'P1M', sliding: { renewed_by: ['redemption'] } },
  });
  await put(app, '/v1/earn-rules/euro', rule);
  await app.request('PUT', '/v1/members/ada', {});
  for (let index = 0; index < 20; index++)
    await app.request('POST', '/v1/purchases', purchaseOf(`o-${index}`, 'ada', 500));
  app.clock.now = other.clock.now = Date.parse('2026-04-02T21:59:59.999Z');
  const redeem = (id: string, points: number) =>
    other.request('POST', '/v1/redemptions', { id, member: 'ada', points });
  const renewing = await Promise.all([redeem('r-1', 10), redeem('r-2', 10), work(app)]);
  t.strictSame(
    renewing.slice(0, 2).map((answer) => (answer as { status: number }).status),
    [201, 201],
  );
  app.clock.now = other.clock.now = Date.parse('2026-04-02T22:00:00Z');
  t.equal((await app.request('GET', '/v1/members/ada')).body.accounts[0].available, 80, 'renewed in the last moment');
  app.clock.now = other.clock.now = Date.parse('2026-05-02T22:00:00Z');
  const racing = await Promise.all([redeem('r-3', 10), work(app), app.request('GET', '/v1/members/ada'), work(other)]);
  t.match(racing[0], { status: 409, body: { code: 'insufficient_points', available: 0 } });
  t.equal(racing[2].body.accounts[0].available, 0);
  await work(app);
  const { data } = (await app.request('GET', '/v1/members/ada/ledger-entries')).body;
  t.strictSame(
    data
      .filter(({ movement }: { movement: string }) => movement === 'expire')
      .map(({ points }: { points: number }) => points),
    [80],
  );
  const [first] = (await app.request('GET', '/v1/members/ada/ledger-entries?limit=100')).body.data.toReversed();
  const { body } = await app.request('GET', `/v1/ledger-entries/${first.id}/explanation`);
  t.match(body.lots, [{ expires_at: '2026-05-02T22:00:00.000Z' }], 'all that was in it was spent before');
  t.match(body.sentence, { en: /unless renewed/, fr: /sauf renouvellement/ });
  t.strictSame(await auditFaults(app), []);
});

test('what a wallet says renews must be there', async (t) => {
  const app = await testApp(t);
  const wallet = (renewed_by: unknown) =>
    app.request('PUT', '/v1/wallets/miles', { name: 'Miles', expiry: { after: 'P12M', sliding: { renewed_by } } });
  const place = '/expiry/sliding/renewed_by';
  t.match(await wallet(['purchase', 'purchace']), {
    status: 422,
    body: { errors: [{ pointer: `${place}/1`, code: 'unknown_activity', expected: /did you mean purchase/ }] },
  });
  t.match(await wallet(['birthday']), {
    status: 422,
    body: { errors: [{ pointer: `${place}/0`, code: 'not_applicable' }] },
  });
  t.match(await wallet([]), { status: 400, body: { errors: [{ pointer: place }] } });
  t.match(await wallet(['visit', 'redemption']), { status: 201 });
});

test('a notice that is switched on reaches members who do nothing, and begins then', async (t) => {
  const app = await testApp(t);
  await put(app, '/v1/wallets/points', { name: 'Points', expiry: { after: 'P3M' } });
  await put(app, '/v1/earn-rules/euro', rule);
  const policy = async (points_expiring_days: number | null) => {
    const { headers } = await app.request('GET', '/v1/program');
    const answer = await app.request(
      'PATCH',
      '/v1/program',
      { policies: { points_expiring_days } },
      {
        'if-match': headers['etag']!,
      },
    );
    t.equal(answer.status, 200);
  };
  await policy(null);
  await app.request('PUT', '/v1/members/ada', {});
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 5_000));
  app.clock.now += 10 * DAY;
  await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 1_000));
  app.clock.now = Date.parse('2026-05-28T10:00:00Z');
  await policy(7);
  const { database, queue } = app.service.services;
  await reassessMembers(database, queue, app.clock.now);
  t.strictSame(await announced(app), [], 'the first are nearer than the notice already');
  app.clock.now = Date.parse('2026-07-01T00:00:00Z');
  await work(app);
  t.match(await announced(app), [/^2026-06-05T22:00:00.000Z .*"points":10,.*2026-06-12T22:00/]);
});

test('the card has all that a pass shows, in the program’s language, and nothing of the person but the name', async (t) => {
  const app = await testApp(t);
  const club = await app.program('club', { name: 'Maison Club', locale: 'fr-FR' });
  await put(club, '/v1/wallets/points', { name: 'Points', expiry: { after: 'P1M' } });
  await put(club, '/v1/earn-rules/euro', rule);
  const entry = (value: number) => ({ field: 'spend', op: 'gte', value });
  const benefits = { multiplier_percent: 100, perks: ['Livraison offerte'] };
  await put(club, '/v1/tiers/silver', { name: 'Argent', rank: 1, entry: entry(100_000), benefits });
  await put(club, '/v1/tiers/gold', { name: 'Or', rank: 2, entry: entry(500_000) });
  const born = { field: 'birth_date', op: 'before', value: '1970-01-01' };
  await put(club, '/v1/tiers/elder', { name: 'Aîné', scheme: 'age', rank: 1, entry: born });
  await club.request('PUT', '/v1/members/ada', {
    profile: { given_name: 'Ada', family_name: 'Martin', birth_date: '1988-05-17' },
    identities: [
      { kind: 'email', value: 'ada@example.com' },
      { kind: 'card', value: '2099000001' },
      { kind: 'phone', value: '+33612345678' },
    ],
  });
  await club.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 123_400));
  const card = await club.request('GET', '/v1/members/ada/card');
  t.match(card.body, {
    number: '2099000001',
    barcode: { format: 'code128', message: '2099000001', alt_text: '2099000001' },
    member: 'ada',
    status: 'active',
    display_name: 'Ada Martin',
    program: 'Maison Club',
    tiers: [
      { scheme: 'age', tier: null, next: { tier: 'elder', clauses: [] } },
      {
        ...{ scheme: 'status', tier: 'silver', name: 'Argent', perks: ['Livraison offerte'] },
        next: { tier: 'gold', name: 'Or', clauses: [{ needed: 500_000, current: 123_400, missing: 376_600 }] },
      },
    ],
    balances: [{ wallet: 'points', available: 1_234 }],
    expiring: { wallet: 'points', points: 1_234, expires_at: '2026-04-02T22:00:00.000Z' },
  });
  const fields = card.body.fields.map(({ key, label, value }: Record<string, string>) => [key, label, value]);
  t.strictSame(fields, [
    ['name', 'Membre', 'Ada Martin'],
    ['tier.age', 'Statut', 'Aucun pour l’instant'],
    ['tier.status', 'Statut', 'Argent'],
    ['points.points', 'Points', '1\u202f234'],
    ['expiring.points', 'Points à utiliser bientôt', '1\u202f234 jusqu’au 2 avril 2026'],
    ['next_tier.status', 'Vers Or', 'encore 3\u202f766,00\u00a0€ d’achats'],
  ]);
  for (const personal of ['ada@example.com', '33612345678', '1988']) t.notMatch(card.text, personal);
  const etag = card.headers['etag']!;
  t.equal((await club.request('GET', '/v1/members/card:2099000001/card')).headers['etag'], etag);
  app.clock.now += 1_000;
  t.match(await club.request('GET', '/v1/members/ada/card', null, { 'if-none-match': etag }), {
    status: 304,
    text: '',
  });
  await club.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 100));
  t.equal((await club.request('GET', '/v1/members/ada/card', null, { 'if-none-match': etag })).status, 200);
  await app.request('PUT', '/v1/members/bob', {});
  t.match((await app.request('GET', '/v1/members/bob/card')).body, {
    ...{ number: 'bob', display_name: null, expiring: null, tiers: [] },
    fields: [{ key: 'points.points', label: 'Points', value: '0' }],
  });
  t.match(await app.request('GET', '/v1/members/ada/card'), { status: 404, body: { code: 'member_not_found' } });
});
