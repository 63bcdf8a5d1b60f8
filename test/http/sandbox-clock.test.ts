import { type Test, test } from 'tap';
import { moveClock } from '../../src/commands/move-clock.ts';
import { moveClocks } from '../../src/jobs/move-clocks.ts';
import { reassessMembers } from '../../src/jobs/reassess-members.ts';
import { settleDue } from '../../src/jobs/settle-due.ts';
import { purchaseOf, type TestApp, type TestProgram, testApp } from '../helpers/app.ts';
import { asOwner } from '../helpers/programs.ts';

/* A sandbox program's time stands until it is moved; whatever falls due on the way happens at its own instant. */

const DAY = 86_400_000;
const BEGIN = '2020-01-01T12:00:00.000Z';

/** A point per euro, pending for a week and good for a month; silver from 100 euros in 30 days. The days are Paris's. */
const configure = async ({ request }: TestProgram): Promise<void> => {
  const { headers } = await request('GET', '/v1/wallets/points');
  const points = { name: 'Points', pending: 'P7D', expiry: { after: 'P1M' } };
  await request('PUT', '/v1/wallets/points', points, { 'if-match': `${headers['etag']}` });
  const effect = { type: 'per_amount', points: 1, per: 100 };
  await request('PUT', '/v1/earn-rules/base', { name: 'Base', trigger: 'purchase', effect });
  const entry = { field: 'spend', window: '30d', op: 'gte', value: 10_000 };
  await request('PUT', '/v1/tiers/silver', { name: 'Silver', rank: 1, entry });
};

const sandbox = async (t: Test): Promise<{ app: TestApp; play: TestProgram }> => {
  const app = await testApp(t);
  const play = await app.program('play', { sandbox: true, clock: BEGIN });
  await configure(play);
  return { app, play };
};

const buy = async ({ request }: TestProgram, member: string, cents: number): Promise<void> => {
  await request('PUT', `/v1/members/${member}`, {});
  const { status, text } = await request('POST', '/v1/purchases', purchaseOf(`of-${member}`, member, cents));
  if (status !== 201) throw new Error(text);
};

const move = ({ request }: TestProgram, to: string) => request('POST', '/v1/sandbox/clock', { to });

const sql = <Row extends object>({ databaseUrl }: TestApp, text: string): Promise<Row[]> =>
  asOwner(databaseUrl, async (client) => (await client.query<Row>(text)).rows);

const programIdOf = async (app: TestApp, code: string) =>
  (await sql<{ id: number }>(app, `select program_id as id from program where code = '${code}'`))[0]!.id as never;

/** What happened to members, with the instant it counts from. */
const history = async (app: TestApp): Promise<string[]> => {
  const rows = await sql<{ what: string; at: Date }>(
    app,
    `select concat_ws(' ', movement, points) as what, occurred_at as at from ledger_entry
     union all
     select concat_ws(' ', coalesce(from_tier, 'none'), 'to', coalesce(to_tier, 'none')), at from tier_transition
     order by at, what`,
  );
  return rows.map(({ what, at }) => `${at.toISOString()} ${what}`);
};

test('given a sandbox, when its clock is moved, everything due on the way has happened at its own instant', async (t) => {
  const { app, play } = await sandbox(t);
  t.match((await play.request('GET', '/v1/program')).body, { sandbox: true, clock: BEGIN });
  t.match((await app.request('GET', '/v1/program')).body, { sandbox: false, clock: null });
  await buy(play, 'ada', 12_000);
  app.clock.now += 90 * DAY;
  t.match((await play.request('GET', '/v1/members/ada')).body, {
    as_of: BEGIN,
    enrolled_at: BEGIN,
    accounts: [{ pending: 120, available: 0 }],
    tiers: [{ tier: 'silver' }],
  });
  t.equal(await settleDue(app.service.services.database, app.service.services.queue, app.clock.now), 0, 'it stands');
  const to = '2020-06-01T00:00:00.000Z';
  t.match(await move(play, to), {
    status: 200,
    body: { id: 'mov_1', from: BEGIN, to, status: 'done', due: 1, settled: 1 },
  });
  t.strictSame(await history(app), [
    '2020-01-01T12:00:00.000Z earn 120',
    '2020-01-01T12:00:00.000Z none to silver',
    '2020-01-07T23:00:00.000Z release 120',
    '2020-01-30T23:00:00.000Z silver to none',
    '2020-02-01T23:00:00.000Z expire 120',
  ]);
  t.match((await play.request('GET', '/v1/members/ada')).body, { as_of: to, accounts: [{ pending: 0, available: 0 }] });
  t.match((await play.request('GET', '/v1/sandbox/clock')).body, { clock: to, move: { id: 'mov_1', status: 'done' } });
  await buy(play, 'bea', 100);
  t.match((await play.request('GET', '/v1/purchases/of-bea')).body, { occurred_at: to, recorded_at: to });
});

