import { type Test, test } from 'tap';
import { sweep } from '../../src/jobs/sweep.ts';
import { workImports } from '../../src/jobs/work-imports.ts';
import { createLog } from '../../src/log.ts';
import { numberOutbox } from '../../src/streams/number-events.ts';
import { query } from '../commands/instance.ts';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';

/* What is kept of a person is shown to them, and goes when they ask for it. */

const DAY = 86_400_000;
/** Stands wherever a person, or somebody about a person, can write something. */
const MARK = 'zqxmark';
const note = { reason: `because of ${MARK}`, actor: `the-${MARK}-actor` };
const eraser = { actor: 'privacy-desk-7' };

const person = {
  profile: { given_name: `Ada ${MARK}`, family_name: MARK, birth_date: '1971-03-04', language: 'fr' },
  identities: [
    { kind: 'email', value: `${MARK}@Example.com` },
    { kind: 'card', value: `${MARK}-card` },
  ],
  attributes: { nick: MARK },
  consents: { news: { granted: true, source: `form-${MARK}`, changed_at: '2026-01-05T10:00:00Z' } },
  acquisition: { source: `ad-${MARK}` },
};
const ADA = `ada-${MARK}`;

type Sender = Pick<TestApp, 'request'>;

const sending =
  (t: Test, { request }: Sender) =>
  async (method: string, path: string, body: object | null = null, key?: string) => {
    const answer = await request(method, path, body, key === undefined ? {} : { 'idempotency-key': key });
    if (answer.status >= 300) t.fail(`${method} ${path}: ${answer.text}`);
    return answer.body;
  };

/** A program in which rules, tiers and segments read the person, with Bob in it. */
const openShop = async (t: Test, app: TestApp) => {
  const send = sending(t, app);
  await send('PATCH', '/v1/program', { policies: { transfers: true } });
  await send('PUT', '/v1/attributes/nick', { name: 'Nick', type: 'string', personal: true });
  await send('PUT', '/v1/context-fields/place', { name: 'Place', type: 'string' });
  await send('PUT', '/v1/activity-types/wish', { name: 'Wish', fields: { text: { name: 'Text', type: 'string' } } });
  const effect = { type: 'per_amount', points: 1, per: 100 };
  const condition = { text: 'attributes.nick != "nobody"' };
  await send('PUT', '/v1/earn-rules/base', { name: 'Base', trigger: 'purchase', effect, condition });
  await send('PUT', '/v1/earn-rules/wish', {
    name: 'Wish',
    trigger: 'activity',
    activity: 'wish',
    effect: { type: 'fixed', points: 1 },
    condition,
  });
  const welcome = { name: 'Welcome', trigger: 'enrolment', effect: { type: 'fixed', points: 7 } };
  await send('PUT', '/v1/earn-rules/welcome', welcome);
  await send('PUT', '/v1/tiers/silver', {
    name: 'Silver',
    rank: 1,
    entry: { text: `has(birth_date) && spend >= 100` },
  });
  await send('PUT', '/v1/segments/fans', { name: 'Fans', condition: { text: 'attributes.nick != "nobody"' } });
  const voucher = { codes: 'generated', valid_for: 'P1Y' };
  await send('PUT', '/v1/rewards/coffee', { name: 'Coffee', benefit: { type: 'custom' }, price: 1, stock: 9, voucher });
  await send('PUT', '/v1/members/bob', {});
  return send;
};

