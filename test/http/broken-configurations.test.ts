import { type Test, test } from 'tap';
import { auditChecks, runCheck } from '../../src/store/audit.ts';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { archivedLater, type Broken, base, brokenConditions, brokenRules, brokenWholes } from './broken.ts';
import { brokenBurns } from './broken-burns.ts';
import { brokenByOthers, brokenStreams } from './broken-streams.ts';

/* Every configuration that does not hold together is refused by pointer, expectation and suggestion, and leaves the program as it runs. */

interface Fault {
  pointer: string;
  code: string;
  detail: string;
  expected?: string;
}

/** A member in Silver, for whom a purchase of one euro earns two points. */
const running = async (t: Test): Promise<TestApp> => {
  const app = await testApp(t);
  const { request } = app;
  for (const [revision, document] of [
    [1, { ...base, ...archivedLater }],
    [2, base],
  ] as const) {
    const { status, text } = await request('PUT', '/v1/config', document, { 'if-match': `"${revision}"` });
    if (status !== 200) throw new Error(text);
  }
  await request('PUT', '/v1/members/ada', {});
  await request('POST', '/v1/purchases', purchaseOf('first', 'ada', 15_000));
  return app;
};

const refusalOf = async (app: TestApp, [, where, body]: Broken) => {
  const [method = '', path = ''] = where.split(' ');
  const etag = path === '/v1/config' || path === '/v1/program' ? '*' : (await app.request('GET', path)).headers['etag'];
  return app.request(method, path, body, etag === undefined ? {} : { 'if-match': etag });
};

const check = async (t: Test, rows: readonly Broken[]): Promise<void> => {
  const app = await running(t);
  const before = await app.request('GET', '/v1/config');
  let count = 0;
  for (const row of rows) {
    const [what, where, , expected] = row;
    const refused = await refusalOf(app, row);
    t.ok([400, 409, 422].includes(refused.status), `${what}: ${where}: ${refused.status}`);
    const faults: Fault[] = refused.body.errors ?? [];
    t.strictSame(
      faults.map(({ pointer, code }) => `${pointer} ${code}`).toSorted(),
      expected.map(([fault]) => fault).toSorted(),
      what,
    );
    for (const [fault, pattern] of expected) {
      const found = faults.find(({ pointer, code }) => `${pointer} ${code}` === fault);
      t.match(found?.expected ?? 'not found', pattern, `${what}: ${fault}`);
      t.not(found?.detail ?? '', '', what);
    }
    const after = await app.request('GET', '/v1/config');
    t.strictSame([after.headers['etag'], after.text], [before.headers['etag'], before.text], `${what}: as it was`);
    const bought = await app.request('POST', '/v1/purchases', purchaseOf(`p-${count++}`, 'ada', 100));
    t.match(bought.body, { earned: [{ points: 2 }], tiers: [{ tier: 'silver' }] }, what);
  }
};

test('conditions', async (t) => check(t, brokenConditions));

test('earn rules', async (t) => check(t, brokenRules));

test('burn rules, rewards, and limits on burning', async (t) => check(t, brokenBurns));

test('streams', async (t) => check(t, brokenStreams));

test('what a stream refers to is not archived, and its address stands in the faults of a document', async (t) => {
  const { request } = await running(t);
  t.match(await request('PUT', '/v1/streams/crm', brokenByOthers.stream), { status: 201 });
  const faultsOf = async (method: string, path: string, body: object | null): Promise<string[]> => {
    const refused = await request(method, path, body, { 'if-match': '*' });
    const { errors = refused.body.faults } = refused.body;
    return errors.map(({ pointer, code }: Fault) => `${pointer} ${code}`);
  };
  t.strictSame(await faultsOf('DELETE', '/v1/attributes/age', null), ['/streams/crm/fields/0 unknown_attribute']);
  const { vip } = base.segments;
  t.strictSame(await faultsOf('PUT', '/v1/config', { segments: { vip } }), [
    '/streams/crm/only_in_segment archived_segment',
  ]);
  const inside = brokenByOthers.document('https://inside.example/');
  const expected = ['/streams/crm/destination/url address_not_allowed'];
  t.strictSame(await faultsOf('PUT', '/v1/config', inside), expected);
  t.strictSame(await faultsOf('POST', '/v1/config/plan', inside), expected);
  // One that nothing resolves yet may be saved.
  const later = brokenByOthers.document('https://not-yet.example/');
  t.match(await request('PUT', '/v1/config', later, { 'if-match': '*' }), { status: 200 });
});

