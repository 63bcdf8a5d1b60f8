import { type Test, test } from 'tap';
import { doFollowUps } from '../../src/jobs/follow-up.ts';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { asOwner } from '../helpers/programs.ts';
import { eventually } from '../helpers/service-process.ts';

/* A member's code, a friend's enrolment with it, a first purchase, and points for both: once. */

const rule = (points: number, side: string) => ({
  name: side,
  trigger: 'referral.qualified',
  effect: { type: 'fixed', points },
  condition: { field: 'activity.side', op: 'eq', value: side },
});

const shop = async (t: Test): Promise<TestApp & { code: string }> => {
  const app = await testApp(t);
  const answers = [
    await app.request('PUT', '/v1/earn-rules/thanks', rule(100, 'referrer')),
    await app.request('PUT', '/v1/earn-rules/hello', rule(30, 'friend')),
    await app.request('PATCH', '/v1/program', { policies: { referral_minimum_spend: 1_000 } }),
    await app.request('PUT', '/v1/members/ada', {}),
  ];
  for (const { status, text } of answers) if (status >= 400) throw new Error(text);
  const { body } = await app.request('POST', '/v1/members/ada/referral-code');
  return { ...app, code: body.referral_code };
};

const enrol = ({ request, code }: { request: TestApp['request']; code: string }, member: string) =>
  request('PUT', `/v1/members/${member}`, { referred_by: code });

const availableOf = async ({ request }: TestApp, member: string): Promise<number> =>
  (await request('GET', `/v1/members/${member}`)).body.accounts[0].available;

const open = ({ databaseUrl }: TestApp): Promise<number> =>
  asOwner(databaseUrl, async (client) => {
    const { rows } = await client.query<{ open: number }>(
      'select count(*)::integer as open from follow_up where done_at is null',
    );
    return rows[0]!.open;
  });

const settled = (app: TestApp) => eventually(async () => (await open(app)) === 0);

/** An instance whose follow-ups are lost, as if it had ended right after the commit. */
const losingFollowUps = (app: TestApp): (() => void) => {
  const { queue } = app.service.services;
  const submit = queue.submit.bind(queue);
  queue.submit = (submission) =>
    submission.command.kind === 'credit_referrer' ? Promise.reject(new Error('ended')) : submit(submission);
  return () => {
    queue.submit = submit;
  };
};

test('given a friend enrolled with a code, the first large enough purchase gives to both, once and for good', async (t) => {
  const app = await shop(t);
  t.match(app.code, /^[a-z0-9]{16}$/);
  t.match((await app.request('POST', '/v1/members/ada/referral-code')).body, {
    member: 'ada',
    referral_code: app.code,
  });
  t.match(await enrol(app, 'bea'), {
    status: 201,
    body: { referral_code: null, referred_by: app.code, referral_qualified_at: null },
  });
  await app.request('POST', '/v1/purchases', purchaseOf('small', 'bea', 999));
  t.equal(await availableOf(app, 'bea'), 0);
  const bought = await app.request('POST', '/v1/purchases', purchaseOf('first', 'bea', 1_000));
  t.match(bought.body, { balances: [{ available: 30 }] });
  await settled(app);
  t.equal(await availableOf(app, 'ada'), 100);
  await app.request('POST', '/v1/purchases', purchaseOf('second', 'bea', 5_000));
  t.equal(await doFollowUps(app.service.services.database, app.service.services.queue), 0);
  t.equal(await availableOf(app, 'bea'), 30);
  t.equal(await availableOf(app, 'ada'), 100);
  t.match((await app.request('GET', '/v1/members/bea')).body.referral_qualified_at, '2026-03-02T10:00:00.000Z');
  for (const [member, side, cause] of [
    ['ada', 'referrer', null],
    ['bea', 'friend', 'first'],
  ] as const) {
    t.match((await app.request('GET', `/v1/members/${member}/activities`)).body.data, [
      { id: null, type: 'referral', fields: { side } },
    ]);
    t.match((await app.request('GET', `/v1/members/${member}/ledger-entries`)).body.data, [
      { cause: 'referral.qualified', cause_id: cause },
    ]);
  }
  t.strictSame(await auditFaults(app), []);
});

