import { mock } from 'node:test';
import { type Test, test } from 'tap';
import { startJobs } from '../../src/jobs/schedule.ts';
import { settleDue } from '../../src/jobs/settle-due.ts';
import { submissionOf } from '../../src/jobs/submission.ts';
import { sweep as sweepAll } from '../../src/jobs/sweep.ts';
import type { MemberId, ProgramId } from '../../src/model/ids.ts';
import { purchaseOf, type TestApp, type TestAppOptions, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { asOwner } from '../helpers/programs.ts';
import { eventually, holdUp } from '../helpers/service-process.ts';

/* What time does without anybody asking: brought forward by jobs, at most early, never twice. */

const DAY = 86_400_000;

/** A point per euro, pending for a week and good for a month; silver from 100 euros in 30 days. The days are Paris's. */
async function shop(t: Test, options: TestAppOptions = {}): Promise<TestApp> {
  const app = await testApp(t, options);
  const { headers } = await app.request('GET', '/v1/wallets/points');
  const points = { name: 'Points', pending: 'P7D', expiry: { after: 'P1M' } };
  await app.request('PUT', '/v1/wallets/points', points, { 'if-match': `${headers['etag']}` });
  const effect = { type: 'per_amount', points: 1, per: 100 };
  await app.request('PUT', '/v1/earn-rules/base', { name: 'Base', trigger: 'purchase', effect });
  const entry = { field: 'spend', window: '30d', op: 'gte', value: 10_000 };
  await app.request('PUT', '/v1/tiers/silver', { name: 'Silver', rank: 1, entry });
  const { headers: program } = await app.request('GET', '/v1/program');
  const quiet = { policies: { tier_expiring_days: null, points_expiring_days: null } };
  await app.request('PATCH', '/v1/program', quiet, { 'if-match': `${program['etag']}` });
  return app;
}

async function buy({ request }: TestApp, member: string, cents: number, id = `of-${member}`): Promise<void> {
  await request('PUT', `/v1/members/${member}`, {});
  const { status, text } = await request('POST', '/v1/purchases', purchaseOf(id, member, cents));
  if (status !== 201) throw new Error(text);
}

const settle = ({ service, clock }: TestApp): Promise<number> =>
  settleDue(service.services.database, service.services.queue, clock.now);

/** Settles as the job does: again and again until nobody is due. */
async function settleAll(app: TestApp): Promise<number> {
  let settled = 0;
  for (let due = await settle(app); due > 0; due = await settle(app)) settled += due;
  return settled;
}

const rowsOf = <Row extends object>({ databaseUrl }: TestApp, sql: string): Promise<Row[]> =>
  asOwner(databaseUrl, async (client) => (await client.query<Row>(sql)).rows);

const instants = async (app: TestApp, sql: string): Promise<(string | null)[]> =>
  (await rowsOf<{ at: number | null }>(app, sql)).map(({ at }) =>
    at === null ? null : new Date(Number(at)).toISOString(),
  );

const dueOf = (app: TestApp) =>
  instants(
    app,
    `select extract(epoch from nullif(due_at, 'infinity')) * 1000 as at from member_due order by member_id`,
  );

/** Everything that has happened to members, with the instant it counts from. */
const history = async (app: TestApp): Promise<string[]> => {
  const rows = await rowsOf<{ what: string; at: Date }>(
    app,
    `select concat_ws(' ', movement, points) as what, occurred_at as at from ledger_entry
     union all
     select concat_ws(' ', coalesce(from_tier, 'none'), 'to', coalesce(to_tier, 'none')), at from tier_transition
     order by at, what`,
  );
  return rows.map(({ what, at }) => `${at.toISOString()} ${what}`);
};

const released = '2026-03-08T23:00:00.000Z';
const left = '2026-03-31T22:00:00.000Z';
const expired = '2026-04-02T22:00:00.000Z';
const everything = [
  '2026-03-02T10:00:00.000Z earn 120',
  '2026-03-02T10:00:00.000Z none to silver',
  `${released} release 120`,
  `${left} silver to none`,
  `${expired} expire 120`,
];

test('given points and a tier that end, each is settled when its time has come, and not before', async (t) => {
  const app = await shop(t);
  await buy(app, 'ada', 12_000);
  for (const [instant, next, count] of [
    [released, left, 3],
    [left, expired, 4],
    [expired, null, 5],
  ] as const) {
    t.strictSame(await dueOf(app), [instant]);
    app.clock.now = Date.parse(instant) - 1;
    t.equal(await settle(app), 0, `not before ${instant}`);
    app.clock.now += 1;
    t.equal(await settle(app), 1);
    t.equal(await settle(app), 0, 'once');
    t.strictSame(await history(app), everything.slice(0, count));
    t.strictSame(await dueOf(app), [next]);
  }
  t.strictSame(await auditFaults(app), []);
});

test('given a job that comes late, everything has happened at its own time all the same', async (t) => {
  const app = await shop(t);
  await buy(app, 'ada', 12_000);
  app.clock.now += 400 * DAY;
  t.equal(await settleAll(app), 1);
  t.strictSame(await history(app), everything);
  t.strictSame(await dueOf(app), [null]);
  const [{ late } = { late: 0 }] = await rowsOf<{ late: number }>(
    app,
    `select count(*)::integer as late from ledger_entry where recorded_at = '${new Date(app.clock.now).toISOString()}'`,
  );
  t.equal(late, 2, 'and says when it was written down');
  t.strictSame(await auditFaults(app), []);
});

test('given a tier that rests on several days, what was due early becomes due at the true instant', async (t) => {
  const app = await shop(t, { now: '2026-03-01T10:00:00Z' });
  const { headers } = await app.request('GET', '/v1/wallets/points');
  await app.request('PUT', '/v1/wallets/points', { name: 'Points' }, { 'if-match': `${headers['etag']}` });
  for (const [index, cents] of [1_000, 3_000, 4_000, 5_000].entries()) {
    await buy(app, 'ada', cents, `o-${index}`);
    app.clock.now += DAY;
  }
  t.strictSame(await dueOf(app), ['2026-03-30T22:00:00.000Z'], 'when the first day leaves the window at the earliest');
  app.clock.now = Date.parse('2026-03-30T22:00:00Z');
  t.equal(await settleAll(app), 1);
  // Without the first day 12,000 are left, without the second 9,000: that one leaves with the beginning of April 1st.
  t.strictSame(await dueOf(app), ['2026-03-31T22:00:00.000Z']);
  app.clock.now = Date.parse('2026-03-31T22:00:00Z') - 1;
  t.equal(await settleAll(app), 0);
  app.clock.now += 1;
  t.equal(await settleAll(app), 1);
  t.match((await history(app)).at(-1), '2026-03-31T22:00:00.000Z silver to none');
  t.strictSame(await dueOf(app), [null]);
});

test('given two instances whose jobs find the same members at once, everybody is settled once', async (t) => {
  const app = await shop(t, { config: { batchMax: 16 } });
  const other = await app.instance();
  const members = Array.from({ length: 60 }, (_, index) => `m-${index}`);
  await Promise.all(members.map((member) => buy(app, member, 12_000)));
  app.clock.now += 400 * DAY;
  const locked = await holdUp(t, app.databaseUrl, 'select from member_state for update');
  const settling = Promise.all([app, other].map(settle));
  await eventually(async () => (await locked.waiting()) >= 2);
  await locked.release();
  t.strictSame(await settling, [60, 60]);
  t.strictSame(
    await rowsOf(
      app,
      `select movement, count(*)::integer, count(distinct member_id)::integer as members from ledger_entry group by 1 order by 1`,
    ),
    ['earn', 'expire', 'release'].map((movement) => ({ movement, count: 60, members: 60 })),
  );
  t.strictSame(await rowsOf(app, 'select count(*)::integer from tier_transition'), [{ count: 120 }]);
  t.strictSame(await auditFaults(app), []);
});

test('given a member that cannot be settled, all others are, and the fault is told', async (t) => {
  const app = await shop(t);
  for (const member of ['m-1', 'm-2', 'broken', 'm-3', 'm-4']) await buy(app, member, 12_000);
  const pending = (points: number) =>
    `update member_state set state = jsonb_set(state::jsonb, '{accounts,points,pending}', '${points}') where external_id = 'broken'`;
  await rowsOf(app, pending(7));
  app.clock.now += 8 * DAY;
  const releases = () =>
    rowsOf(
      app,
      `select external_id from ledger_entry join member_state using (program_id, shard, member_id) where movement = 'release' order by 1`,
    );
  await t.rejects(settle(app), { message: 'invariants broken: pending of points is -113' });
  t.strictSame(
    await releases(),
    ['m-1', 'm-2', 'm-3', 'm-4'].map((external_id) => ({ external_id })),
  );
  await t.rejects(settle(app), 'it is not forgotten');
  await rowsOf(app, pending(120));
  t.equal(await settle(app), 1);
  t.match((await releases())[0], { external_id: 'broken' });
  t.strictSame(await auditFaults(app), []);
});

test('given more jobs than can be done at once, callers have three quarters of every batch', async (t) => {
  const app = await shop(t, { config: { lanes: 1, batchMax: 8 } });
  const { queue } = app.service.services;
  for (let index = 0; index < 48; index++) await app.request('PUT', `/v1/members/m-${index}`, {});
  const ids = await rowsOf<{ program: ProgramId; member: MemberId; name: string }>(
    app,
    'select program_id as program, member_id::integer as member, external_id as name from member_state order by member_id',
  );
  const [held, ...others] = ids;
  const locked = await holdUp(
    t,
    app.databaseUrl,
    `select from member_state where external_id = '${held!.name}' for update`,
  );
  const first = app.request('POST', '/v1/purchases', purchaseOf('first', held!.name, 100));
  await eventually(async () => (await locked.waiting()) === 1);

  const answered: string[] = [];
  const [ofJobs, ofCallers] = [others.slice(0, 23), others.slice(23)];
  const jobs = ofJobs.map(({ program, member }) =>
    queue
      .submit(submissionOf(program, { kind: 'settle_member', member_id: member }, 0))
      .then(() => answered.push('job')),
  );
  const callers = ofCallers.map(({ name }) =>
    app.request('POST', '/v1/purchases', purchaseOf(`of-${name}`, name, 100)).then(() => answered.push('caller')),
  );
  await eventually(async () => queue.length === others.length);
  await locked.release();
  await Promise.all([first, ...jobs, ...callers]);
  // 24 callers at 6 a batch: four batches, and in each of them 2 jobs.
  const untilLastCaller = answered.slice(0, answered.lastIndexOf('caller') + 1);
  t.equal(untilLastCaller.filter((who) => who === 'caller').length, 24);
  t.ok(untilLastCaller.filter((who) => who === 'job').length <= 8, `${untilLastCaller}`);
  t.ok(untilLastCaller.filter((who) => who === 'job').length > 0, 'and jobs are not forgotten');
});

test('an answer under an Idempotency-Key is kept for seven days, and swept then', async (t) => {
  const app = await testApp(t);
  await app.request('PUT', '/v1/members/ada', {});
  const adjustment = { member: 'ada', points: 5, reason: 'Because', actor: 'test' };
  const adjust = (key: string) => app.request('POST', '/v1/adjustments', adjustment, { 'idempotency-key': key });
  const sweep = () => sweepAll(app.service.services.database, app.clock.now, 30);
  const first = await adjust('k-1');
  app.clock.now += 7 * DAY - 1;
  await adjust('k-2');
  t.equal(await sweep(), 0);
  t.match(await adjust('k-1'), { status: 201, text: first.text, headers: { 'idempotent-replayed': 'true' } });
  app.clock.now += 1;
  t.equal(await sweep(), 1);
  t.equal(await sweep(), 0);
  t.match(await adjust('k-1'), { status: 201, body: { balances: [{ available: 15 }] } }, 'a new request');
  await rowsOf(
    app,
    `insert into idempotency_key select program_id, shard, member_id, 'old-' || n, fingerprint, status, answer, now() - interval '1 year' from idempotency_key, generate_series(1, 2500) n where key = 'k-2'`,
  );
  t.equal(await sweep(), 2_500, 'however many there are');
  t.strictSame(await rowsOf(app, 'select key from idempotency_key order by 1'), [{ key: 'k-1' }, { key: 'k-2' }]);
});

test('a service with jobs settles by itself', async (t) => {
  const app = await shop(t, { config: { jobs: true } });
  await buy(app, 'ada', 12_000);
  app.clock.now += 8 * DAY;
  await eventually(async () => (await history(app)).some((line) => line.endsWith('release 120')));
  t.strictSame(await dueOf(app), [left]);
});

test('jobs: one run at a time, again at once while there is more, again at the next turn after a failure, none after the stop', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const failures: string[] = [];
  const runs: PromiseWithResolvers<boolean>[] = [];
  const work = (): Promise<boolean> => {
    runs.push(Promise.withResolvers<boolean>());
    return runs.at(-1)!.promise;
  };
  const jobs = startJobs([{ name: 'job', everyMs: 1_000, work }], (name, error) => failures.push(`${name}: ${error}`));
  const runsAfter = async (milliseconds: number): Promise<number> => {
    // What a run's end leads to happens before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(milliseconds);
    return runs.length;
  };
  t.equal(await runsAfter(999), 0);
  t.equal(await runsAfter(1), 1);
  t.equal(await runsAfter(10_000), 1, 'it is still running');
  runs[0]!.resolve(true);
  t.equal(await runsAfter(0), 2, 'there is more');
  runs[1]!.reject('this once');
  t.equal(await runsAfter(999), 2);
  t.strictSame(failures, ['job: this once']);
  t.equal(await runsAfter(1), 3);
  runs[2]!.resolve(false);
  t.equal(await runsAfter(999), 3);
  t.equal(await runsAfter(1), 4);
  let stopped = false;
  const stopping = jobs.stop().then(() => {
    stopped = true;
  });
  await runsAfter(0);
  t.notOk(stopped, 'the stop waits for the run');
  runs[3]!.resolve(true);
  await stopping;
  t.equal(await runsAfter(10_000), 4);
});
