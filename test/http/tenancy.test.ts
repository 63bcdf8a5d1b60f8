import { test } from 'tap';
import { SCOPES, type Scope } from '../../src/model/program.ts';
import { allBut, OPERATOR_KEY, purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';
import { asOwner } from '../helpers/programs.ts';
import { rowsOf } from './rows.ts';

/*
 * Every route, visited with the key of one program and what belongs to another. A route that is not in the table below
 * fails the test.
 */

/** Stands in everything that the one program says about itself, and must not come out of the other. */
const SECRET = 'confidential';

const { id: _, ...quoted } = purchaseOf('o-9', 'ada', 100);

const destination = { type: 'webhook', url: 'https://hooks.shop.example/' };

/** Fills a program; the same ids are used in none other. */
const fill = async ({ request, keyWith }: TestApp) => {
  const rule = { name: SECRET, trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  await request('PUT', '/v1/wallets/gifts', { name: SECRET });
  await request('PUT', '/v1/attributes/shoe', { name: SECRET, type: 'string' });
  await request('PUT', '/v1/tiers/silver', { name: SECRET, rank: 1, entry: { field: 'spend', op: 'gte', value: 1 } });
  await request('PUT', '/v1/earn-rules/per-euro', rule);
  await request('PUT', '/v1/burn-rules/cash', { name: SECRET, value: { points: 1, amount: 1 } });
  await request('PUT', '/v1/context-fields/device', { name: SECRET, type: 'string' });
  await request('PUT', '/v1/activity-types/workshop', { name: SECRET, fields: {} });
  await request('PUT', '/v1/segments/vip', { name: SECRET, condition: { field: 'spend', op: 'gte', value: 1 } });
  await request('PUT', '/v1/rewards/coffee', {
    name: SECRET,
    benefit: { type: 'custom' },
    price: 1,
    voucher: { codes: 'generated' },
  });
  await request('PUT', '/v1/streams/crm', { name: SECRET, destination });
  await request('PATCH', '/v1/program', { name: SECRET, policies: { transfers: true } });
  const identities = [
    { kind: 'card', value: '2099' },
    { kind: 'email', value: 'ada@example.com' },
  ];
  await request('PUT', '/v1/members/ada', { profile: { given_name: SECRET }, identities });
  await request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 10_000, { store: SECRET }));
  await request('POST', '/v1/purchases/o-1/returns', { id: 'ret-1', amount: 100 });
  await request('POST', '/v1/activities', { id: 'a-1', member: 'ada', type: 'visit', context: { note: SECRET } });
  await request('POST', '/v1/members/ada/referral-code');
  await request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 3, capture: false });
  const adjustment = { member: 'ada', points: 1, reason: SECRET, actor: SECRET };
  await request('POST', '/v1/adjustments', adjustment, { 'idempotency-key': 'k' });
  await request('PUT', '/v1/members/bob', {});
  const file = { id: 'cleo', profile: { given_name: SECRET } };
  await request('POST', '/v1/imports?kind=members', file, { 'content-type': 'application/x-ndjson' });
  const gift = { from: 'ada', to: 'bob', points: 1, reason: SECRET };
  const sent = await request('POST', '/v1/transfers', gift, { 'idempotency-key': 'k-2' });
  await request('PUT', '/v1/members/eve', {});
  const merged = await request(
    'POST',
    '/v1/members/eve/merge',
    { into: 'bob', reason: SECRET },
    { 'idempotency-key': 'm' },
  );
  const redeemed = await request('POST', '/v1/redemptions', { id: 'r-2', member: 'ada', reward: 'coffee' });
  const grant = { member: 'ada', reward: 'coffee', reason: SECRET, actor: SECRET };
  const granted = await request('POST', '/v1/entitlements', grant, { 'idempotency-key': 'g' });
  const entries = await request('GET', '/v1/members/ada/ledger-entries');
  await keyWith('read');
  const keys = await request('GET', '/v1/keys');
  return {
    entry: entries.body.data[0].id as string,
    key: keys.body.data[0].id as string,
    transfer: sent.body.id as string,
    merge: merged.body.id as string,
    voucher: redeemed.body.voucher as { id: string; code: string },
    entitlement: granted.body.id as string,
  };
};

interface Visit {
  paths: readonly string[];
  body?: object;
  headers?: Record<string, string>;
  /** 409: it is for sandboxes. `own`: it is about the program of the key, and says nothing of the other. */
  expected: 404 | 401 | 409 | 'own';
}