test('a code is taken with the enrolment, of another member, and no other time', async (t) => {
  const app = await shop(t);
  t.match(await enrol({ ...app, code: 'nobodys' }, 'bea'), {
    status: 422,
    body: { code: 'unknown_referral_code', errors: [{ pointer: '/referred_by' }] },
  });
  t.match((await app.request('GET', '/v1/members/bea')).status, 404);
  t.match(await enrol(app, 'ada'), { status: 422, body: { code: 'own_referral_code' } });
  await app.request('PUT', '/v1/members/cem', {});
  t.match(await enrol(app, 'cem'), { status: 409, body: { code: 'already_enrolled' } });
  t.match(await app.request('PATCH', '/v1/members/cem', { referred_by: app.code }), { status: 400 });
  t.match((await enrol(app, 'bea')).status, 201);
  t.match((await enrol(app, 'bea')).status, 200, 'the same again');
  t.match(await app.request('PUT', '/v1/members/bea', {}), { status: 200, body: { referred_by: app.code } });
  const other = await app.program('other');
  t.match(await enrol({ request: other.request, code: app.code }, 'bea'), { status: 422 }, 'not of another program');
});

test('given an instance that ends between the two commits, the job credits the referrer, and only once', async (t) => {
  const app = await shop(t);
  await enrol(app, 'bea');
  const found = losingFollowUps(app);
  await app.request('POST', '/v1/purchases', purchaseOf('first', 'bea', 1_000));
  t.equal(await open(app), 1);
  t.equal(await availableOf(app, 'ada'), 0);
  await t.rejects(doFollowUps(app.service.services.database, app.service.services.queue), 'a failure is told');
  found();
  const other = await app.instance();
  const jobs = [app, other, app, other].map(({ service: { services } }) =>
    doFollowUps(services.database, services.queue),
  );
  await Promise.all(jobs);
  t.equal(await open(app), 0);
  t.equal(await availableOf(app, 'ada'), 100);
  t.strictSame(await auditFaults(app), []);
});

test('given a referrer who is closed by then, nothing is given; one who is suspended earns', async (t) => {
  const app = await shop(t);
  await app.request('PUT', '/v1/members/sue', {});
  const sues = (await app.request('POST', '/v1/members/sue/referral-code')).body.referral_code;
  await enrol(app, 'bea');
  await enrol({ request: app.request, code: sues }, 'cem');
  await app.request('POST', '/v1/members/ada/close');
  await app.request('POST', '/v1/members/sue/suspend');
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'bea', 1_000));
  await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'cem', 1_000));
  await settled(app);
  t.equal(await availableOf(app, 'ada'), 0);
  t.equal(await availableOf(app, 'sue'), 100);
  t.equal(await availableOf(app, 'bea'), 30);
  t.match(await app.request('POST', '/v1/members/ada/referral-code'), { status: 409, body: { code: 'member_closed' } });
});

test('given many friends who buy at once, the referrer is credited for each', async (t) => {
  const app = await shop(t);
  const friends = Array.from({ length: 20 }, (_, index) => `f-${index}`);
  await Promise.all(friends.map((friend) => enrol(app, friend)));
  await Promise.all(
    friends.flatMap((friend) => [
      app.request('POST', '/v1/purchases', purchaseOf(`a-${friend}`, friend, 1_000)),
      app.request('POST', '/v1/purchases', purchaseOf(`b-${friend}`, friend, 1_000)),
    ]),
  );
  await settled(app);
  t.equal(await availableOf(app, 'ada'), 2_000);
  t.strictSame(await auditFaults(app), []);
});