/** Ada does everything there is to do, and every text of it has the mark. */
const liveALife = async (t: Test, app: TestApp) => {
  const send = await openShop(t, app);
  await send('POST', '/v1/purchases', purchaseOf('g-1', null, 500, { guest: { identity: person.identities[0] } }));
  app.clock.now += 100 * DAY;
  await send('PUT', `/v1/members/${ADA}`, person);
  await send('PATCH', `/v1/members/${ADA}`, { consents: { news: { granted: false, source: `phone-${MARK}` } } });
  await send('POST', `/v1/members/${ADA}/referral-code`);
  const context = { place: `at ${MARK}` };
  await send('POST', `/v1/members/${ADA}/opening-balance`, {
    lots: [{ points: 4, earned_at: '2026-01-01T00:00:00Z' }],
  });
  const past = { occurred_at: '2026-01-01T00:00:00Z', context };
  await send('POST', '/v1/past-purchases', purchaseOf('old-1', ADA, 900, past));
  await send('POST', '/v1/purchases', purchaseOf('o-1', ADA, 20_000, { context }));
  await send('POST', '/v1/purchases', purchaseOf('o-2', ADA, 5_000));
  await send('POST', '/v1/purchases/o-2/returns', { id: 'ret-1', amount: 1_000 });
  await send('POST', '/v1/activities', { id: 'a-1', member: ADA, type: 'wish', fields: { text: MARK }, context });
  await send('POST', '/v1/activities', { id: 'a-2', member: ADA, type: 'survey', fields: { nps: 3 } });
  await send('POST', '/v1/adjustments', { member: ADA, points: 50, ...note }, `${MARK}-key`);
  await send('PUT', `/v1/members/${ADA}/tiers/status`, { tier: 'silver', ...note });
  await send('POST', '/v1/redemptions', { id: 'r-1', member: ADA, points: 10 });
  await send('POST', '/v1/redemptions', { id: 'r-2', member: ADA, points: 10, capture: false });
  await send('POST', '/v1/redemptions', { id: 'r-3', member: ADA, reward: 'coffee' });
  await send('POST', '/v1/entitlements', { member: ADA, reward: 'coffee', ...note }, 'k2');
  const { data } = await send('GET', `/v1/members/${ADA}/vouchers`);
  await send('POST', `/v1/vouchers/${data[0].id}/cancel`, note, 'k3');
  await send('POST', '/v1/transfers', { from: ADA, to: 'bob', points: 5, ...note }, 'k4');
  await send('POST', '/v1/transfers', { from: 'bob', to: ADA, points: 3 }, 'k5');
  await send('POST', '/v1/quotes', { ...purchaseOf('', ADA, 700), id: undefined, context });
  return send;
};

/** Every column of every table in which a text stands, whatever its case. */
const found = async (url: string, text: string): Promise<string[]> => {
  const columns = await query<{ name: string; column: string; type: string }>(
    url,
    `select c.table_name as name, c.column_name as column, c.data_type as type
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and t.table_type = 'BASE TABLE' order by 1, 2`,
  );
  const looks = columns.map(({ name, column, type }) => {
    const shown = type === 'bytea' ? `encode(${column}, 'escape')` : `${column}::text`;
    return `select '${name}.${column}' as place where exists (select from ${name} where ${shown} ilike $1)`;
  });
  const places = await query<{ place: string }>(url, looks.join(' union all '), [`%${text}%`]);
  return places.map(({ place }) => place);
};

