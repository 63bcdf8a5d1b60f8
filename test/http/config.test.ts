import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { test } from 'tap';
import { defaultPolicies } from '../../src/model/policies.ts';
import { type TestApp, testApp } from '../helpers/app.ts';

const perEuro = { name: 'A point per euro', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
const silver = { name: 'Silver', rank: 1, entry: { field: 'spend', op: 'gte', value: 50_000 } };
const gold = { name: 'Gold', rank: 2, entry: { field: 'spend', op: 'gte', value: 90_000 } };
const shop = { name: 'Favourite shop', type: 'string' };
const workshop = { name: 'Workshop', fields: { rating: { name: 'Rating', type: 'integer' } } };
const vip = { name: 'VIP', condition: { text: 'spend("365d") >= 50000 && !(older_than(last_purchase_at, "90d"))' } };

const seen = (revision: number) => ({ 'if-match': `"${revision}"` });
const put = (app: TestApp, document: object, revision: number) =>
  app.request('PUT', '/v1/config', document, seen(revision));
const plan = async (app: TestApp, document: object) => (await app.request('POST', '/v1/config/plan', document)).body;
const read = async (app: TestApp) => (await app.request('GET', '/v1/config')).body;
const codes = (errors: { pointer: string; code: string }[]) => errors.map(({ pointer, code }) => `${pointer} ${code}`);

/** A program that has one of everything, in revision 2. */
const whole = {
  attributes: { shop },
  context_fields: { device: { name: 'Device', type: 'string', values: ['mobile'] } },
  activity_types: { workshop },
  segments: { vip },
  tiers: { silver },
  earn_rules: { 'per-euro': perEuro },
};

const filled = async (t: Parameters<typeof testApp>[0]) => {
  const app = await testApp(t);
  t.match(await put(app, whole, 1), { status: 200, headers: { etag: '"2"' } });
  return app;
};

test('a fresh program has a document, whole and in order', async (t) => {
  const app = await testApp(t);
  const answer = await app.request('GET', '/v1/config');
  t.match(answer, { status: 200, headers: { etag: '"1"' } });
  t.strictSame(Object.keys(answer.body), [
    ...['policies', 'wallets', 'attributes', 'context_fields', 'activity_types', 'segments', 'tiers', 'earn_rules'],
    'burn_rules',
    'rewards',
    'streams',
  ]);
  t.match(answer.body, { wallets: { points: { name: 'Points', expiry: null } }, tiers: {} });
  const known = await app.request('GET', '/v1/config', null, { 'if-none-match': '"1"' });
  t.match(known, { status: 304, text: '' });
});

test('a document becomes the configuration in one revision, with defaults, and conditions as trees', async (t) => {
  const app = await filled(t);
  const answer = await app.request('GET', '/v1/config');
  t.equal(answer.headers['etag'], '"2"');
  t.match(answer.body, {
    wallets: { points: {} },
    attributes: { shop: { ...shop, values: null, personal: false } },
    activity_types: { workshop: { fields: { rating: { type: 'integer', values: null } } } },
    segments: {
      vip: {
        condition: {
          all: [
            { field: 'spend', window: '365d', op: 'gte', value: 50_000 },
            { not: { field: 'last_purchase_at', op: 'older_than', value: '90d' } },
          ],
        },
        exit: null,
      },
    },
    tiers: { silver: { scheme: 'status', ...silver } },
    earn_rules: { 'per-euro': { wallet: 'points', lines: null } },
  });
  t.match(await app.request('GET', '/v1/tiers/silver'), { status: 200, headers: { etag: '"2"' } });
  t.match(await app.request('GET', '/v1/wallets/points'), { headers: { etag: '"1"' } }, 'not spoken of');
});

test('what was read can be put back: nothing changes, and there is no new revision', async (t) => {
  const app = await filled(t);
  const document = await read(app);
  t.match(await put(app, document, 2), { status: 200, headers: { etag: '"2"' }, body: document });
  t.match(await put(app, whole, 2), { headers: { etag: '"2"' } }, 'nor does the text of the same conditions');
  t.match(await put(app, {}, 2), { headers: { etag: '"2"' } }, 'nor does a document that says nothing');
  t.match(await put(app, { $schema: 'https://example.com/v1/config/schema' }, 2), { headers: { etag: '"2"' } });
});

test('what a kind does not name is archived, what is the same keeps its revision, what comes back is revived', async (t) => {
  const app = await filled(t);
  t.match(await put(app, { tiers: { silver, gold }, attributes: {} }, 2), { headers: { etag: '"3"' } });
  const etag = async (path: string) => (await app.request('GET', path)).headers['etag'];
  t.equal(await etag('/v1/tiers/silver'), '"2"');
  t.equal(await etag('/v1/tiers/gold'), '"3"');
  t.match(await app.request('GET', '/v1/attributes/shop'), { body: { archived: true, revision: 3 } });
  t.match(await app.request('GET', '/v1/earn-rules/per-euro'), { body: { archived: false, revision: 2 } });
  t.strictSame((await read(app)).attributes, {});
  t.match(await put(app, { attributes: { shop } }, 3), { headers: { etag: '"4"' } });
  t.match(await app.request('GET', '/v1/attributes/shop'), { body: { archived: false, revision: 4 } });
});

test('policies are part of it', async (t) => {
  const app = await testApp(t);
  const { policies } = await read(app);
  const changed = { ...policies, count_shipping: !policies.count_shipping };
  t.match(await put(app, { policies: changed }, 1), { status: 200, body: { policies: changed } });
  t.match((await app.request('GET', '/v1/program')).body, { revision: 2, policies: changed });
  const partly = await put(app, { policies: { count_tax: true } }, 2);
  t.match(partly, { status: 200, body: { policies: defaultPolicies } }, 'what it leaves out is as in a new program');
  const unknown = await put(app, { policies: { count_text: true } }, 3);
  t.match(unknown, { status: 400, body: { code: 'invalid_request' } });
  const patched = await app.request('PATCH', '/v1/program', { policies: { earn_on_points_paid: true } });
  t.match(patched, { status: 200, body: { policies: { ...defaultPolicies, earn_on_points_paid: true } } });
});

test('only who has seen the configuration changes it', async (t) => {
  const app = await filled(t);
  t.match(await app.request('PUT', '/v1/config', { tiers: {} }), { status: 428 });
  t.match(await put(app, { tiers: {} }, 1), { status: 412, body: { code: 'precondition_failed' } });
  t.match(await app.request('PUT', '/v1/config', { tiers: {} }, { 'if-match': '*' }), { status: 200 });
});

/** Documents that are refused, and every fault they are refused for. */
const broken: [what: string, document: object, faults: string[]][] = [
  [
    'an unknown wallet',
    { earn_rules: { r: { ...perEuro, wallet: 'pionts' } } },
    ['/earn_rules/r/wallet unknown_wallet'],
  ],
  ['no wallet', { wallets: {}, earn_rules: {} }, ['/wallets required']],
  [
    'a wallet archived that a rule gives',
    { wallets: { other: { name: 'Other' } } },
    ['/earn_rules/per-euro/wallet archived_wallet'],
  ],
  ['another type of attribute', { attributes: { shop: { ...shop, type: 'set' } } }, ['/attributes/shop/type fixed']],
  [
    'another type of context field',
    { context_fields: { device: { name: 'Device', type: 'boolean' } } },
    ['/context_fields/device/type fixed'],
  ],
  [
    'another type of field of an activity',
    {
      activity_types: {
        workshop: {
          name: 'Workshop',
          fields: { rating: { name: 'R', type: 'string' }, more: { name: 'M', type: 'string' } },
        },
      },
    },
    ['/activity_types/workshop/fields/rating/type fixed'],
  ],
  [
    'a text that is no condition',
    { segments: { vip: { ...vip, exit: { all: [{ text: 'spend >' }] } } } },
    ['/segments/vip/exit/all/0/text syntax'],
  ],
  [
    'faults all over',
    { attributes: { shop: { ...shop, type: 'date' } }, tiers: { silver, gold: { ...gold, rank: 1 } } },
    ['/attributes/shop/type fixed', '/tiers/gold/rank not_unique', '/tiers/silver/rank not_unique'],
  ],
];

test('a document that does not hold together is refused with every fault, and planned with the same', async (t) => {
  const app = await filled(t);
  for (const [what, document, faults] of broken) {
    const refused = await put(app, document, 2);
    t.match(refused, { status: 422, body: { code: 'invalid_configuration' } }, what);
    t.strictSame(codes(refused.body.errors), faults, what);
    t.strictSame((await plan(app, document)).faults, refused.body.errors, what);
  }
  t.match(await app.request('GET', '/v1/config'), { headers: { etag: '"2"' } });
});

test('the same is refused of a single resource', async (t) => {
  const app = await filled(t);
  const cases: [path: string, body: object, fault: string][] = [
    ['/v1/attributes/shop', { ...shop, type: 'set' }, '/type fixed'],
    ['/v1/context-fields/device', { name: 'Device', type: 'boolean' }, '/type fixed'],
    [
      '/v1/activity-types/workshop',
      { name: 'R', fields: { rating: { name: 'R', type: 'string' } } },
      '/fields/rating/type fixed',
    ],
    ['/v1/segments/vip', { ...vip, condition: { text: 'spend >' } }, '/condition/text syntax'],
  ];
  for (const [path, body, fault] of cases) {
    const refused = await app.request('PUT', path, body, seen(2));
    t.match(refused, { status: 422 }, path);
    t.strictSame(codes(refused.body.errors), [fault]);
  }
  t.match(await app.request('PUT', '/v1/segments/vip', vip, seen(2)), { status: 200, headers: { etag: '"2"' } });
});

test('what does not have the shape is refused by pointer', async (t) => {
  const app = await testApp(t);
  const cases: [document: object, pointer: string][] = [
    [{ offers: {} }, '/offers'],
    [{ tiers: { X: silver } }, '/tiers/X'],
    [{ tiers: { silver: { ...silver, rank: '1' } } }, '/tiers/silver/rank'],
    [{ earn_rules: [] }, '/earn_rules'],
  ];
  for (const [document, pointer] of cases) {
    const refused = await put(app, document, 1);
    t.match(refused, { status: 400, body: { code: 'invalid_request' } });
    t.ok(
      refused.body.errors.some((fault: { pointer: string }) => fault.pointer === pointer),
      pointer,
    );
  }
});

test('a condition of a hundred thousand levels is a fault like any other', async (t) => {
  const app = await testApp(t);
  const depth = 100_000;
  const condition = `${'{"not":'.repeat(depth)}{}${'}'.repeat(depth)}`;
  const document = `{"segments":{"deep":{"name":"Deep","condition":${condition}}}}`;
  const refused = await app.request('PUT', '/v1/config', document, seen(1));
  t.match(refused, { status: 422, body: { errors: [{ pointer: '/segments/deep', code: 'too_deep' }] } });
  t.match(await app.request('POST', '/v1/config/plan', document), {
    status: 200,
    body: { faults: [{ code: 'too_deep' }] },
  });
  const single = await app.request('PUT', '/v1/segments/deep', `{"name":"Deep","condition":${condition}}`);
  t.match(single, { status: 422, body: { errors: [{ code: 'too_deep' }] } });
});

test('a plan says what would become of each resource, and changes nothing', async (t) => {
  const app = await filled(t);
  await put(app, { tiers: { gold } }, 2);
  const document = {
    tiers: { silver, gold: { ...gold, entry: { ...gold.entry, value: 80_000 } } },
    earn_rules: {},
    segments: {
      vip: { ...vip, condition: { text: 'spend("365d") >= 60000 && !(older_than(last_purchase_at, "90d"))' } },
    },
    wallets: { ...(await read(app)).wallets, gifts: { name: 'Gifts' } },
  };
  const planned = await plan(app, document);
  t.match(planned, { revision: 3, faults: [] });
  t.match(planned.changes, [
    {
      kind: 'wallets',
      code: 'gifts',
      action: 'created',
      diff: [{ pointer: '/wallets/gifts', after: { name: 'Gifts' } }],
    },
    {
      kind: 'segments',
      code: 'vip',
      action: 'changed',
      diff: [{ pointer: '/segments/vip/condition/all/0/value', before: 50_000, after: 60_000 }],
    },
    { kind: 'tiers', code: 'gold', action: 'changed', diff: [{ pointer: '/tiers/gold/entry/value', before: 90_000 }] },
    { kind: 'tiers', code: 'silver', action: 'revived', diff: [{ pointer: '/tiers/silver' }] },
    { kind: 'earn_rules', code: 'per-euro', action: 'archived', diff: [{ pointer: '/earn_rules/per-euro' }] },
  ]);
  t.equal(planned.changes.length, 5);
  t.notOk('before' in planned.changes[0].diff[0]);
  t.notOk('after' in planned.changes[4].diff[0]);
  t.match(await app.request('GET', '/v1/config'), { headers: { etag: '"3"' } });
  t.match(await put(app, document, planned.revision), { status: 200, headers: { etag: '"4"' } });
  t.strictSame((await plan(app, document)).changes, []);
});

test('revisions are listed, read and compared', async (t) => {
  const app = await filled(t);
  await put(app, { tiers: { silver, gold } }, 2);
  await app.request('PATCH', '/v1/program', { name: 'Club' });
  const list = await app.request('GET', '/v1/config/revisions?limit=3');
  t.match(list.body, { data: [{ revision: 4 }, { revision: 3 }, { revision: 2 }], has_more: true });
  t.match(list.body.data[0], { created_at: '2026-03-02T10:00:00.000Z', changed_by: /^key_/ });
  const rest = await app.request('GET', `/v1/config/revisions?limit=3&cursor=${list.body.next_cursor}`);
  t.match(rest.body, { data: [{ revision: 1 }], has_more: false, next_cursor: null });

  const second = await app.request('GET', '/v1/config/revisions/2');
  t.match(second, { status: 200, body: { tiers: { silver } } });
  t.notOk('gold' in second.body.tiers);
  const diff = async (path: string) => (await app.request('GET', `/v1/config/revisions/${path}`)).body;
  t.match(await diff('2/diff'), { from: 2, to: 4, changes: [{ code: 'gold', action: 'created' }] });
  t.match(await diff('3/diff?to=2'), { from: 3, to: 2, changes: [{ code: 'gold', action: 'archived' }] });
  t.strictSame((await diff('3/diff?to=4')).changes, []);
  for (const path of ['9', '9/diff', '1/diff?to=9'])
    t.match(await app.request('GET', `/v1/config/revisions/${path}`), { status: 404, body: { code: 'not_found' } });
  for (const path of ['0', 'x', '1/diff?to=x', '9999999999'])
    t.match(await app.request('GET', `/v1/config/revisions/${path}`), { status: 400 });
});

test('going back to a revision makes a new one with its content', async (t) => {
  const app = await filled(t);
  const before = await read(app);
  await put(app, { tiers: { gold }, attributes: {}, context_fields: {} }, 2);
  const revert = (revision: number, headers = {}) =>
    app.request('POST', `/v1/config/revisions/${revision}/revert`, null, headers);
  t.match(await revert(2), { status: 428 });
  t.match(await revert(2, seen(2)), { status: 412 });
  t.match(await revert(9, seen(3)), { status: 404 });
  const back = await revert(2, seen(3));
  t.match(back, { status: 200, headers: { etag: '"4"' } });
  t.strictSame(back.body, before);
  t.strictSame(await read(app), before);
  t.match(await app.request('GET', '/v1/tiers/gold'), { body: { archived: true } });
  t.match(await revert(2, seen(4)), { status: 200, headers: { etag: '"4"' } }, 'nothing to go back on');
  t.match(await revert(1, seen(4)), { status: 200, headers: { etag: '"5"' }, body: { tiers: {}, earn_rules: {} } });
});

test('going back is checked like any change', async (t) => {
  const app = await testApp(t);
  await put(app, { activity_types: { workshop } }, 1);
  await put(app, { activity_types: { workshop: { name: 'Workshop', fields: {} } } }, 2);
  const again = { name: 'Workshop', fields: { rating: { name: 'Rating', type: 'string' } } };
  await put(app, { activity_types: { workshop: again } }, 3);
  const back = await app.request('POST', '/v1/config/revisions/2/revert', null, seen(4));
  t.match(back, { status: 422, body: { errors: [{ pointer: '/activity_types/workshop/fields/rating/type' }] } });
});

test('the schema for editors stands on its own, and takes what the service takes', async (t) => {
  const app = await filled(t);
  const { body: schema } = await app.as(null)('GET', '/v1/config/schema');
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  t.equal(validate(await read(app)), true, JSON.stringify(validate.errors));
  t.equal(validate({ $schema: '/v1/config/schema', ...whole }), true, JSON.stringify(validate.errors));
  for (const wrong of [{ offers: {} }, { tiers: { X: silver } }, { tiers: { silver: { ...silver, rank: 'a' } } }])
    t.equal(validate(wrong), false);
  for (const example of schema.examples) t.equal(validate(example), true);
});

test('a key that reads sees and plans, but does not change', async (t) => {
  const app = await filled(t);
  const reader = app.as(await app.keyWith('read'));
  t.match(await reader('GET', '/v1/config'), { status: 200 });
  t.match(await reader('POST', '/v1/config/plan', { tiers: {} }), { status: 200 });
  t.match(await reader('PUT', '/v1/config', { tiers: {} }, seen(2)), { status: 403 });
  t.match(await reader('POST', '/v1/config/revisions/1/revert', null, seen(2)), { status: 403 });
});

test('given changes at once, one of those that saw the same revision is made', async (t) => {
  const app = await filled(t);
  const names = ['a', 'b', 'c', 'd'];
  const raced = await Promise.all(names.map((code) => put(app, { attributes: { shop, [code]: shop } }, 2)));
  t.strictSame(raced.map(({ status }) => status).toSorted(), [200, 412, 412, 412]);
});
