import { test } from 'tap';
import { workImports } from '../../src/jobs/work-imports.ts';
import { query } from '../commands/instance.ts';
import { type Answer, type TestApp, testApp, withPoints } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';

/* Files of members and what is known about them: kept as they come, worked off by any instance, safe to send again. */

type Kind = 'members' | 'identities' | 'consents' | 'tags';

const upload = (app: TestApp, kind: Kind, text: string, options = '', type = 'application/x-ndjson'): Promise<Answer> =>
  app.request('POST', `/v1/imports?kind=${kind}${options}`, text, { 'content-type': type });

/** Works off whatever there is. */
const work = async ({ service: { services } }: TestApp): Promise<void> => {
  while (await workImports(services));
};

/** Sends a file, has it worked off, and reads what became of it. */
const imported = async (app: TestApp, kind: Kind, text: string, options = '', type?: string) => {
  const { status, body } = await upload(app, kind, text, options, type);
  if (status !== 202) throw new Error(JSON.stringify(body));
  await work(app);
  const errors = (await app.request('GET', `/v1/imports/${body.id}/errors`)).text;
  const { succeeded, unchanged, stale, failed, total } = (await app.request('GET', `/v1/imports/${body.id}`)).body;
  return {
    id: body.id as string,
    counts: [total, succeeded, unchanged, stale, failed],
    errors: errors
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  };
};