test('after an erasure nothing of the person is left in any column of any table, nor was it ever logged', async (t) => {
  const lines: string[] = [];
  const app = await testApp(t, {
    log: createLog({ logLevel: 'trace' }, { write: (line) => void lines.push(line) }),
  });
  const send = await liveALife(t, app);
  t.ok((await found(app.databaseUrl, MARK)).length >= 25, 'the mark stands everywhere before');
  t.strictSame(await auditFaults(app), []);

  const erased = await send('POST', `/v1/members/${ADA}/erase`, eraser);
  t.strictSame(await found(app.databaseUrl, MARK), [], 'and nowhere after');
  t.strictSame(await found(app.databaseUrl, '1971-03-04'), []);
  t.notMatch(lines.join(''), new RegExp(MARK, 'i'));
  t.strictSame(await auditFaults(app), [], 'what is left balances');

  const { member } = erased;
  t.match(member, /^erased-[a-z0-9]{20}$/);
  t.match(await app.request('GET', `/v1/members/${ADA}`), { status: 404 });
  t.match(await app.request('GET', `/v1/members/card:${MARK}-card`), { status: 404 });
  t.match(await app.request('GET', `/v1/members/${member}`), { status: 410, body: { code: 'member_erased' } });
  t.match(await app.request('POST', '/v1/purchases', purchaseOf('o-9', member, 100)), { status: 410 });
  t.match(await app.request('POST', `/v1/members/${member}/export`, eraser), { status: 410 });
  t.match(await app.request('PUT', `/v1/members/${member}`, {}), { status: 410 });
  const { data } = await send('GET', `/v1/members/${member}/accounts`);
  t.match(data, [{ available: 0, pending: 0, held: 0 }]);
  const entries = await send('GET', `/v1/members/${member}/ledger-entries`);
  t.ok(entries.data.length > 5, 'the ledger is read by the pseudonym');
  t.strictSame((await send('GET', '/v1/segments/fans/members')).data, []);
  const told = await query<{ events: { type: string }[] }>(app.databaseUrl, 'select events from outbox');
  t.ok(told.some(({ events }) => events.some(({ type }) => type === 'member.erased')));
});

test('an erasure that is asked for again is answered again, for a week by the own id', async (t) => {
  const app = await testApp(t);
  const send = sending(t, app);
  await send('PUT', '/v1/members/ada', { profile: person.profile });
  const first = await app.request('POST', '/v1/members/ada/erase', eraser);
  t.match(first.status, 200);
  app.clock.now += 6 * DAY;
  t.strictSame((await app.request('POST', '/v1/members/ada/erase', eraser)).text, first.text);
  t.strictSame((await app.request('POST', `/v1/members/${first.body.member}/erase`, eraser)).text, first.text);
  t.match(await app.request('POST', '/v1/members/nobody/erase', eraser), { status: 404 });
  const { data } = await send('GET', '/v1/audit-log?action=member.erased');
  t.equal(data.length, 1, 'it happened once');
});

test('a late return for an erased member is taken, to the point, and says the pseudonym', async (t) => {
  const app = await testApp(t);
  const send = await liveALife(t, app);
  const { member } = await send('POST', `/v1/members/${ADA}/erase`, eraser);
  const back = await send('POST', '/v1/purchases/o-1/returns', { id: 'ret-2', amount: 5_000 });
  t.match(back, { member, taken_back: [{ points: 50 }] });
  t.match(await send('POST', '/v1/purchases/o-1/returns', { id: 'ret-2', amount: 5_000 }), back, 'sent again');
  const conflict = await app.request('POST', '/v1/purchases/o-2/returns', { id: 'ret-1', amount: 1_000 });
  t.match(
    conflict,
    { status: 409, body: { detail: new RegExp(`for member ${member} `) } },
    'what was before is not known again',
  );
  await send('POST', '/v1/purchases/o-1/cancel', {});
  await send('POST', '/v1/purchases/o-2/cancel', {});
  t.match(await send('GET', `/v1/members/${member}/purchases`), {
    data: [
      { id: 'o-2', member },
      { id: 'o-1', context: {} },
    ],
  });
  t.strictSame(await auditFaults(app), []);
  app.clock.now += 800 * DAY;
  t.strictSame(
    (await send('GET', `/v1/members/${member}/accounts`)).data.map(
      (account: { available: number }) => account.available,
    ),
    [0],
  );
});

test('what others were answered about an erased member says the pseudonym when it is sent again', async (t) => {
  const app = await testApp(t);
  const send = await liveALife(t, app);
  await send('PUT', '/v1/members/eve', {});
  await send('POST', '/v1/adjustments', { member: 'eve', points: 9, reason: 'Because', actor: 'me' }, 'k9');
  const transfer = { from: 'eve', to: ADA, points: 2 };
  const before = await send('POST', '/v1/transfers', transfer, 'k10');
  t.equal(before.to, ADA);
  const { member } = await send('POST', `/v1/members/${ADA}/erase`, eraser);
  t.match(await app.request('POST', '/v1/transfers', transfer, { 'idempotency-key': 'k10' }), { status: 404 });
  const kept = await query<{ answer: string }>(app.databaseUrl, `select answer from idempotency_key where key = 'k10'`);
  t.strictSame(JSON.parse(kept[0]!.answer), { ...before, to: member });
  t.match(await send('GET', `/v1/transfers/${before.id}`), { from: 'eve', to: member });
});

