import { type Test, test } from 'tap';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { asOwner } from '../helpers/programs.ts';

/* What members do other than buying: reported once, typed, counted by day, and giving what rules give for it. */

const DAY = 86_400_000;

const workshop = {
  name: 'Workshop',
  fields: {
    topic: { name: 'Topic', type: 'string', values: ['knitting', 'sewing'] },
    hours: { name: 'Hours', type: 'integer' },
    online: { name: 'Online', type: 'boolean' },
  },
};

const shop = async (t: Test): Promise<TestApp> => {
  const app = await testApp(t);
  const effect = { type: 'fixed', points: 20 };
  await app.request('PUT', '/v1/activity-types/workshop', workshop);
  await app.request('PUT', '/v1/context-fields/device', { name: 'Device', type: 'string', values: ['mobile', 'desk'] });
  const rule = { name: 'Workshops', trigger: 'activity', activity: 'workshop', effect };
  const answers = [
    await app.request('PUT', '/v1/earn-rules/workshops', rule),
    await app.request('PUT', '/v1/earn-rules/welcome', { name: 'Welcome', trigger: 'enrolment', effect }),
    await app.request('PUT', '/v1/segments/busy', {
      name: 'Busy',
      condition: { field: 'activities', activity: 'workshop', window: '7d', op: 'gte', value: 2 },
    }),
    await app.request('PUT', '/v1/members/ada', {}),
  ];
  for (const { status, text } of answers) if (status >= 400) throw new Error(text);
  return app;
};

const report = (id: string, more: object = {}) => ({ id, member: 'ada', type: 'workshop', ...more });
const record = ({ request }: TestApp, id: string, more: object = {}) =>
  request('POST', '/v1/activities', report(id, more));

test('given a declared activity, it is recorded once, earns, counts, and is read again', async (t) => {
  const app = await shop(t);
  const fields = { topic: 'sewing', hours: 2, online: false };
  const first = await record(app, 'a-1', { fields, context: { device: 'mobile', mood: 'good' } });
  t.match(first, {
    status: 201,
    body: {
      id: 'a-1',
      member: 'ada',
      type: 'workshop',
      earned: [{ wallet: 'points', points: 20, rules: [{ rule: 'workshops', points: 20 }] }],
      balances: [{ available: 40 }],
      segments: [],
    },
  });
  const again = await record(app, 'a-1', { context: { mood: 'good', device: 'mobile' }, fields });
  t.match(again, { status: 201, text: first.text, headers: { 'idempotent-replayed': 'true' } });
  t.match(await record(app, 'a-1'), { status: 409, body: { code: 'activity_conflict' } });
  t.match(await record(app, 'a-2'), { status: 201, body: { balances: [{ available: 60 }], segments: ['busy'] } });
  t.match((await app.request('GET', '/v1/activities/a-1')).body, {
    id: 'a-1',
    member: 'ada',
    fields,
    context: { device: 'mobile', mood: 'good' },
    rules: [{ rule: 'workshops', points: 20 }],
  });
  t.match(await app.request('GET', '/v1/activities/a-9'), { status: 404 });
  const page = (await app.request('GET', '/v1/members/ada/activities?limit=1')).body;
  t.match(page, { data: [{ id: 'a-2' }], has_more: true });
  t.match((await app.request('GET', `/v1/members/ada/activities?cursor=${page.next_cursor}`)).body, {
    data: [{ id: 'a-1' }],
    has_more: false,
  });
  app.clock.now += 7 * DAY;
  t.match((await app.request('GET', '/v1/members/ada')).body.segments, [], 'the window has moved on');
  const entries = (await app.request('GET', '/v1/members/ada/ledger-entries')).body.data;
  t.match(
    entries.map((entry: { cause: string; cause_id: string }) => `${entry.cause} ${entry.cause_id}`),
    ['activity a-2', 'activity a-1', 'enrolment '],
  );
  t.strictSame(await auditFaults(app), []);
});