test('everything else, and what it is together', async (t) => check(t, brokenWholes));

test('a document of more than 8 MiB is not read, nor is a rule of more than 1 MiB', async (t) => {
  const app = await running(t);
  const name = 'x'.repeat(8_388_608);
  const headers = { 'if-match': '*' };
  t.match(await app.request('PUT', '/v1/config', { segments: { a: { name } } }, headers), { status: 413 });
  t.match(await app.request('PUT', '/v1/segments/a', { name: name.slice(0, 1_048_576) }), { status: 413 });
  t.match(await app.request('GET', '/v1/config'), { headers: { etag: '"3"' } });
});

test('what only a purchase can show to be too much is refused with the purchase, which changes nothing', async (t) => {
  const app = await running(t);
  const rule = (effect: object) => ({ name: 'Much', trigger: 'purchase', effect });
  for (const [code, effect] of [
    ['much', { type: 'per_amount', points: 1_000_000, per: 1 }],
    ['more', { type: 'multiplier', percent: 10_000 }],
  ] as const)
    t.match(await app.request('PUT', `/v1/earn-rules/a-${code}`, rule(effect)), { status: 201 });
  const before = await app.request('GET', '/v1/members/ada');
  t.match(await app.request('POST', '/v1/purchases', purchaseOf('much', 'ada', 1_000_000)), {
    status: 422,
    body: { code: 'number_too_large' },
  });
  t.strictSame((await app.request('GET', '/v1/members/ada')).body, before.body);
  t.match(await app.request('POST', '/v1/purchases', purchaseOf('little', 'ada', 1)), { status: 201 });
});

test('codes that are words elsewhere are codes like any other', async (t) => {
  const app = await testApp(t);
  const codes = ['null', 'true', 'default', 'prototype', 'tostring', 'valueof'];
  const all = (body: (index: number) => object) => Object.fromEntries(codes.map((code, index) => [code, body(index)]));
  const document = {
    segments: all(() => ({ name: 'S', condition: { text: 'purchases >= 1' } })),
    tiers: all((index) => ({ name: 'T', scheme: codes[index], rank: 1, entry: { text: 'purchases >= 1' } })),
    wallets: { points: { name: 'Points' }, ...all(() => ({ name: 'W' })) },
    earn_rules: all((index) => ({
      name: 'R',
      trigger: 'purchase',
      effect: { type: 'fixed', points: 1 },
      wallet: codes[index],
    })),
    attributes: all(() => ({ name: 'A', type: 'string' })),
    activity_types: all(() => ({ name: 'A', fields: all(() => ({ name: 'F', type: 'integer' })) })),
  };
  t.match(await app.request('PUT', '/v1/config', document, { 'if-match': '"1"' }), { status: 200 });
  await app.request('PUT', '/v1/members/ada', { attributes: Object.fromEntries(codes.map((code) => [code, code])) });
  const bought = await app.request('POST', '/v1/purchases', purchaseOf('p', 'ada', 100));
  t.match(bought.body.earned.map(({ wallet }: { wallet: string }) => wallet).toSorted(), codes.toSorted());
  for (const code of codes) {
    const fields = Object.fromEntries(codes.map((field) => [field, 1]));
    const did = await app.request('POST', '/v1/activities', { id: code, member: 'ada', type: code, fields });
    t.match(did, { status: 201, body: { segments: codes.toSorted() } }, code);
    const preview = await app.request('POST', '/v1/conditions/preview', {
      condition: { text: `"${code}" in segments && tier("${code}") == "${code}"` },
    });
    t.match(preview.body, { count: 1 }, code);
  }
  for (const auditCheck of auditChecks)
    t.strictSame(await app.service.services.database.observe((db) => runCheck(db, auditCheck)), [], auditCheck.name);
});
