import { sql } from 'kysely';
import { test } from 'tap';
import { earnRuleDefaults } from '../../src/model/earn-rule.ts';
import { type Call, configuredService } from '../helpers/configured-service.ts';

const perEuro = { name: 'A point per euro', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
const silver = { name: 'Silver', rank: 1, entry: { field: 'spend', op: 'gte', value: 50_000 } };
const shop = { name: 'Favourite shop', type: 'string' };

/** Each kind: a path, a body, the defaults that are filled in, a change of it. */
const kinds: [path: string, body: object, defaults: object, change: object][] = [
  [
    '/v1/wallets/status',
    { name: 'Status', expiry: { after: 'P12M' } },
    {
      redeemable: true,
      rounding: 'floor',
      pending: null,
      expiry: { after: 'P12M', round_up_to: null, sliding: null },
      value: null,
    },
    { redeemable: false },
  ],
  [
    '/v1/earn-rules/per-euro',
    perEuro,
    { ...earnRuleDefaults, condition_text: null },
    { lines: { sku_not_in: ['GIFTCARD'] } },
  ],
  [
    '/v1/tiers/silver',
    silver,
    {
      scheme: 'status',
      exit: null,
      minimum_stay: null,
      grace: null,
      downgrade: 'reassess',
      benefits: { multiplier_percent: 100, perks: [] },
      entry_text: 'spend >= 50000',
      exit_text: null,
    },
    { rank: 2 },
  ],
  [
    '/v1/segments/win-back',
    { name: 'Win back', condition: { text: 'purchases >= 2' } },
    {
      condition: { field: 'purchases', op: 'gte', value: 2 },
      exit: null,
      condition_text: 'purchases >= 2',
      exit_text: null,
    },
    { name: 'Come back' },
  ],
  ['/v1/attributes/shop', shop, { values: null, personal: false }, { values: ['lyon'] }],
];

for (const [path, body, defaults, change] of kinds) {
  test(`${path} is created, read, replaced, archived and revived`, async (t) => {
    const { call } = await configuredService(t);
    const list = path.slice(0, path.lastIndexOf('/'));
    const code = path.slice(list.length + 1);
    const whole = { ...body, ...defaults };
    const codesIn = async (query = ''): Promise<string[]> =>
      (await call('GET', `${list}${query}`)).body.data.map((item: { code: string }) => item.code);

    t.match(await call('GET', path), { status: 404, body: { code: 'not_found' } });
    t.match(await call('PUT', path, body, { 'if-match': '*' }), { status: 412 }, 'there is nothing to replace');
    const created = await call('PUT', path, body);
    t.match(created, { status: 201, etag: '"2"' });
    t.strictSame(created.body, { code, revision: 2, archived: false, ...whole });
    const read = await call('GET', path);
    t.strictSame([read.status, read.etag, read.body], [200, '"2"', created.body]);
    t.strictSame(Object.keys(read.body), Object.keys(created.body), 'in the same order, whatever the database keeps');
    t.ok((await codesIn()).includes(code));

    t.match(await call('PUT', path, { ...body, ...change }), { status: 428, body: { code: 'precondition_required' } });
    for (const stale of ['"1"', 'W/"2"', '2', 'nonsense', '"1", "3"']) {
      const refused = await call('PUT', path, { ...body, ...change }, { 'if-match': stale });
      t.match(refused, { status: 412, body: { code: 'precondition_failed' } }, stale);
    }
    t.match(await call('PUT', path, body, { 'if-none-match': '*' }), { status: 412 }, 'it exists');
    t.match(await call('PUT', path, body, { 'if-match': '"2"' }), { status: 200, etag: '"2"' }, 'nothing new');
    const replaced = await call('PUT', path, { ...body, ...change }, { 'if-match': '"1", "2"' });
    t.match(replaced, { status: 200, etag: '"3"', body: { ...whole, ...change, revision: 3 } });

    t.match(await call('DELETE', path), { status: 428, body: { code: 'precondition_required' } });
    t.match(await call('DELETE', path, null, { 'if-match': '"2"' }), { status: 412 });
    t.match(await call('DELETE', `${list}/other`, null, { 'if-match': '*' }), { status: 404 });
    const archived = await call('DELETE', path, null, { 'if-match': '"3"' });
    t.match(archived, { status: 200, etag: '"4"', body: { code, archived: true, revision: 4 } });
    t.match(await call('DELETE', path, null, { 'if-match': '"4"' }), { status: 200, etag: '"4"' }, 'nothing new');
    t.notOk((await codesIn()).includes(code));
    t.strictSame(await codesIn('?archived=true'), [code]);
    t.match(await call('GET', path), { status: 200, etag: '"4"', body: { archived: true } });

    t.match(await call('PUT', path, body), { status: 428 }, 'an archived code is taken');
    t.match(await call('PUT', path, body, { 'if-none-match': '*' }), { status: 412 });
    const revived = await call('PUT', path, body, { 'if-match': '"4"' });
    t.match(revived, { status: 200, etag: '"5"', body: { ...whole, archived: false } });
    t.strictSame(await codesIn('?archived=true'), []);
  });
}

test('a read that knows the ETag is answered 304, without a body', async (t) => {
  const { call } = await configuredService(t);
  const read = (known: string) => call('GET', '/v1/wallets/points', null, { 'if-none-match': known });
  for (const known of ['"1"', 'W/"1"', '*', '"7", "1"'])
    t.match(await read(known), { status: 304, etag: '"1"', body: null });
  for (const other of ['"2"', '1', '']) t.match(await read(other), { status: 200, etag: '"1"' });
  const program = await call('GET', '/v1/program', null, { 'if-none-match': '"1"' });
  t.match(program, { status: 304, body: null });
});

test('If-None-Match of a write can only say that there is nothing yet', async (t) => {
  const { call } = await configuredService(t);
  const put = () => call('PUT', '/v1/wallets/status', { name: 'Status' }, { 'if-none-match': '*' });
  t.match(await put(), { status: 201 });
  t.match(await put(), { status: 412, body: { code: 'precondition_failed' } });
  const other = await call('PUT', '/v1/wallets/other', { name: 'Other' }, { 'if-none-match': '"1"' });
  t.match(other, { status: 400, body: { errors: [{ pointer: '/headers/if-none-match' }] } });
});

test('what is referred to cannot be archived, and one wallet stays', async (t) => {
  const { call } = await configuredService(t);
  const etag = { 'if-match': '*' };
  const last = await call('DELETE', '/v1/wallets/points', null, etag);
  t.match(last, { status: 422, body: { code: 'invalid_configuration', errors: [{ pointer: '/wallets' }] } });
  await call('PUT', '/v1/wallets/status', { name: 'Status' });
  await call('PUT', '/v1/earn-rules/per-euro', perEuro);
  await call('PUT', '/v1/tiers/silver', { ...silver, entry: { field: 'earned_points', op: 'gte', value: 5 } });
  const used = await call('DELETE', '/v1/wallets/points', null, etag);
  t.match(used, { status: 409, body: { code: 'in_use' } });
  t.strictSame(
    used.body.errors.map((fault: { pointer: string }) => fault.pointer),
    ['/earn_rules/per-euro/wallet', '/tiers/silver/entry'],
  );
  await call('DELETE', '/v1/earn-rules/per-euro', null, etag);
  await call('DELETE', '/v1/tiers/silver', null, etag);
  t.match(await call('DELETE', '/v1/wallets/points', null, etag), { status: 200 });
  const back = await call('PUT', '/v1/earn-rules/per-euro', perEuro, etag);
  t.match(back, { status: 422, body: { errors: [{ pointer: '/wallet', code: 'archived_wallet' }] } });
});

test('a configuration that does not hold together is refused with every fault, and nothing changes', async (t) => {
  const { call } = await configuredService(t);
  await call('PUT', '/v1/tiers/silver', silver);
  const gold = { name: 'Gold', rank: 1, entry: { field: 'spend', wallet: 'points', op: 'gte', value: 500 } };
  const refused = await call('PUT', '/v1/tiers/gold', gold);
  t.match(refused, { status: 422, headers: { 'content-type': 'application/problem+json' } });
  t.match(refused.body, { code: 'invalid_configuration', detail: '3 faults in the configuration as it would be' });
  t.strictSame(
    refused.body.errors.map((fault: { pointer: string; code: string }) => `${fault.pointer} ${fault.code}`),
    ['/entry/wallet not_applicable', '/rank not_unique', '/tiers/silver/rank not_unique'],
  );
  const rule = await call('PUT', '/v1/earn-rules/base', { ...perEuro, wallet: 'pionts' });
  t.match(rule.body.errors, [{ pointer: '/wallet', expected: 'one of points; did you mean points?' }]);
  const reserved = await call('PUT', '/v1/attributes/constructor', shop);
  t.match(reserved, { status: 422, body: { errors: [{ pointer: '/path/code', code: 'reserved' }] } });
  t.match(await call('GET', '/v1/attributes/constructor'), { status: 404 });
  t.match(await call('GET', '/v1/program'), { etag: '"2"' });
});

test('what does not have the shape is refused by pointer', async (t) => {
  const { call } = await configuredService(t);
  const cases: [path: string, body: object, pointer: string][] = [
    ['/v1/wallets/x', { name: 'X', colour: 'red' }, '/colour'],
    ['/v1/wallets/x', { name: 'X', expiry: { after: 'P1M', roundup: 'year' } }, '/expiry/roundup'],
    ['/v1/wallets/x', { name: 'X', pending: 'P1Y6M' }, '/pending'],
    ['/v1/wallets/x', { name: 'nul \0' }, '/name'],
    ['/v1/wallets/X', { name: 'X' }, '/path/code'],
    ['/v1/earn-rules/x', { ...perEuro, from: '2026-02-30T00:00:00Z' }, '/from'],
    ['/v1/earn-rules/x', { ...perEuro, effect: { type: 'fixed', points: 1.5 } }, '/effect/points'],
    ['/v1/earn-rules/x', { ...perEuro, effect: { type: 'fixed', points: 5, per: 100 } }, '/effect/per'],
    ['/v1/earn-rules/x', { ...perEuro, effect: { type: 'free', points: 5 } }, '/effect/type'],
    ['/v1/tiers/x', { ...silver, rank: '1' }, '/rank'],
    ['/v1/attributes/x', { name: 'X' }, '/type'],
  ];
  for (const [path, body, pointer] of cases) {
    const refused = await call('PUT', path, body);
    t.match(refused, { status: 400, body: { code: 'invalid_request' } }, pointer);
    t.ok(
      refused.body.errors.some((fault: { pointer: string }) => fault.pointer === pointer),
      pointer,
    );
  }
});

test('the type of an attribute stays as it was declared', async (t) => {
  const { call } = await configuredService(t);
  await call('PUT', '/v1/attributes/shop', shop);
  const change = () => call('PUT', '/v1/attributes/shop', { ...shop, type: 'set' }, { 'if-match': '*' });
  t.match(await change(), { status: 422, body: { errors: [{ pointer: '/type', expected: 'string' }] } });
  await call('DELETE', '/v1/attributes/shop', null, { 'if-match': '*' });
  t.match(await change(), { status: 422 }, 'archived or not');
});

test('lists come in pages, by code', async (t) => {
  const { call } = await configuredService(t);
  for (const code of ['c', 'a', 'b']) await call('PUT', `/v1/attributes/${code}`, shop);
  const first = await call('GET', '/v1/attributes?limit=2');
  t.match(first.body, { data: [{ code: 'a' }, { code: 'b' }], has_more: true, next_cursor: String });
  const cursor = first.body.next_cursor;
  const second = await call('GET', `/v1/attributes?limit=2&cursor=${cursor}`);
  t.match(second.body, { data: [{ code: 'c' }], has_more: false, next_cursor: null });
  for (const other of [`/v1/attributes?archived=true&cursor=${cursor}`, `/v1/tiers?cursor=${cursor}`]) {
    t.match(await call('GET', other), { status: 400, body: { code: 'invalid_cursor' } });
  }
  for (const query of ['limit=0', 'limit=101', 'archived=maybe', 'sort=name']) {
    t.match(await call('GET', `/v1/attributes?${query}`), { status: 400, body: { code: 'invalid_request' } }, query);
  }
});

test('given many changes at once, none is lost and each knows who made it', async (t) => {
  const { call, service } = await configuredService(t);
  const codes = Array.from({ length: 10 }, (_, index) => `code-${index}`);
  const created = await Promise.all(codes.map((code) => call('PUT', `/v1/attributes/${code}`, shop)));
  t.strictSame(
    created.map(({ body }) => body.revision).toSorted((a, b) => a - b),
    codes.map((_, index) => index + 2),
  );
  const raced = await Promise.all(
    codes.map((name) => call('PUT', '/v1/wallets/points', { name }, { 'if-match': '"1"' })),
  );
  t.strictSame(raced.map(({ status }) => status).toSorted(), [200, ...Array.from({ length: 9 }, () => 412)]);
  const kept = await service.services.database.observe((db) =>
    db.run(
      sql<{
        revision: number;
        changed_by: string;
      }>`select r.revision, r.changed_by from program_revision r join program p using (program_id) where p.code = 'default' order by 1`,
    ),
  );
  t.equal(kept.length, 12);
  t.strictSame(kept[0], { revision: 1, changed_by: 'first_start' });
  t.match(kept[11], { revision: 12, changed_by: /^key_[0-9a-f]{16}$/ });
});

test('the program is read and changed', async (t) => {
  const { call } = await configuredService(t);
  const read = await call('GET', '/v1/program');
  t.match(read, { status: 200, etag: '"1"', body: { code: 'default', name: 'Default', currency: 'EUR', revision: 1 } });
  t.match(await call('PATCH', '/v1/program', {}), { status: 200, etag: '"1"' }, 'nothing to change');
  const policies = { late_report_days: null, count_shipping: true };
  const changed = await call('PATCH', '/v1/program', { name: 'Club', policies }, { 'if-match': '"1"' });
  t.match(changed, { status: 200, etag: '"2"' });
  t.strictSame(changed.body, {
    ...read.body,
    name: 'Club',
    revision: 2,
    policies: { ...read.body.policies, ...policies },
  });
  t.strictSame((await call('GET', '/v1/program')).body, changed.body);
  t.match(await call('PATCH', '/v1/program', { name: 'Other' }, { 'if-match': '"1"' }), { status: 412 });
  t.match(await call('PATCH', '/v1/program', { locale: 'fr-FR' }), { status: 200, body: { locale: 'fr-FR' } });
  t.match(await call('PATCH', '/v1/program', { currency: 'USD' }), { status: 400 }, 'fixed');
});

test('what is configured is what decides', async (t) => {
  const { call } = await configuredService(t);
  await call('PUT', '/v1/earn-rules/per-euro', perEuro);
  await call('PUT', '/v1/members/m-1', {});
  const buy = async (id: string) => {
    const lines = [{ sku: 'A', quantity: 1, unit_price: 1_000, total: 1_000 }];
    const body = { id, member: 'm-1', occurred_at: new Date().toISOString(), currency: 'EUR', lines, total: 1_000 };
    return (await call('POST', '/v1/purchases', body)).body.earned;
  };
  t.match(await buy('o-1'), [{ wallet: 'points', points: 10 }]);
  await call('PUT', '/v1/earn-rules/per-euro', { ...perEuro, lines: { sku_not_in: ['A'] } }, { 'if-match': '*' });
  t.strictSame(await buy('o-2'), []);
});

test('a key without the scope reads at most, and another program is another world', async (t) => {
  const { call, callAs } = await configuredService(t);
  const keyOf = async (as: Call, scopes: string[]) => (await as('POST', '/v1/keys', { name: 'k', scopes })).body.key;
  const reader = callAs(await keyOf(call, ['read']));
  t.match(await reader('GET', '/v1/wallets'), { status: 200 });
  const writes: Parameters<Call>[] = [
    ['PUT', '/v1/wallets/status', { name: 'Status' }],
    ['DELETE', '/v1/wallets/points', null, { 'if-match': '*' }],
    ['PATCH', '/v1/program', { name: 'Mine' }],
  ];
  for (const write of writes) t.match(await reader(...write), { status: 403, body: { code: 'insufficient_scope' } });
  t.match(await callAs('tsr_nobody')('GET', '/v1/wallets'), { status: 401, body: { code: 'unauthenticated' } });
});