const lines = (...values: unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

test('a file enrols who is not there, changes the others, and tells what is wrong line by line', async (t) => {
  const app = await testApp(t);
  await app.request('PUT', '/v1/attributes/score', { name: 'Score', type: 'integer' });
  await app.request('PUT', '/v1/members/ada', { profile: { given_name: 'Ada' }, tags: ['vip'] });
  const file = [
    JSON.stringify({ id: 'ada', profile: { language: 'fr' }, attributes: { score: 71 }, add_tags: ['press'] }),
    JSON.stringify({ id: 'bob', profile: { given_name: 'Bob' }, enrolled_at: '2019-05-01T00:00:00Z' }),
    '{"id": "eve", "profile": {"given_name": "Eve"',
    '',
    JSON.stringify({ id: 'eve', profile: { given_name: 7 }, shoe: 1 }),
    JSON.stringify({ id: 'eve', attributes: { unknown: 1 } }),
    JSON.stringify({ id: 'bob', profile: { country: 'FR' } }),
    JSON.stringify({ id: 'ada', profile: { language: 'fr' } }),
    '[]',
  ].join('\r\n');
  const first = await imported(app, 'members', file);
  t.strictSame(first.counts, [8, 3, 1, 0, 4]);
  t.strictSame(
    first.errors.map(({ line, pointer, code }) => [line, pointer, code]),
    [
      [3, '', 'malformed_line'],
      [5, '/shoe', 'additionalProperties'],
      [5, '/profile/given_name', 'type'],
      [6, '/attributes/unknown', 'unknown_attribute'],
      [9, '', 'type'],
    ],
  );
  t.notMatch(JSON.stringify(first.errors), /Eve/, 'nothing of the file is told');
  const [ada, bob] = await Promise.all(['ada', 'bob'].map((id) => app.request('GET', `/v1/members/${id}`)));
  t.match(ada?.body, {
    profile: { given_name: 'Ada', language: 'fr' },
    attributes: { score: 71 },
    tags: ['press', 'vip'],
  });
  t.match(bob?.body, { profile: { given_name: 'Bob', country: 'FR' }, enrolled_at: '2019-05-01T00:00:00.000Z' });
  const again = await imported(app, 'members', file);
  t.strictSame(again.counts, [8, 0, 4, 0, 4], 'the same file again changes nothing');
  t.match((await app.request('GET', `/v1/imports/${first.id}`)).body, { status: 'done', kind: 'members' });
  t.strictSame(
    (await app.request('GET', '/v1/imports')).body.data.map(({ id }: { id: string }) => id),
    [again.id, first.id],
  );
  t.strictSame(await auditFaults(app), []);
});

test('a CSV file says the same with names of columns', async (t) => {
  const app = await testApp(t);
  for (const [code, type] of Object.entries({ score: 'integer', club: 'boolean', likes: 'set', shop: 'string' }))
    await app.request('PUT', `/v1/attributes/${code}`, { name: code, type });
  const header =
    'id,profile.given_name,consents.news.granted,attributes.score,attributes.club,attributes.likes,attributes.shop,identities.card,identities.email,add_tags';
  const file = [
    `\ufeff${header}`,
    'ada,"Ada, ""Countess""\r\nof Lovelace",true,12,false,a|b,7,2099,ada@example.com,vip|press',
    'bob,Bob,,,,,,,,',
    'eve,Eve,perhaps,1.5,,,,,,',
    'too,few',
    'zoe,Zoé,false,-3,true,a,,,,',
  ].join('\r\n');
  const { counts, errors } = await imported(app, 'members', file, '', 'text/csv; charset=utf-8');
  t.strictSame(counts, [5, 3, 0, 0, 2]);
  t.strictSame(
    errors.map(({ line, pointer, code }) => [line, pointer, code]),
    [
      [5, '/consents/news/granted', 'type'],
      [6, '', 'columns'],
    ],
  );
  t.match((await app.request('GET', '/v1/members/card:2099')).body, {
    id: 'ada',
    profile: { given_name: 'Ada, "Countess"\r\nof Lovelace' },
    consents: { news: { granted: true } },
    attributes: { score: 12, club: false, likes: ['a', 'b'], shop: '7' },
    tags: ['press', 'vip'],
  });
  t.match((await app.request('GET', '/v1/members/zoe')).body, {
    profile: { given_name: 'Zoé' },
    attributes: { score: -3 },
  });
  for (const [bad, pointer] of [
    ['id,nmae\na,b', '/header/nmae'],
    ['id,id\na,b', '/header/id'],
    ['id,__proto__.x\na,b', '/header/__proto__.x'],
    ['id,attributes.nothing.deep\na,b', '/header/attributes.nothing.deep'],
  ])
    t.match(await upload(app, 'members', bad!, '', 'text/csv'), { status: 400, body: { errors: [{ pointer }] } });
  t.match(await upload(app, 'members', 'id\n"a\nb', '', 'text/csv'), {
    status: 400,
    body: { code: 'malformed_request' },
  });
  t.equal((await app.request('GET', '/v1/imports')).body.data.length, 1, 'what was refused has left nothing');
  t.strictSame(await query(app.databaseUrl, 'select from import_chunk'), []);
});

test('identities, consents and tags come in files of their own, and leave the rest alone', async (t) => {
  const app = await testApp(t);
  await app.request('PUT', '/v1/members/ada', { identities: [{ kind: 'card', value: '1' }], tags: ['vip', 'old'] });
  await app.request('PUT', '/v1/members/bob', { identities: [{ kind: 'card', value: '3' }] });
  const identities = lines(
    { member: 'ada', kind: 'card', value: '2' },
    { member: 'card:2', kind: 'crm', value: 'c-1' },
    { member: 'ada', kind: 'card', value: '3' },
    { member: 'eve', kind: 'card', value: '4' },
    { member: 'ada', kind: 'email', value: 'no address' },
  );
  const given = await imported(app, 'identities', identities);
  t.strictSame(given.counts, [5, 1, 0, 0, 4]);
  t.strictSame(
    given.errors.map(({ line, pointer, code }) => [line, pointer, code]),
    [
      [2, '/member', 'member_not_found'],
      [3, '/value', 'identity_taken'],
      [4, '/member', 'member_not_found'],
      [5, '/value', 'invalid_identity'],
    ],
  );
  t.strictSame(
    (await imported(app, 'identities', identities)).counts,
    [5, 1, 1, 0, 3],
    'the identity of before can name',
  );
  t.strictSame(
    (await imported(app, 'consents', lines({ member: 'ada', purpose: 'news', granted: true }))).counts,
    [1, 1, 0, 0, 0],
  );
  t.strictSame(
    (await imported(app, 'tags', 'member,add,remove\ncard:1,press,old\n', '', 'text/csv')).counts,
    [1, 1, 0, 0, 0],
  );
  t.match((await app.request('GET', '/v1/members/ada')).body, {
    identities: [{ value: '1' }, { value: '2' }, { value: 'c-1' }],
    consents: { news: { granted: true } },
    tags: ['press', 'vip'],
  });
});

test('the last writer wins by the time of the source', async (t) => {
  const app = await testApp(t);
  const at = (day: number) => `2026-02-0${day}T00:00:00Z`;
  const write = (score: string, day: number) => ({
    id: 'ada',
    profile: { given_name: score },
    source_updated_at: at(day),
  });
  const counts = async (...values: object[]) => (await imported(app, 'members', lines(...values))).counts;
  t.strictSame(await counts(write('b', 2), write('a', 1), write('b', 2), write('c', 3)), [4, 2, 1, 1, 0]);
  const put = await app.request('PUT', '/v1/members/ada', { profile: { given_name: 'b' }, source_updated_at: at(2) });
  t.match(put, {
    status: 200,
    body: { result: 'stale', profile: { given_name: 'c' }, source_updated_at: '2026-02-03T00:00:00.000Z' },
  });
  const patch = await app.request('PATCH', '/v1/members/ada', { profile: { given_name: 'd' } });
  t.match(
    patch.body,
    { result: 'updated', source_updated_at: '2026-02-03T00:00:00.000Z' },
    'without a time it is written',
  );
});

test('members who come from elsewhere are not welcomed, unless that is wanted', async (t) => {
  const app = await testApp(t);
  const rules = {
    welcome: { name: 'Welcome', trigger: 'enrolment', effect: { type: 'fixed', points: 100 } },
    silver: { name: 'Silver', trigger: 'segment.entered', segment: 'all', effect: { type: 'fixed', points: 10 } },
  };
  await app.request('PUT', '/v1/segments/all', { name: 'All', condition: { field: 'spend', op: 'gte', value: 0 } });
  for (const [code, rule] of Object.entries(rules)) {
    const { trigger, ...rest } = rule as { trigger: string };
    const put = await app.request('PUT', `/v1/earn-rules/${code}`, { ...rest, trigger }, { 'if-none-match': '*' });
    if (put.status >= 300) throw new Error(put.text);
  }
  await imported(app, 'members', lines({ id: 'old' }));
  await imported(app, 'members', lines({ id: 'new' }), '&fire_rules=true');
  const [old, young] = await Promise.all(['old', 'new'].map((id) => app.request('GET', `/v1/members/${id}`)));
  t.strictSame([old?.body.accounts[0].available, old?.body.segments.length], [0, 1]);
  t.equal(young?.body.accounts[0].available, 110);
  const events = await query<{ type: string; data: object }>(
    app.databaseUrl,
    `select e ->> 'type' as type, e -> 'data' as data from outbox cross join json_array_elements(events) e
     where e ->> 'type' in ('member.enrolled', 'segment.entered') order by outbox_id`,
  );
  t.strictSame(
    events.map(({ data }) => 'backfill' in data),
    [true, true, false, false],
  );
});

test('a dry run says what would come of it, and changes nothing', async (t) => {
  const app = await testApp(t);
  await app.request('PUT', '/v1/members/ada', { identities: [{ kind: 'card', value: '1' }] });
  const file = lines(
    { id: 'ada', profile: { language: 'fr' } },
    { id: 'ada' },
    { id: 'bob', identities: [{ kind: 'card', value: '1' }] },
    { id: 'eve' },
    { id: 'eve', tags: ['vip'] },
  );
  const dry = await imported(app, 'members', file, '&dry_run=true');
  t.strictSame(dry.counts, [5, 3, 1, 0, 1]);
  t.match(dry.errors, [{ line: 3, pointer: '/identities/0', code: 'identity_taken' }]);
  t.equal((await app.request('GET', '/v1/members/eve')).status, 404);
  t.strictSame((await app.request('GET', '/v1/members/ada')).body.profile, {});
  t.strictSame((await imported(app, 'members', file)).counts, dry.counts, 'and then it does');
});

test('an instance takes up where another left, and nothing is done twice', async (t) => {
  const app = await testApp(t);
  const other = await app.instance();
  const rule = { name: 'Welcome', trigger: 'enrolment', effect: { type: 'fixed', points: 1 } };
  await app.request('PUT', '/v1/earn-rules/welcome', rule, { 'if-none-match': '*' });
  const file = lines(...Array.from({ length: 2_100 }, (_, index) => ({ id: `m-${index}`, tags: ['moved'] })));
  const { body } = await upload(app, 'members', file, '&fire_rules=true');
  // The lines of the first chunk were written, and then the instance ended: what it did not tell is done again.
  const [first] = await query<{ records: [number, object][] }>(
    app.databaseUrl,
    'select records from import_chunk where chunk = 1',
  );
  for (const [, line] of first!.records.slice(0, 200)) {
    const { id, ...member } = line as { id: string };
    await app.request('PUT', `/v1/members/${id}`, member);
  }
  await query(app.databaseUrl, `update import set status = 'running', leased_until = now() + interval '1 day'`);
  app.clock.now = Date.now();
  await work(app);
  t.match(
    (await app.request('GET', `/v1/imports/${body.id}`)).body,
    { status: 'running', succeeded: 0 },
    'it is leased',
  );
  app.clock.now += 2 * 86_400_000;
  await Promise.all([work(app), work(other)]);
  await work(app);
  t.match((await app.request('GET', `/v1/imports/${body.id}`)).body, {
    status: 'done',
    total: 2_100,
    succeeded: 1_900,
    unchanged: 200,
    failed: 0,
  });
  const [sums] = await query<{ members: number; points: number }>(
    app.databaseUrl,
    `select count(*)::integer as members, sum((state -> 'accounts' -> 'points' ->> 'available')::integer)::integer as points from member_state`,
  );
  t.strictSame(sums, { members: 2_100, points: 2_100 });
  t.strictSame(await query(app.databaseUrl, 'select from import_chunk'), [], 'no line of the file is kept');
  t.strictSame(await auditFaults(app), []);
});

test('a cancelled import forgets its lines, and goes after a month', async (t) => {
  const app = await testApp(t);
  const { body } = await upload(app, 'members', lines({ id: 'ada' }, { id: '/' }));
  t.match((await app.request('POST', `/v1/imports/${body.id}/cancel`)).body, { status: 'cancelled', succeeded: 0 });
  await work(app);
  t.equal((await app.request('GET', '/v1/members/ada')).status, 404);
  t.strictSame(await query(app.databaseUrl, 'select from import_chunk'), []);
  t.equal((await app.request('POST', `/v1/imports/${body.id}/cancel`)).body.status, 'cancelled');
  t.equal((await app.request('GET', '/v1/imports/imp_99')).status, 404);
});

test('what is no file of lines is refused', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 1);
  for (const type of ['application/json', 'text/plain'])
    t.match(await upload(app, 'members', '{}', '', type), { status: 415, body: { code: 'unsupported_media_type' } });
  t.match(await app.request('POST', '/v1/imports?kind=cats', '{}', { 'content-type': 'text/csv' }), { status: 400 });
  t.match(await app.request('POST', '/v1/adjustments', 'a,b', { 'content-type': 'text/csv', 'idempotency-key': 'k' }), {
    status: 415,
  });
  const empty = await imported(app, 'members', '');
  t.strictSame([empty.counts, empty.errors], [[0, 0, 0, 0, 0], []]);
});