test('who was erased and enrols again begins anew; a program that remembers gives no welcome twice', async (t) => {
  const app = await testApp(t);
  const send = await openShop(t, app);
  const welcomed = async (id: string, body: object) => {
    const { accounts } = await send('PUT', `/v1/members/${id}`, body);
    return accounts[0].available;
  };
  const { identities } = person;
  t.equal(await welcomed('ada', { identities }), 7);
  await send('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 5_000));
  await send('POST', '/v1/members/ada/erase', eraser);
  t.equal(await welcomed('ada', { identities }), 7, 'nothing is remembered as a rule');
  t.match(await send('GET', '/v1/members/ada'), { totals: { spend: 0, purchases: 0 }, tiers: [{ tier: null }] });
  t.strictSame((await send('GET', '/v1/members/ada/purchases')).data, []);

  await send('PATCH', '/v1/program', { policies: { remember_erased_identities: true } });
  const { referral_code } = await send('POST', '/v1/members/bob/referral-code');
  await send('POST', '/v1/members/ada/erase', eraser);
  app.clock.now += 400 * DAY;
  await sweep(app.service.services.database, app.clock.now, 1);
  t.equal(await welcomed('ada', {}), 0, 'known by the own id');
  const email = [{ kind: 'email', value: `${MARK}@example.com` }];
  t.equal(await welcomed('cleo', { identities: email, referred_by: referral_code }), 0, 'known by the e-mail address');
  t.equal((await send('GET', '/v1/members/cleo')).referred_by, null, 'and nobody’s new friend');
  t.equal(await welcomed('dora', {}), 7, 'others are welcome');
  t.strictSame(
    (await found(app.databaseUrl, MARK)).filter((place) => !/^(identity|member_profile)/.test(place)),
    [],
  );
  const salts = await query(app.databaseUrl, 'select distinct identity_salt from program');
  await app.program('other');
  t.equal((await query(app.databaseUrl, 'select distinct identity_salt from program')).length, salts.length + 1);
});

test('an erasure and commands that come at the same time leave nothing behind', async (t) => {
  // Some are decided in its batch, others in batches after it.
  const app = await testApp(t, { config: { batchMax: 8 } });
  const send = await liveALife(t, app);
  const context = { place: MARK };
  const race = Array.from({ length: 12 }, (_, index) => [
    app.request('POST', '/v1/purchases', purchaseOf(`race-${index}`, ADA, 100, { context })),
    app.request('PATCH', `/v1/members/${ADA}`, { profile: { given_name: `${MARK}-${index}` } }),
    app.request(
      'POST',
      '/v1/adjustments',
      { member: ADA, points: 1, ...note },
      { 'idempotency-key': `${MARK}-${index}` },
    ),
    ...(index === 6 ? [app.request('POST', `/v1/members/${ADA}/erase`, eraser)] : []),
  ]).flat();
  const answers = await Promise.all(race);
  t.strictSame(
    [...new Set(answers.map(({ status }) => status))].filter((status) => ![200, 201, 404, 410].includes(status)),
    [],
  );
  t.ok(send);
  t.strictSame(await found(app.databaseUrl, MARK), []);
  t.strictSame(await auditFaults(app), []);
});

test('a consent has a history: what was given and withdrawn, in the order of being told', async (t) => {
  const app = await testApp(t);
  const send = sending(t, app);
  const consents = (news: object, more = {}) => ({ consents: { news, ...more } });
  const granted = { granted: true, source: 'form', changed_at: '2026-02-01T08:00:00.000Z' };
  await send('PUT', '/v1/members/ada', consents(granted, { calls: { granted: true } }));
  await send('PATCH', '/v1/members/ada', consents({ granted: true, source: 'form' }));
  app.clock.now += DAY;
  await send('PATCH', '/v1/members/ada', consents({ granted: false }));
  await send('PATCH', '/v1/members/ada', consents({ granted: true, changed_at: '2026-02-15T08:00:00Z' }));
  const early = await app.request(
    'PATCH',
    '/v1/members/ada',
    consents({ granted: true, changed_at: '2027-01-01T00:00:00Z' }),
  );
  t.match(early, {
    status: 422,
    body: { code: 'occurred_in_future', errors: [{ pointer: '/consents/news/changed_at' }] },
  });
  const list = await send('GET', '/v1/members/ada/consents?limit=2');
  const withdrawn = { purpose: 'news', granted: false, source: null, changed_at: '2026-03-03T10:00:00.000Z' };
  t.match(list, {
    consents: { news: { granted: false }, calls: { granted: true } },
    data: [withdrawn, { purpose: 'news', ...granted, recorded_at: '2026-03-02T10:00:00.000Z' }],
    has_more: true,
  });
  const next = await send('GET', `/v1/members/ada/consents?limit=2&cursor=${list.next_cursor}`);
  t.match(next, { data: [{ purpose: 'calls', granted: true }], has_more: false });
  await send('PUT', '/v1/members/ada', {});
  t.match(await send('GET', '/v1/members/ada/consents'), {
    consents: {},
    data: [{ purpose: 'news', granted: null }, { purpose: 'calls', granted: null }, {}, {}, {}],
  });
});

test('an export is everything that is kept of a person, as one document', async (t) => {
  const app = await testApp(t);
  const send = await liveALife(t, app);
  const many = Array.from({ length: 600 }, (_, index) =>
    app.request(
      'POST',
      '/v1/adjustments',
      { member: 'bob', points: 1, ...note },
      { 'idempotency-key': `many-${index}` },
    ),
  );
  await Promise.all(many);
  await numberOutbox(app.service.services.database, app.clock.now);
  const document = await send('POST', `/v1/members/${ADA}/export`, eraser);
  t.match(document, {
    member: ADA,
    exported_at: '2026-06-10T10:00:00.000Z',
    membership: { external_id: ADA, status: 'active', tiers: ['silver'], segments: ['fans'] },
    person: { profile: person.profile, attributes: person.attributes, acquisition: person.acquisition },
    consent_changes: [{ granted: true, source: `form-${MARK}` }, { granted: false }],
    purchases: [
      { purchase_id: 'old-1' },
      { purchase_id: 'o-1', occurred_at: '2026-06-10T10:00:00.000Z', report: { context: { place: `at ${MARK}` } } },
      {},
    ],
    returns: [{ id: 'ret-1' }],
    activities: [{ report: { fields: { text: MARK } } }, { type: 'survey' }],
    entry_notes: [note, note],
    tier_notes: [note],
    vouchers: [{ status: 'cancelled' }],
    transfers_received: [{ points: 3 }],
    stored_answers: [{}, {}, {}, {}],
  });
  t.strictSame(
    Object.entries(document).flatMap(([section, rows]) => (Array.isArray(rows) && rows.length === 0 ? [section] : [])),
    ['merges', 'merged_in', 'merged'],
    'of a member who was never merged',
  );
  t.notMatch(JSON.stringify(document), /"(member_id|program_id|shard|fingerprint)"/);
  const bob = await send('POST', '/v1/members/bob/export', eraser);
  t.equal(bob.entry_notes.length, 600, 'of many pages');
  t.strictSame(
    bob.ledger_entries.map(({ sequence }: { sequence: number }) => sequence),
    [...Array(bob.ledger_entries.length)].map((_, index) => index + 1),
  );
  t.equal(bob.stored_answers.length, 601);
  t.match(
    await app.as(await app.keyWith('read', 'write', 'adjust', 'configure'))('POST', '/v1/members/bob/export', eraser),
    { status: 403 },
  );
});

test('whoever was merged into an erased member is the same person, and goes with it', async (t) => {
  const app = await testApp(t);
  const send = await openShop(t, app);
  const context = { place: `at ${MARK}` };
  for (const [id, identities] of [
    [`old-${MARK}`, [{ kind: 'card', value: `${MARK}-1` }]],
    [`mid-${MARK}`, [{ kind: 'card', value: `${MARK}-2` }]],
    [ADA, person.identities],
  ] as const) {
    await send('PUT', `/v1/members/${id}`, { ...person, identities });
    await send('POST', `/v1/members/${id}/referral-code`);
    await send('POST', '/v1/purchases', purchaseOf(`of-${id.slice(0, 3)}`, id, 10_000, { context }));
    await send('POST', '/v1/adjustments', { member: id, points: 5, ...note }, `${MARK}-${id}`);
  }
  await send('POST', `/v1/members/old-${MARK}/merge`, { into: `mid-${MARK}`, ...note }, 'm1');
  await send('POST', `/v1/members/mid-${MARK}/merge`, { into: ADA, ...note }, 'm2');
  await send('PUT', '/v1/members/eve', {});
  await send('POST', '/v1/members/eve/merge', { into: ADA, reason: note.reason }, 'm3');
  await send('POST', '/v1/members/eve/unmerge', { reason: note.reason }, 'm4');
  const document = await send('POST', `/v1/members/${ADA}/export`, eraser);
  t.match(document.merged, [{ member: `mid-${MARK}` }, { member: `old-${MARK}` }]);
  t.match(document, { merged_in: [note, { reason: note.reason, unmerge_reason: note.reason }] });
  t.notMatch(JSON.stringify(document), /"(member_id|survivor_id|into)"/);

  const { member } = await send('POST', `/v1/members/old-${MARK}/erase`, eraser);
  t.strictSame(await found(app.databaseUrl, MARK), []);
  t.strictSame(await auditFaults(app), []);
  t.match(await app.request('GET', `/v1/members/${member}.1`), { status: 410 }, 'the other names lead there still');
  await send('POST', '/v1/purchases/of-old/returns', { id: 'ret-old', amount: 10_000 });
  t.strictSame(await auditFaults(app), []);
  t.equal((await send('GET', '/v1/members/eve')).status, 'active', 'who was parted is somebody else');
  const again = await app.request('POST', '/v1/members/eve/merge', { into: member }, { 'idempotency-key': 'm5' });
  t.equal(again.status, 409);
});

test('a file that is not worked off yet does not enrol who was erased meanwhile', async (t) => {
  const app = await testApp(t);
  const identities = [{ kind: 'email', value: `${MARK}@example.com` }];
  await app.request('PUT', `/v1/members/${ADA}`, { identities });
  const lines = [
    { id: ADA, profile: { given_name: MARK } },
    { id: 'bob', profile: { given_name: 'Bob' } },
    { id: 'eve', identities: [{ kind: 'email', value: `${MARK}@Example.com` }] },
    { id: `${ADA}-and-more`, profile: { given_name: 'Other' } },
  ];
  const file = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const type = { 'content-type': 'application/x-ndjson' };
  const { body } = await app.request('POST', '/v1/imports?kind=members', file, type);
  await app.request('POST', `/v1/members/${ADA}/erase`, eraser);
  const [left] = await query<{ found: boolean }>(
    app.databaseUrl,
    `select bool_or(records::text like '%${MARK}@%') as found from import_chunk`,
  );
  t.equal(left!.found, false);
  while (await workImports(app.service.services));
  t.match((await app.request('GET', `/v1/imports/${body.id}`)).body, { status: 'done', total: 2, succeeded: 2 });
  t.equal((await app.request('GET', `/v1/members/${ADA}`)).status, 404);
  t.equal((await app.request('GET', '/v1/members/bob')).status, 200);
});
