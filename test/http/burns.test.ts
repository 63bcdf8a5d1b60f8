import { type Test, test } from 'tap';
import { type Answer, allBut, type TestApp, type TestAppOptions, testApp, withPoints } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { asOwner } from '../helpers/programs.ts';

/* How fast points may be burned, as a shop and whoever attacks it see it: see `test/engine/burns.test.ts` for the rules. */

const HOUR = 3_600_000;

const guarded = async (t: Test, policies: object, options: TestAppOptions = {}): Promise<TestApp> => {
  const app = await testApp(t, options);
  t.equal((await app.request('PATCH', '/v1/program', { policies })).status, 200);
  return app;
};

const redeem = ({ request }: Pick<TestApp, 'request'>, id: string, points: number, member = 'ada'): Promise<Answer> =>
  request('POST', '/v1/redemptions', { id, member, points });

const statuses = (answers: readonly Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 300 ? `${status}` : body.code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

const told = ({ databaseUrl }: TestApp, type: string): Promise<number> =>
  asOwner(databaseUrl, async (client) => {
    const { rowCount } = await client.query(
      `select from outbox cross join lateral json_array_elements(events) event where event ->> 'type' = $1`,
      [type],
    );
    return rowCount ?? 0;
  });

test('of sixty redemptions of a member to two instances at once, as many are taken as the limit says, and one refusal is told', async (t) => {
  const app = await guarded(t, { burn_limits: [{ within: 'PT1H', times: 5 }] });
  const apps = [app, await app.instance()];
  await withPoints(app, 'ada', 1_000);
  const burst = (name: string) =>
    Promise.all(Array.from({ length: 60 }, (_, index) => redeem(apps[index % 2]!, `${name}-${index}`, 3)));
  t.strictSame(statuses(await burst('r')), { 201: 5, burn_limit_reached: 55 });
  t.equal(await told(app, 'burn.refused'), 1);
  app.clock.now += HOUR - 1;
  t.strictSame(statuses(await burst('s')), { burn_limit_reached: 60 });
  app.clock.now += HOUR / 12 + 1;
  t.strictSame(statuses(await burst('u')), { 201: 5, burn_limit_reached: 55 });
  t.equal(await told(app, 'burn.refused'), 2, 'once a window');
  t.equal((await app.request('GET', '/v1/members/ada')).body.accounts[0].available, 970);
  t.strictSame(await auditFaults(app), []);
  await asOwner(app.databaseUrl, (client) =>
    client.query(`update member_state set state = replace(state::text, '"times":5', '"times":6')::json`),
  );
  t.match(await auditFaults(app), [/^what a member is counted to have burned lately is in the ledger: .* in 6 burns/]);
});

test('burns with one API key are counted over all members and instances, each key by itself', async (t) => {
  const limits = [
    { within: 'PT2H', times: 7, per: 'key' },
    { within: 'P1D', points: 40, per: 'key' },
  ];
  // Small batches: that of one instance is to come between those of the other.
  const config = { batchMax: 2 };
  const app = await guarded(t, { burn_limits: limits }, { config });
  const apps = [app, await app.instance()];
  const names = Array.from({ length: 12 }, (_, index) => `m-${index}`);
  for (const name of names) await withPoints(app, name, 100);
  const second = await app.keyWith('write');
  // Each instance has members of its own: a member's lock would keep their batches apart by itself.
  const burst = (name: string, key: string, points: number) =>
    Promise.all(
      [...names, ...names].map((member, index) =>
        redeem({ request: apps[index % 2]!.as(key) }, `${name}-${index}`, points, member),
      ),
    );
  const [one, two] = await Promise.all([burst('a', app.key, 5), burst('b', second, 9)]);
  t.strictSame(statuses(one), { 201: 7, burn_limit_reached: 17 }, 'no more often');
  t.strictSame(statuses(two), { 201: 4, burn_limit_reached: 20 }, 'no more points');
  app.clock.now += 2 * HOUR + HOUR / 6;
  t.strictSame(
    statuses(await burst('c', app.key, 5)),
    { 201: 1, burn_limit_reached: 23 },
    'five points of the day are left',
  );
  t.strictSame(await auditFaults(app), []);
  await asOwner(app.databaseUrl, (client) =>
    client.query(`update key_burns set burns = regexp_replace(burns::text, '"points":35', '"points":99')::json`),
  );
  t.match(await auditFaults(app), [
    /^what was burned lately with API keys is in the ledger: .* 135 points .* says 71$/,
  ]);
});

test('what was accepted is answered again while a limit is reached and while the member is frozen, byte for byte', async (t) => {
  const app = await guarded(t, {
    burn_limits: [{ within: 'P1D', times: 1 }],
    freeze_after_identity_change_hours: 48,
  });
  await withPoints(app, 'ada', 100);
  const first = await redeem(app, 'r-1', 10);
  t.equal(first.status, 201);
  const refused = await app.request(
    'POST',
    '/v1/redemptions',
    { id: 'r-2', member: 'ada', points: 10 },
    { 'idempotency-key': 'once' },
  );
  t.match(refused, {
    status: 409,
    body: {
      code: 'burn_limit_reached',
      errors: [{ pointer: '/points', expected: 'at most 1 times within P1D per member' }],
    },
  });
  const again = await redeem(app, 'r-1', 10);
  t.strictSame([again.status, again.text, again.headers['idempotent-replayed']], [201, first.text, 'true']);
  await app.request('PATCH', '/v1/members/ada', { identities: [{ kind: 'email', value: 'new@example.org' }] });
  app.clock.now += 27 * HOUR;
  t.match((await redeem(app, 'r-3', 10)).body, { code: 'member_frozen', detail: /2026-03-04T10:00:00.000Z/ });
  t.strictSame((await redeem(app, 'r-1', 10)).text, first.text);
  const same = await app.request(
    'POST',
    '/v1/redemptions',
    { id: 'r-2', member: 'ada', points: 10 },
    { 'idempotency-key': 'once' },
  );
  t.strictSame(same.text, refused.text, 'a refusal under its key, too');
  const held = { id: 'r-4', member: 'ada', points: 10, capture: false };
  t.match((await app.request('POST', '/v1/redemptions', held)).body, { code: 'member_frozen' });
  t.strictSame([await told(app, 'member.frozen'), await told(app, 'burn.refused')], [1, 2]);
  t.strictSame(await auditFaults(app), []);
});

test('in a sandbox a member is frozen, thaws with its clock, and is unfrozen by who may adjust', async (t) => {
  const app = await testApp(t);
  const play = await app.program('play', { sandbox: true, clock: '2026-03-02T10:00:00Z' });
  await play.request('PATCH', '/v1/program', { policies: { freeze_after_identity_change_hours: 24 } });
  await withPoints(play, 'ada', 100);
  const frozenUntil = async () => (await play.request('GET', '/v1/members/ada')).body.frozen_until;
  const move = (to: string) => play.request('POST', '/v1/sandbox/clock', { to });
  const cards = (...values: string[]) =>
    play.request('PATCH', '/v1/members/ada', { identities: values.map((value) => ({ kind: 'card', value })) });

  t.equal(await frozenUntil(), null);
  t.equal((await cards('1')).body.frozen_until, '2026-03-03T10:00:00.000Z');
  t.match((await redeem(play, 'r-1', 1)).body, { code: 'member_frozen' });
  await move('2026-03-03T09:59:59.999Z');
  t.match((await redeem(play, 'r-1', 1)).body, { code: 'member_frozen' });
  await move('2026-03-03T10:00:00Z');
  t.equal(await frozenUntil(), null);
  t.equal((await redeem(play, 'r-1', 1)).status, 201, 'the same redemption, refused before');

  await cards();
  t.equal(await frozenUntil(), '2026-03-04T10:00:00.000Z', 'removed');
  t.equal((await cards()).body.frozen_until, '2026-03-04T10:00:00.000Z');
  t.match((await redeem(play, 'r-2', 1)).body, { code: 'member_frozen' });
  const adjustment = { member: 'ada', points: -5, reason: 'because', actor: 'somebody' };
  t.equal((await play.request('POST', '/v1/adjustments', adjustment, { 'idempotency-key': 'a' })).status, 201);
  const lines = { id: 'b-1', lines: [{ line: 0, quantity: 1 }] };
  t.equal((await play.request('POST', '/v1/purchases/first-of-ada/returns', lines)).status, 201);
  t.match(await play.request('POST', '/v1/members/ada/unfreeze'), { status: 200, body: { frozen_until: null } });
  t.equal(await told(app, 'member.unfrozen'), 1);
  const unwelcome = app.as(await app.keyWith(...allBut('adjust')));
  t.match(await unwelcome('POST', '/v1/members/ada/unfreeze'), { status: 403 });
});

test('limits that limit nothing, or nothing that can be measured, are refused with their place', async (t) => {
  const app = await testApp(t);
  const patch = (...burn_limits: object[]) => app.request('PATCH', '/v1/program', { policies: { burn_limits } });
  t.match(await patch({ within: 'PT1H', times: 1 }, { within: 'P1D' }), {
    status: 422,
    body: { code: 'invalid_configuration', errors: [{ pointer: '/policies/burn_limits/1', code: 'required' }] },
  });
  for (const wrong of [
    { within: 'PT0H', times: 1 },
    { within: 'P1M', times: 1 },
    { within: 'PT1H', times: 0 },
    { within: 'PT1H', points: -1 },
    { within: 'PT1H', times: 1, per: 'shop' },
    { times: 1 },
  ])
    t.match(await patch(wrong), { status: 400, body: { errors: [{ pointer: /^\/policies\/burn_limits\/0/ }] } });
  const many = Array.from({ length: 6 }, () => ({ within: 'PT1H', times: 1 }));
  t.equal((await patch(...many)).status, 400);
  t.match((await patch({ within: 'PT1H', times: 2 })).body.policies.burn_limits, [
    { within: 'PT1H', times: 2, points: null, per: 'member' },
  ]);
});