test('a move is repeated safely, goes forward only, and not too far', async (t) => {
  const { app, play } = await sandbox(t);
  const to = '2020-02-01T00:00:00.000Z';
  const first = await move(play, to);
  t.match(first, { status: 200, body: { due: 0, settled: 0, status: 'done' } });
  t.match(await move(play, to), { status: 200, body: first.body });
  t.match(await move(play, '2020-01-31T00:00:00Z'), {
    status: 422,
    body: { code: 'clock_backwards', errors: [{ pointer: '/to', expected: `at least ${to}` }] },
  });
  t.match(await move(play, '2030-03-01T00:00:00Z'), { status: 422, body: { code: 'clock_out_of_range' } });
  t.match(await move(play, '2300-03-01T00:00:00Z'), { status: 422, body: { code: 'clock_out_of_range' } });
  t.match((await play.request('GET', '/v1/sandbox/clock')).body, { clock: to });
  for (const answer of [await move(app, to), await app.request('GET', '/v1/sandbox/clock')])
    t.match(answer, { status: 409, body: { code: 'not_a_sandbox' } });
});

test('a sandbox begins now, or where it is told to; a live program has no clock', async (t) => {
  const app = await testApp(t);
  const create = (code: string, more: object) =>
    app.as('the-operator-of-this-test')('POST', '/v1/programs', {
      code,
      name: code,
      currency: 'EUR',
      time_zone: 'UTC',
      ...more,
    });
  t.match((await create('a', { sandbox: true })).body.program.clock, new Date(app.clock.now).toISOString());
  t.match((await create('b', { sandbox: true, clock: BEGIN })).body.program.clock, BEGIN);
  t.match(await create('c', { clock: BEGIN }), { status: 409, body: { code: 'not_a_sandbox' } });
  t.match(await create('d', { sandbox: true, clock: '1969-01-01T00:00:00Z' }), {
    status: 422,
    body: { code: 'clock_out_of_range', errors: [{ pointer: '/clock' }] },
  });
});

test('given more members than fit into an answer, the move goes on as a job, and no other begins meanwhile', async (t) => {
  const { app, play } = await sandbox(t);
  const members = Array.from({ length: 300 }, (_, index) => `m-${index}`);
  await Promise.all(members.map((member) => buy(play, member, 500)));
  const tools = app.service.services;
  const program = await programIdOf(app, 'play');
  const to = '2020-03-01T00:00:00.000Z';
  const author = { program, changedBy: 'key_1', requestId: 'r', now: app.clock.now };
  t.match(await moveClock(tools, author, to, 0), { status: 'running', due: 300, settled: 256 });
  t.match((await play.request('GET', '/v1/sandbox/clock')).body, {
    clock: to,
    move: { status: 'running', due: 300, settled: 256 },
  });
  t.match(await move(play, '2020-04-01T00:00:00Z'), { status: 409, body: { code: 'clock_moving' } });
  t.match(await move(play, to), { status: 200, body: { status: 'running' } }, 'the same again');
  t.match((await play.request('GET', '/v1/members/m-299')).body, { as_of: to, accounts: [{ available: 0 }] });
  t.equal(await settleDue(tools.database, tools.queue, app.clock.now), 0, 'it is left to the move');
  t.equal(await moveClocks(tools), false);
  t.match((await play.request('GET', '/v1/sandbox/clock')).body, { move: { status: 'done', due: 300, settled: 300 } });
  t.strictSame(
    (await history(app)).filter((line) => line.includes('expire')).length,
    300,
    'everybody, and each of them once',
  );
  t.match(await move(play, '2020-04-01T00:00:00Z'), { status: 200 });
});

test('given an instance that died in the middle of a move, another finishes it once the lease is over', async (t) => {
  const { app, play } = await sandbox(t);
  await buy(play, 'ada', 12_000);
  const to = '2020-03-01T00:00:00.000Z';
  await sql(
    app,
    `with moved as (update program set clock = '${to}' where code = 'play' returning program_id)
     insert into clock_move select program_id, 1, '${BEGIN}', '${to}', 'running', 1, 0, '${new Date(app.clock.now + 60_000).toISOString()}' from moved`,
  );
  t.equal(await moveClocks(app.service.services), false);
  t.match((await play.request('GET', '/v1/sandbox/clock')).body, { move: { status: 'running', settled: 0 } });
  app.clock.now += 60_000;
  const other = await app.instance();
  t.strictSame(await Promise.all([app, other].map(({ service }) => moveClocks(service.services))), [false, false]);
  t.match((await play.request('GET', '/v1/sandbox/clock')).body, { move: { status: 'done', settled: 1 } });
});