const any = { 'if-match': '*' };
const members = (suffix = ''): Visit => ({
  paths: [`/v1/members/ada${suffix}`, `/v1/members/card:2099${suffix}`],
  expected: 404,
});
const adjustment = { member: 'ada', points: 1, reason: 'r', actor: 'a' };

type Filled = Awaited<ReturnType<typeof fill>>;

const visits = ({ entry, key, transfer, merge, voucher, entitlement }: Filled): Record<string, Visit> => ({
  'GET /v1/members/:id/vouchers': members('/vouchers'),
  'GET /v1/vouchers/:id': { paths: [`/v1/vouchers/${voucher.id}`], expected: 404 },
  'POST /v1/vouchers/lookup': { paths: ['/v1/vouchers/lookup'], body: { code: voucher.code }, expected: 404 },
  'POST /v1/vouchers/use': { paths: ['/v1/vouchers/use'], body: { code: voucher.code }, expected: 404 },
  'POST /v1/vouchers/:id/use': { paths: [`/v1/vouchers/${voucher.id}/use`], body: {}, expected: 404 },
  'POST /v1/vouchers/:id/cancel': {
    paths: [`/v1/vouchers/${voucher.id}/cancel`],
    body: { reason: 'r', actor: 'a' },
    expected: 404,
  },
  'POST /v1/entitlements': {
    paths: ['/v1/entitlements'],
    body: { member: 'ada', reward: 'coffee', reason: 'r', actor: 'a' },
    headers: { 'idempotency-key': 'k' },
    expected: 404,
  },
  'POST /v1/entitlements/:id/revoke': {
    paths: [`/v1/entitlements/${entitlement}/revoke`],
    body: { reason: 'r', actor: 'a' },
    headers: { 'idempotency-key': 'k' },
    expected: 404,
  },
  'GET /v1/rewards/:code/stock': { paths: ['/v1/rewards/coffee/stock'], expected: 404 },
  'GET /v1/rewards/:code/codes': { paths: ['/v1/rewards/coffee/codes'], expected: 404 },
  'POST /v1/rewards/:code/codes': {
    paths: ['/v1/rewards/coffee/codes'],
    body: { codes: ['ABCD'] },
    expected: 404,
  },
  'GET /v1/rewards': { paths: ['/v1/rewards'], expected: 'own' },
  'PUT /v1/rewards/:code': {
    paths: ['/v1/rewards/coffee'],
    body: { name: 'Mine', benefit: { type: 'custom' } },
    expected: 'own',
  },
  'GET /v1/members/:id': members(),
  'PATCH /v1/members/:id': { paths: ['/v1/members/ada'], body: { profile: { language: 'en' } }, expected: 404 },
  'POST /v1/members/lookup': {
    paths: ['/v1/members/lookup'],
    body: { identity: { kind: 'email', value: 'ada@example.com' } },
    expected: 404,
  },
  'POST /v1/members/:id/suspend': members('/suspend'),
  'POST /v1/members/:id/reactivate': members('/reactivate'),
  'POST /v1/members/:id/unfreeze': members('/unfreeze'),
  'POST /v1/members/:id/close': members('/close'),
  'GET /v1/members/:id/consents': members('/consents'),
  'POST /v1/members/:id/export': { ...members('/export'), body: { actor: 'me' } },
  'POST /v1/members/:id/erase': { ...members('/erase'), body: { actor: 'me' } },
  'GET /v1/audit-log': { paths: ['/v1/audit-log'], expected: 'own' },
  'PUT /v1/members/:id/tiers/:scheme': {
    ...members('/tiers/status'),
    body: { tier: 'silver', reason: 'Because', actor: 'me' },
  },
  'DELETE /v1/members/:id/tiers/:scheme': members('/tiers/status'),
  'GET /v1/segments/:code/members': { paths: ['/v1/segments/shoppers/members'], expected: 404 },
  'GET /v1/segments/:code/export': { paths: ['/v1/segments/shoppers/export'], expected: 404 },
  'GET /v1/streams/:code/standing': { paths: ['/v1/streams/crm/standing'], expected: 404 },
  'POST /v1/streams/:code/preview': { paths: ['/v1/streams/crm/preview'], body: {}, expected: 404 },
  'POST /v1/streams/:code/pause': { paths: ['/v1/streams/crm/pause'], expected: 404 },
  'POST /v1/streams/:code/resume': { paths: ['/v1/streams/crm/resume'], expected: 404 },
  'POST /v1/streams/:code/resend': { paths: ['/v1/streams/crm/resend'], body: { dead: true }, expected: 404 },
  'POST /v1/streams/:code/replay': { paths: ['/v1/streams/crm/replay'], body: { position: 1 }, expected: 404 },
  'POST /v1/streams/:code/secrets': { paths: ['/v1/streams/crm/secrets'], body: {}, expected: 404 },
  'PUT /v1/streams/:code/secret-headers/:name': {
    paths: ['/v1/streams/crm/secret-headers/authorization'],
    body: { value: 'mine' },
    expected: 404,
  },
  'DELETE /v1/streams/:code/secret-headers/:name': {
    paths: ['/v1/streams/crm/secret-headers/authorization'],
    expected: 404,
  },
  'GET /v1/streams/:code/deliveries': { paths: ['/v1/streams/crm/deliveries'], expected: 404 },
  'GET /v1/streams/:code/attempts': { paths: ['/v1/streams/crm/attempts'], expected: 404 },
  'GET /v1/exports/:what': {
    paths: ['/v1/exports/members', '/v1/exports/ledger-entries', '/v1/exports/events?format=csv'],
    expected: 'own',
  },
  'GET /v1/members/:id/events': members('/events'),
  'GET /v1/events': { paths: ['/v1/events'], expected: 'own' },
  'GET /v1/events/stream': { paths: ['/v1/events/stream?seconds=0&from=oldest'], expected: 'own' },
  'GET /v1/members/:id/entitlements': members('/entitlements'),
  'GET /v1/members/:id/accounts/:wallet/expiring': members('/accounts/points/expiring'),
  'GET /v1/members/:id/card': members('/card'),
  'GET /v1/reassessments': { paths: ['/v1/reassessments'], expected: 'own' },
  'GET /v1/members/:id/purchases': members('/purchases'),
  'GET /v1/members/:id/redemptions': members('/redemptions'),
  'GET /v1/members/:id/ledger-entries': members('/ledger-entries'),
  'GET /v1/members/:id/accounts': members('/accounts'),
  'GET /v1/members/:id/activities': members('/activities'),
  'POST /v1/members/:id/referral-code': members('/referral-code'),
  'GET /v1/activities/:id': { paths: ['/v1/activities/a-1'], expected: 404 },
  'POST /v1/activities': {
    paths: ['/v1/activities'],
    body: { id: 'a-9', member: 'card:2099', type: 'visit' },
    expected: 404,
  },
  'GET /v1/members/:id/explain': members('/explain?tier=status'),
  'GET /v1/purchases/:id': { paths: ['/v1/purchases/o-1'], expected: 404 },
  'GET /v1/purchases/:id/explanation': { paths: ['/v1/purchases/o-1/explanation'], expected: 404 },
  'POST /v1/purchases': { paths: ['/v1/purchases'], body: purchaseOf('o-9', 'card:2099', 100), expected: 404 },
  'POST /v1/purchases/:id/returns': {
    paths: ['/v1/purchases/o-1/returns'],
    body: { id: 'ret-9', lines: [{ line: 0, quantity: 1 }] },
    expected: 404,
  },
  'GET /v1/purchases/:id/returns': { paths: ['/v1/purchases/o-1/returns'], expected: 404 },
  'POST /v1/purchases/:id/cancel': { paths: ['/v1/purchases/o-1/cancel'], expected: 404 },
  'POST /v1/quotes': { paths: ['/v1/quotes'], body: quoted, expected: 404 },
  'GET /v1/redemptions/:id': { paths: ['/v1/redemptions/r-1'], expected: 404 },
  'POST /v1/redemptions': { paths: ['/v1/redemptions'], body: { id: 'r-9', member: 'ada', points: 1 }, expected: 404 },
  'POST /v1/redemptions/:id/capture': {
    paths: ['/v1/redemptions/r-1/capture'],
    body: {},
    headers: { 'idempotency-key': 'k' },
    expected: 404,
  },
  'POST /v1/redemptions/:id/void': { paths: ['/v1/redemptions/r-1/void'], expected: 404 },
  'POST /v1/redemptions/:id/refund': {
    paths: ['/v1/redemptions/r-1/refund'],
    body: {},
    headers: { 'idempotency-key': 'k' },
    expected: 404,
  },
  'POST /v1/adjustments': {
    paths: ['/v1/adjustments'],
    body: adjustment,
    headers: { 'idempotency-key': 'k' },
    expected: 404,
  },
  'POST /v1/members/:id/opening-balance': { ...members('/opening-balance'), body: { lots: [] } },
  'POST /v1/past-purchases': {
    paths: ['/v1/past-purchases'],
    body: purchaseOf('old-9', 'card:2099', 100, { occurred_at: '2025-03-10T10:00:00Z' }),
    expected: 404,
  },
  'POST /v1/transfers': {
    paths: ['/v1/transfers'],
    body: { from: 'ada', to: 'bob', points: 1 },
    headers: { 'idempotency-key': 'k' },
    expected: 404,
  },
  'POST /v1/members/:id/merge': {
    paths: ['/v1/members/ada/merge', '/v1/members/eve/merge'],
    body: { into: 'bob' },
    headers: { 'idempotency-key': 'k' },
    expected: 404,
  },
  'POST /v1/members/:id/unmerge': {
    paths: ['/v1/members/eve/unmerge'],
    body: {},
    headers: { 'idempotency-key': 'k' },
    expected: 404,
  },
  'GET /v1/merges/:id': { paths: [`/v1/merges/${merge}`], expected: 404 },
  'GET /v1/transfers/:id': { paths: [`/v1/transfers/${transfer}`], expected: 404 },
  'GET /v1/ledger-entries/:id': { paths: [`/v1/ledger-entries/${entry}`], expected: 404 },
  'GET /v1/ledger-entries/:id/explanation': { paths: [`/v1/ledger-entries/${entry}/explanation`], expected: 404 },
  'POST /v1/keys/:id/revoke': { paths: [`/v1/keys/${key}/revoke`], expected: 404 },
  ...Object.fromEntries(
    [
      ...['wallets/gifts', 'tiers/silver', 'attributes/shoe', 'earn-rules/per-euro', 'burn-rules/cash'],
      ...['context-fields/device', 'activity-types/workshop', 'segments/vip', 'rewards/coffee', 'streams/crm'],
    ].flatMap((path) => [
      [`GET /v1/${path.replace(/\/.*/, '/:code')}`, { paths: [`/v1/${path}`], expected: 404 }],
      [`DELETE /v1/${path.replace(/\/.*/, '/:code')}`, { paths: [`/v1/${path}`], headers: any, expected: 404 }],
    ]),
  ),
  'GET /v1/config/revisions/:revision': { paths: ['/v1/config/revisions/9'], expected: 404 },
  'GET /v1/config/revisions/:revision/diff': {
    paths: ['/v1/config/revisions/9/diff', '/v1/config/revisions/1/diff?to=9'],
    expected: 404,
  },
  'POST /v1/config/revisions/:revision/revert': {
    paths: ['/v1/config/revisions/9/revert'],
    headers: any,
    expected: 404,
  },
  'GET /v1/programs': { paths: ['/v1/programs'], expected: 401 },
  'GET /v1/sandbox/clock': { paths: ['/v1/sandbox/clock'], expected: 409 },
  'POST /v1/sandbox/clock': { paths: ['/v1/sandbox/clock'], body: { to: '2030-01-01T00:00:00Z' }, expected: 409 },
  'POST /v1/programs': { paths: ['/v1/programs'], body: {}, expected: 401 },
  'POST /v1/programs/:code/keys': { paths: ['/v1/programs/shop/keys'], body: {}, expected: 401 },
  'GET /v1/keys': { paths: ['/v1/keys'], expected: 'own' },
  'POST /v1/keys': { paths: ['/v1/keys'], body: { name: 'Mine', scopes: ['read'] }, expected: 'own' },
  'GET /v1/program': { paths: ['/v1/program'], expected: 'own' },
  'PATCH /v1/program': { paths: ['/v1/program'], body: { name: 'Mine' }, expected: 'own' },
  'GET /v1/wallets': { paths: ['/v1/wallets', '/v1/wallets?archived=true'], expected: 'own' },
  'GET /v1/tiers': { paths: ['/v1/tiers'], expected: 'own' },
  'GET /v1/attributes': { paths: ['/v1/attributes'], expected: 'own' },
  'GET /v1/burn-rules': { paths: ['/v1/burn-rules'], expected: 'own' },
  'GET /v1/earn-rules': { paths: ['/v1/earn-rules'], expected: 'own' },
  'GET /v1/context-fields': { paths: ['/v1/context-fields'], expected: 'own' },
  'GET /v1/activity-types': { paths: ['/v1/activity-types'], expected: 'own' },
  'GET /v1/segments': { paths: ['/v1/segments'], expected: 'own' },
  'GET /v1/streams': { paths: ['/v1/streams'], expected: 'own' },
  'PUT /v1/streams/:code': {
    paths: ['/v1/streams/crm'],
    body: { name: 'Mine', destination },
    expected: 'own',
  },
  'GET /v1/config': { paths: ['/v1/config'], expected: 'own' },
  'GET /v1/config/revisions': { paths: ['/v1/config/revisions'], expected: 'own' },
  'GET /v1/condition-fields': { paths: ['/v1/condition-fields'], expected: 'own' },
  'POST /v1/conditions/check': {
    paths: ['/v1/conditions/check'],
    body: { condition: { field: 'segments', op: 'has', value: 'vip' } },
    expected: 'own',
  },
  'POST /v1/conditions/preview': {
    paths: ['/v1/conditions/preview'],
    body: { condition: { field: 'spend', op: 'gte', value: 1 } },
    expected: 'own',
  },
  'POST /v1/conditions/explain': {
    paths: ['/v1/conditions/explain'],
    body: { condition: { field: 'spend', op: 'gte', value: 1 }, member: 'ada' },
    expected: 404,
  },
  'POST /v1/segments/:code/preview': { paths: ['/v1/segments/vip/preview'], body: {}, expected: 404 },
  'POST /v1/config/plan': { paths: ['/v1/config/plan'], body: { tiers: {} }, expected: 'own' },
  'PUT /v1/config': {
    paths: ['/v1/config'],
    body: { attributes: { mine: { name: 'Mine', type: 'string' } } },
    headers: any,
    expected: 'own',
  },
  'PUT /v1/context-fields/:code': {
    paths: ['/v1/context-fields/device'],
    body: { name: 'Mine', type: 'string' },
    expected: 'own',
  },
  'PUT /v1/activity-types/:code': {
    paths: ['/v1/activity-types/workshop'],
    body: { name: 'Mine', fields: {} },
    expected: 'own',
  },
  'PUT /v1/segments/:code': {
    paths: ['/v1/segments/vip'],
    body: { name: 'Mine', condition: { field: 'spend', op: 'gte', value: 1 } },
    expected: 'own',
  },
  'PUT /v1/wallets/:code': { paths: ['/v1/wallets/gifts'], body: { name: 'Mine' }, expected: 'own' },
  'PUT /v1/attributes/:code': { paths: ['/v1/attributes/shoe'], body: { name: 'Mine', type: 'date' }, expected: 'own' },
  'PUT /v1/tiers/:code': {
    paths: ['/v1/tiers/silver'],
    body: { name: 'Mine', rank: 1, entry: { field: 'spend', op: 'gte', value: 1 } },
    expected: 'own',
  },
  'PUT /v1/earn-rules/:code': {
    paths: ['/v1/earn-rules/per-euro'],
    body: { name: 'Mine', trigger: 'purchase', effect: { type: 'fixed', points: 1 } },
    expected: 'own',
  },
  'PUT /v1/burn-rules/:code': {
    paths: ['/v1/burn-rules/cash'],
    body: { name: 'Mine', value: { points: 1, amount: 1 } },
    expected: 'own',
  },
  'POST /v1/batch': {
    paths: ['/v1/batch'],
    body: {
      commands: [
        { kind: 'close_member', id: 'ada' },
        { kind: 'cancel_purchase', id: 'o-1' },
      ],
    },
    expected: 'own',
  },
  'GET /v1/members': { paths: ['/v1/members', '/v1/members?updated_after=2020-01-01T00:00:00Z'], expected: 'own' },
  'GET /v1/imports/:id': { paths: ['/v1/imports/imp_1'], expected: 404 },
  'GET /v1/imports/:id/errors': { paths: ['/v1/imports/imp_1/errors'], expected: 404 },
  'POST /v1/imports/:id/cancel': { paths: ['/v1/imports/imp_1/cancel'], expected: 404 },
  'GET /v1/imports': { paths: ['/v1/imports'], expected: 'own' },
  'POST /v1/imports': {
    paths: ['/v1/imports?kind=members'],
    body: { id: 'ada' },
    headers: { 'content-type': 'application/x-ndjson' },
    expected: 'own',
  },
  'PUT /v1/members/:id': {
    paths: ['/v1/members/ada'],
    body: { identities: [{ kind: 'card', value: '2099' }] },
    expected: 'own',
  },
});