test('what does not fit the declaration is refused by pointer, with what was meant', async (t) => {
  const app = await shop(t);
  const cases: [more: object, status: number, code: string, faults: object[]][] = [
    [{ type: 'wrkshop' }, 422, 'unknown_activity_type', [{ pointer: '/type', expected: /did you mean workshop/ }]],
    [{ type: 'birthday' }, 422, 'engine_activity', [{ pointer: '/type' }]],
    [{ type: 'enrolment' }, 422, 'engine_activity', [{ pointer: '/type' }]],
    [{ fields: { topics: 'sewing' } }, 422, 'unknown_field', [{ pointer: '/fields/topics', expected: /mean topic\?/ }]],
    [
      { fields: { topic: 'sowing', hours: 'two', online: 1 } },
      422,
      'invalid_field',
      [
        { pointer: '/fields/topic', expected: /did you mean sewing/ },
        { pointer: '/fields/hours', expected: 'a whole number' },
        { pointer: '/fields/online', expected: 'true or false' },
      ],
    ],
    [{ type: 'survey', fields: { nps: 11 } }, 422, 'invalid_field', [{ pointer: '/fields/nps' }]],
    [{ type: 'survey', fields: { nps: -1 } }, 422, 'invalid_field', [{ pointer: '/fields/nps' }]],
    [{ context: { device: 'mobil' } }, 422, 'invalid_context', [{ pointer: '/context/device', expected: /mobile/ }]],
    [{ occurred_at: '2026-03-02T10:06:00Z' }, 422, 'occurred_in_future', [{ pointer: '/occurred_at' }]],
    [{ occurred_at: '2026-01-01T10:06:00Z' }, 422, 'report_too_late', [{ pointer: '/occurred_at' }]],
    [{ member: 'nobody' }, 404, 'member_not_found', [{ pointer: '/member' }]],
    [{ fields: { topic: null } }, 400, 'invalid_request', []],
  ];
  for (const [more, status, code, errors] of cases)
    t.match(await record(app, 'a-1', more), { status, body: { code, errors } }, JSON.stringify(more));
  const odd = purchaseOf('o-1', 'ada', 100, { context: { device: 7, weather: 'rain' } });
  t.match(await app.request('POST', '/v1/purchases', odd), {
    status: 422,
    body: { code: 'invalid_context', errors: [{ pointer: '/context/device', expected: 'text' }] },
  });
  const guests = { ...odd, member: undefined };
  t.match(await app.request('POST', '/v1/purchases', guests), { status: 422, body: { code: 'invalid_context' } });
  t.strictSame((await app.request('GET', '/v1/members/ada/activities')).body.data, []);
  await app.request('POST', '/v1/members/ada/close');
  t.match(await record(app, 'a-1'), { status: 409, body: { code: 'member_closed' } });
});

test('given several surveys, the latest by when it was answered counts', async (t) => {
  const app = await shop(t);
  await app.request('PUT', '/v1/segments/promoters', {
    name: 'Promoters',
    condition: { field: 'nps', op: 'gte', value: 9 },
  });
  const survey = (id: string, nps: number, daysAgo: number) =>
    record(app, id, {
      type: 'survey',
      fields: { nps },
      occurred_at: new Date(app.clock.now - daysAgo * DAY).toISOString(),
    });
  t.match((await survey('s-1', 9, 2)).body.segments, ['promoters']);
  t.match((await survey('s-2', 3, 3)).body.segments, ['promoters'], 'reported later, answered earlier');
  t.match((await survey('s-3', 4, 1)).body.segments, []);
  t.match((await record(app, 's-4', { type: 'survey' })).status, 201, 'without an answer to it');
});

test('given activities at once, reported late, over days, each counts once on its day', async (t) => {
  const app = await shop(t);
  const at = (daysAgo: number) => ({ occurred_at: new Date(app.clock.now - daysAgo * DAY).toISOString() });
  await Promise.all(
    Array.from({ length: 12 }, (_, index) => record(app, `a-${index % 6}`, { type: 'visit', ...at(index % 3) })),
  );
  app.clock.now += DAY;
  await record(app, 'b-1', { type: 'visit' });
  const days = await asOwner(app.databaseUrl, (client) =>
    client.query(`select day::text, activities from member_day where activities::text like '%visit%' order by day`),
  );
  t.strictSame(days.rows, [
    { day: '2026-02-28', activities: { visit: 2 } },
    { day: '2026-03-01', activities: { visit: 2 } },
    { day: '2026-03-02', activities: { enrolment: 1, visit: 2 } },
    { day: '2026-03-03', activities: { visit: 1 } },
  ]);
  t.strictSame(await auditFaults(app), []);
});