test('given members that cannot be settled, a move ends all the same, and no program waits for another’s', async (t) => {
  const { app, play } = await sandbox(t);
  await configure(app);
  const broken = Array.from({ length: 600 }, (_, index) => `broken-${index}`);
  await Promise.all([...broken, 'well'].map((member) => buy(play, member, 500)));
  await buy(app, 'ada', 500);
  await sql(
    app,
    `update member_state set state = jsonb_set(state::jsonb, '{accounts,points,pending}', '1') where external_id like 'broken%'`,
  );
  await sql(
    app,
    `update member_due d set due_at = due_at + interval '1 day' from member_state s where s.member_id = d.member_id and s.external_id = 'well'`,
  );
  t.match((await move(play, '2020-01-20T00:00:00Z')).body, { status: 'done', due: 601, settled: 1 });
  t.match((await play.request('GET', '/v1/members/well')).body, { accounts: [{ available: 5 }] });
  app.clock.now += 10 * DAY;
  const { database, queue } = app.service.services;
  await t.rejects(settleDue(database, queue, app.clock.now), { message: /^invariants broken/ });
  t.match(
    await sql(
      app,
      `select external_id from ledger_entry join member_state using (program_id, shard, member_id) where movement = 'release' order by 1`,
    ),
    [{ external_id: 'ada' }, { external_id: 'well' }],
  );
});

test('keys, stored answers and who may ask keep real time', async (t) => {
  const { app, play } = await sandbox(t);
  await play.request('PUT', '/v1/members/ada', {});
  const adjust = () =>
    play.request(
      'POST',
      '/v1/adjustments',
      { member: 'ada', points: 5, reason: 'Because', actor: 'test' },
      { 'idempotency-key': 'k-1' },
    );
  const first = await adjust();
  await move(play, '2020-12-01T00:00:00Z');
  t.match(await adjust(), { status: 201, text: first.text, headers: { 'idempotent-replayed': 'true' } });
  app.clock.now += 7 * DAY;
  const later = await adjust();
  t.match(later, { status: 201, body: { balances: [{ available: 5 }] } }, 'what there was has expired');
  t.notOk(later.headers['idempotent-replayed'], 'a new request, a week later');
  const expires_at = new Date(app.clock.now + DAY).toISOString();
  const { key } = (await play.request('POST', '/v1/keys', { name: 'k', scopes: ['read'], expires_at })).body;
  t.equal((await app.as(key)('GET', '/v1/members/ada')).status, 200);
  app.clock.now += DAY;
  t.match(await app.as(key)('GET', '/v1/members/ada'), { status: 401, body: { code: 'key_expired' } });
});

test('given rules edited just before a move, nothing that falls due under them on the way is missed', async (t) => {
  const { app, play } = await sandbox(t);
  await play.request('PUT', '/v1/members/ada', { profile: { birth_date: '1990-05-17' } });
  await play.request('PUT', '/v1/members/bea', {});
  const effect = { type: 'fixed', points: 50 };
  await play.request('PUT', '/v1/earn-rules/cake', { name: 'Cake', trigger: 'birthday', effect });
  await play.request('PUT', '/v1/segments/new', {
    name: 'New',
    condition: { field: 'enrolled_at', op: 'within_last', value: '30d' },
  });
  t.match((await move(play, '2020-05-18T00:00:00Z')).body, { status: 'done', settled: 2 });
  t.strictSame(await history(app), ['2020-05-16T22:00:00.000Z earn 50']);
  const left = await sql<{ left_at: Date }>(app, 'select left_at from segment_membership');
  t.strictSame(
    left.map(({ left_at }) => left_at.toISOString()),
    Array(2).fill('2020-01-31T12:00:00.001Z'),
  );
});

test('given a member who does nothing, a birthday rule made later is told when their birthday is', async (t) => {
  const app = await testApp(t);
  await app.request('PUT', '/v1/members/ada', { profile: { birth_date: '1990-05-17' } });
  const effect = { type: 'fixed', points: 50 };
  await app.request('PUT', '/v1/earn-rules/cake', { name: 'Cake', trigger: 'birthday', effect });
  const { database, queue } = app.service.services;
  while (await reassessMembers(database, queue, app.clock.now));
  app.clock.now = Date.parse('2026-05-16T22:00:00Z');
  t.match((await app.request('GET', '/v1/members/ada')).body.accounts, [{ available: 50 }], 'a read settles in memory');
  t.equal(await settleDue(database, queue, app.clock.now), 1);
  t.strictSame(await history(app), ['2026-05-16T22:00:00.000Z earn 50']);
  t.match((await app.request('GET', '/v1/members/ada/activities')).body.data, [
    { id: null, type: 'birthday', occurred_at: '2026-05-16T22:00:00.000Z', rules: [{ rule: 'cake', points: 50 }] },
  ]);
});