/** Routes that need no key and know no program. */
const open = /^GET (\/metrics|\/openapi\.json|\/v1\/config\/schema|\/problems\/:code|\/health\/(live|ready)|\/docs.*)$/;

/** Routes as Fastify prints them: a tree, four characters a level. HEAD goes with GET. */
const routesOf = ({ service }: TestApp): string[] => {
  const trail: string[] = [];
  const lines = service.app.printRoutes({ commonPrefix: false }).trimEnd().split('\n');
  return lines.flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^((?:[│ ] {3})*)[├└]── (\S+) \(([^)]+)\)$/.exec(line) ?? [];
    trail.splice(indent.length / 4, Number.POSITIVE_INFINITY, part);
    return methods.split(', ').flatMap((method) => (method === 'HEAD' ? [] : [`${method} ${trail.join('')}`]));
  });
};

test('what belongs to another program is not there, on every route', async (t) => {
  const app = await testApp(t);
  const table = visits(await fill(app));
  const routes = routesOf(app).filter((route) => !open.test(route));
  t.strictSame(routes.sort(), Object.keys(table).sort(), 'a route is visited here, or knows no program');

  const other = await app.program('other');
  const [shop] = await asOwner(app.databaseUrl, async (client) => {
    const { rows } = await client.query<{ id: number }>(`select program_id as id from program where code = 'shop'`);
    return rows;
  });
  const rowsOfShop = () => rowsOf(app.databaseUrl, `program_id = ${shop!.id}`);
  const before = await rowsOfShop();
  // What changes the other program comes last: from then on it has things of the same names.
  const inOrder = Object.entries(table).sort(
    ([, a], [, b]) => Number(a.expected === 'own') - Number(b.expected === 'own'),
  );
  for (const [route, { paths, body, headers, expected }] of inOrder) {
    const [method = ''] = route.split(' ');
    for (const path of paths) {
      const answer = await other.request(method, path, body ?? null, headers);
      const asExpected = expected === 'own' ? answer.status < 300 : answer.status === expected;
      t.ok(asExpected, `${method} ${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
      t.notMatch(answer.text, SECRET, `${method} ${path} tells nothing`);
    }
  }
  t.strictSame(await rowsOfShop(), before, 'nothing of the program has changed');
});

test('a cursor of another program is refused', async (t) => {
  const app = await testApp(t);
  const other = await app.program('other');
  for (const program of [app, other]) {
    await withPoints(program, 'ada', 1);
    await program.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 100));
  }
  for (const list of ['/v1/members/ada/purchases', '/v1/members/ada/ledger-entries']) {
    const { next_cursor } = (await app.request('GET', `${list}?limit=1`)).body;
    t.equal((await app.request('GET', `${list}?cursor=${next_cursor}`)).status, 200);
    t.match(await other.request('GET', `${list}?cursor=${next_cursor}`), {
      status: 400,
      body: { code: 'invalid_cursor' },
    });
  }
});

test('every route asks for a key with its scope', async (t) => {
  const app = await testApp(t);
  const filled = await fill(app);
  const keys = Object.fromEntries(
    await Promise.all(SCOPES.map(async (scope) => [scope, await app.keyWith(...allBut(scope))] as const)),
  );
  const exact = Object.fromEntries(
    await Promise.all(SCOPES.map(async (scope) => [scope, await app.keyWith(scope)] as const)),
  );
  for (const [route, { paths }] of Object.entries(visits(filled))) {
    const [method = '', template = ''] = route.split(' ');
    const { definition } = app.contract.operationOf(method, paths[0]!)!;
    const call = (as: string | null) => app.as(as)(method, paths[0]!, null, { 'content-type': 'text/plain' });
    t.match(await call(null), { status: 401, body: { code: 'unauthenticated' } }, `${route} without a key`);
    t.match(await call(`tsr_${'x'.repeat(43)}`), { status: 401 }, `${route} with an unknown key`);
    const [, scope] = /with the scope `(\w+)`/.exec(definition.description) ?? [];
    if (template.startsWith('/v1/programs')) {
      t.strictSame(definition.security, [{ operatorKey: [] }]);
      t.match(await call(app.key), { status: 401 }, `${route} with the key of a program`);
      t.not((await call(OPERATOR_KEY)).status, 401);
      continue;
    }
    t.strictSame(definition.security, [{ apiKey: [] }]);
    t.match(
      await call(keys[scope as Scope]!),
      { status: 403, body: { code: 'insufficient_scope' } },
      `${route}: ${scope}`,
    );
    t.match(await call(OPERATOR_KEY), { status: 401 }, `${route} with the operator's key`);
    t.notOk([401, 403].includes((await call(exact[scope as Scope]!)).status), `${route}: ${scope} suffices`);
  }
});
