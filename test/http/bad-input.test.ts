import { type Test, test } from 'tap';
import { type Answer, purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';
import { rowsOf } from './rows.ts';

/*
 * What must not be taken. Each is answered with a documented problem that says where (every answer is held against the
 * OpenAPI document by the helper), and leaves every table as it was.
 */

/** A member with 100 points, one who is suspended and one who is closed; a wallet that cannot be spent. */
const prepared = async (t: Test): Promise<TestApp> => {
  const app = await testApp(t);
  for (const member of ['ada', 'sam', 'cy']) await withPoints(app, member, 100);
  await app.request('POST', '/v1/members/sam/suspend');
  await app.request('POST', '/v1/members/cy/close');
  await app.request('PUT', '/v1/wallets/status', { name: 'Status', redeemable: false });
  return app;
};

/** What is expected: a status, a code, and where the first fault is (when it has a place). */
type Expected = [status: number, code: string, pointer?: string];

const check = (t: Test, name: string, answer: Answer, [status, code, pointer]: Expected): void => {
  t.match(answer, { status, body: { code } }, name);
  const pointers = (answer.body.errors ?? []).map((fault: { pointer: string }) => fault.pointer);
  if (pointer !== undefined) t.ok(pointers.includes(pointer), `${name}: ${pointer} is among ${pointers}`);
};

const unchanged = async (t: Test, app: TestApp, work: () => Promise<void>): Promise<void> => {
  const before = await rowsOf(app.databaseUrl);
  await work();
  t.strictSame(await rowsOf(app.databaseUrl), before, 'nothing has changed');
};

/** The body as text, with a value replaced by what JSON.stringify would not write. */
const withRaw = (body: object, pointer: string, raw: string): string => {
  const copy = structuredClone(body) as Record<string, never>;
  const names = pointer.slice(1).split('/');
  const last = names.pop()!;
  const target = names.reduce((at, name) => at[name] as never, copy) as Record<string, unknown>;
  target[last] = '@here@';
  return JSON.stringify(copy).replace('"@here@"', raw);
};

const purchase = purchaseOf('o-1', 'ada', 1_000, { occurred_at: '2026-03-01T12:00:00Z', context: { a: 1 } });
const redemption = { id: 'r-1', member: 'ada', points: 5 };
const adjustment = { member: 'ada', points: 5, reason: 'r', actor: 'a' };
const key = { 'idempotency-key': 'k' };

test('values of another type or out of range are refused where they stand', async (t) => {
  const app = await prepared(t);
  await unchanged(t, app, async () => {
    for (const raw of ['null', '"12"', '1.5', '1e400', '-1e400', '-1', 'true', '[]', '{}', '9007199254740992']) {
      for (const at of ['/total', '/lines/0/unit_price', '/lines/0/quantity', '/lines/0/total']) {
        const answer = await app.request('POST', '/v1/purchases', withRaw(purchase, at, raw));
        check(t, `${at} ${raw}`, answer, [400, 'invalid_request', at]);
      }
      const spent = await app.request('POST', '/v1/redemptions', withRaw(redemption, '/points', raw));
      check(t, `points ${raw}`, spent, [400, 'invalid_request', '/points']);
      if (raw === '-1') continue;
      const given = await app.request('POST', '/v1/adjustments', withRaw(adjustment, '/points', raw), key);
      check(t, `points ${raw}`, given, [400, 'invalid_request', '/points']);
    }
    for (const raw of ['0', '1000000000001'])
      check(t, raw, await app.request('POST', '/v1/redemptions', withRaw(redemption, '/points', raw)), [
        ...([400, 'invalid_request', '/points'] as const),
      ]);
    for (const raw of ['1', 'null', '{}', '["ada"]', '""', '"ada lovelace"', '"email:ada@example.com"', '"a\\n"'])
      for (const [path, body] of [['/v1/purchases', purchase] as const, ['/v1/redemptions', redemption] as const])
        check(t, `member ${raw}`, await app.request('POST', path, withRaw(body, '/member', raw)), [
          ...([400, 'invalid_request', '/member'] as const),
        ]);
    const instants = ['2026-02-30T10:00:00Z', '2026-13-01T10:00:00Z', '2026-03-01', '2026-03-01T24:00:00Z'];
    const others = [
      '2026-03-01T10:00:60Z',
      '2026-03-01T10:00:00.0001Z',
      '0000-01-01T00:00:00Z',
      '+010000-01-01T00:00:00Z',
    ];
    for (const text of [...instants, ...others, '9999-12-31T23:59:59-14:00', '2026-03-01 10:00:00Z', '1772000000'])
      check(t, text, await app.request('POST', '/v1/purchases', { ...purchase, occurred_at: text }), [
        ...([400, 'invalid_request', '/occurred_at'] as const),
      ]);
  });
});

test('text that is no text, and text that is too long', async (t) => {
  const app = await prepared(t);
  await unchanged(t, app, async () => {
    for (const raw of [
      '"\\u0000"',
      '"a\\u0000b"',
      '"\\ud800"',
      '"a\\udc00"',
      '"\\ud83dx"',
      `"${'x'.repeat(129)}"`,
      '""',
    ])
      check(t, raw.slice(0, 20), await app.request('POST', '/v1/purchases', withRaw(purchase, '/lines/0/sku', raw)), [
        ...([400, 'invalid_request', '/lines/0/sku'] as const),
      ]);
    for (const name of ['a\\u0000', '\\ud800', '__proto_', 'A', 'x'.repeat(65)])
      check(t, name, await app.request('POST', '/v1/purchases', withRaw(purchase, '/context', `{"${name}":1}`)), [
        ...([400, 'invalid_request'] as const),
      ]);
    for (const id of ['', 'x'.repeat(129), 'a b', 'a/b', 'é', '-a', 'a\n'])
      check(t, id.slice(0, 20), await app.request('POST', '/v1/purchases', { ...purchase, id }), [
        400,
        'invalid_request',
        '/id',
      ]);
    const long = await app.request('POST', '/v1/adjustments', { ...adjustment, reason: 'x'.repeat(1_001) }, key);
    check(t, 'a long reason', long, [400, 'invalid_request', '/reason']);
    const given = await app.request(
      'PUT',
      '/v1/members/zoe',
      withRaw({ profile: { given_name: '' } }, '/profile/given_name', '"\\ud800"'),
    );
    check(t, 'a name', given, [400, 'invalid_request', '/profile/given_name']);
  });
});

test('properties that are not declared, also those of a prototype', async (t) => {
  const app = await prepared(t);
  await unchanged(t, app, async () => {
    const send = (body: object | string) => app.request('POST', '/v1/purchases', body);
    check(t, 'another', await send({ ...purchase, points: 9 }), [400, 'invalid_request', '/points']);
    const line = { ...purchase.lines[0], 'a/b~c': 1 };
    check(t, 'nested', await send({ ...purchase, lines: [line] }), [400, 'invalid_request', '/lines/0/a~1b~0c']);
    check(t, 'surrogate', await send(withRaw(purchase, '/x', '1').replace('"x"', '"\\ud800"')), [
      400,
      'invalid_request',
    ]);
    for (const name of ['constructor', 'toString', 'hasOwnProperty'])
      check(t, name, await send({ ...purchase, [name]: 1 }), [400, 'invalid_request', `/${name}`]);
    for (const text of ['"__proto__":{"total":0}', '"\\u005f_proto__":{}', '"constructor":{"prototype":{"total":0}}'])
      check(t, text, await send(`{${text},${JSON.stringify(purchase).slice(1)}`), [400, 'malformed_request']);
    t.equal(({} as Record<string, unknown>)['total'], undefined);
  });
});

test('sums, currencies, members and ids that cannot be', async (t) => {
  const app = await prepared(t);
  const buy = (more: object) => app.request('POST', '/v1/purchases', { ...purchase, ...more });
  const [line] = purchase.lines;
  const most = Number.MAX_SAFE_INTEGER;
  const cases: [name: string, answer: () => Promise<Answer>, expected: Expected][] = [
    ['total', () => buy({ total: 1_001 }), [422, 'sums_do_not_add_up', '/total']],
    [
      'line',
      () => buy({ lines: [{ ...line, total: 999 }], total: 999 }),
      [422, 'sums_do_not_add_up', '/lines/0/total'],
    ],
    ['discount', () => buy({ discount: 1_001, total: 0 }), [422, 'sums_do_not_add_up']],
    ['tax', () => buy({ tax: { amount: 1, included: false } }), [422, 'sums_do_not_add_up', '/total']],
    [
      'product',
      () => buy({ lines: [{ ...line, quantity: 1_000_000, unit_price: most, total: most }], total: most }),
      [422, 'sums_do_not_add_up', '/lines/0/unit_price'],
    ],
    [
      'sum',
      () => buy({ lines: [{ ...line, unit_price: most, total: most }, line], total: most }),
      [422, 'sums_do_not_add_up', '/lines'],
    ],
    [
      'points',
      () => buy({ lines: [{ ...line, unit_price: most, total: most }], total: most }),
      [422, 'number_too_large'],
    ],
    ['currency', () => buy({ currency: 'USD' }), [422, 'currency_mismatch', '/currency']],
    ['no currency', () => buy({ currency: 'eur' }), [400, 'invalid_request', '/currency']],
    [
      'from the future',
      () => buy({ occurred_at: '2026-03-02T10:05:00.001Z' }),
      [422, 'occurred_in_future', '/occurred_at'],
    ],
    ['late', () => buy({ occurred_at: '2026-01-01T00:00:00Z' }), [422, 'report_too_late', '/occurred_at']],
    ['no lines', () => buy({ lines: [], total: 0 }), [400, 'invalid_request', '/lines']],
    [
      '10,000 lines',
      () => buy({ lines: Array(10_000).fill(line), total: 10_000_000 }),
      [400, 'invalid_request', '/lines'],
    ],
    ['nobody', () => buy({ member: 'nobody' }), [404, 'member_not_found', '/member']],
    ['no card', () => buy({ member: 'card:1' }), [404, 'member_not_found', '/member']],
    ['closed', () => buy({ member: 'cy' }), [409, 'member_closed']],
    ['known id', () => buy({ id: 'first-of-ada' }), [409, 'purchase_conflict']],
    [
      'suspended',
      () => app.request('POST', '/v1/redemptions', { ...redemption, member: 'sam' }),
      [409, 'member_suspended'],
    ],
    [
      'too few',
      () => app.request('POST', '/v1/redemptions', { ...redemption, points: 101 }),
      [409, 'insufficient_points'],
    ],
    [
      'no wallet',
      () => app.request('POST', '/v1/redemptions', { ...redemption, wallet: 'constructor' }),
      [422, 'unknown_wallet', '/wallet'],
    ],
    [
      'not to spend',
      () => app.request('POST', '/v1/redemptions', { ...redemption, wallet: 'status' }),
      [422, 'wallet_not_redeemable'],
    ],
    [
      'declared by nobody',
      () => app.request('PUT', '/v1/members/ada', { attributes: { constructor: 1 } }),
      [422, 'unknown_attribute', '/attributes/constructor'],
    ],
    [
      'no phone',
      () => app.request('PUT', '/v1/members/ada', { identities: [{ kind: 'phone', value: '1' }] }),
      [422, 'invalid_identity', '/identities/0/value'],
    ],
    ['closed', () => app.request('PATCH', '/v1/members/cy', {}), [409, 'member_closed']],
    ['nobody', () => app.request('PATCH', '/v1/members/nobody', {}), [404, 'member_not_found', '/path/id']],
  ];
  for (const after of ['P100Y', 'P0D', 'P1Y2M', 'P1.5D', 'PT1H', '12 months']) {
    const wallet = () =>
      app.request('PUT', '/v1/wallets/points', { name: 'P', expiry: { after } }, { 'if-match': '*' });
    cases.push([after, wallet, [400, 'invalid_request', '/expiry/after']]);
  }
  await unchanged(t, app, async () => {
    for (const [name, answer, expected] of cases) check(t, name, await answer(), expected);
  });
});

test('queries, paths and cursors that are none', async (t) => {
  const app = await prepared(t);
  const cases: [path: string, expected: Expected][] = [
    ...['0', '101', 'x', '1.5', '', '-1', '1e1000'].map((limit): [string, Expected] => [
      `/v1/members/ada/purchases?limit=${limit}`,
      [400, 'invalid_request', '/query/limit'],
    ]),
    ['/v1/members/ada/purchases?limit=1&limit=2', [400, 'invalid_request', '/query/limit']],
    ['/v1/members/ada/purchases?page=2', [400, 'invalid_request', '/query/page']],
    ['/v1/members/ada/ledger-entries?movement=gift', [400, 'invalid_request', '/query/movement']],
    [
      '/v1/members/ada/ledger-entries?recorded_after=0000-01-01T00:00:00Z',
      [400, 'invalid_request', '/query/recorded_after'],
    ],
    ['/v1/members/ada/accounts?as_of=yesterday', [400, 'invalid_request', '/query/as_of']],
    ['/v1/members/ada/purchases?cursor=x', [400, 'invalid_cursor']],
    [`/v1/wallets?cursor=${'x'.repeat(301)}`, [400, 'invalid_request', '/query/cursor']],
    ['/v1/members/email:ada@example.com', [400, 'invalid_request', '/path/id']],
    ['/v1/members/%00', [400, 'invalid_request', '/path/id']],
    ['/v1/members/a%2Fb', [400, 'invalid_request', '/path/id']],
    ['/v1/members/%F0%9F%92%A9', [400, 'invalid_request', '/path/id']],
    [`/v1/members/${'a'.repeat(129)}`, [400, 'invalid_request', '/path/id']],
    [`/v1/members/${'a'.repeat(5_000)}`, [414, 'uri_too_long']],
    ['/v1/members/%zz', [400, 'malformed_request']],
    ['/v1/ledger-entries/ent_1', [400, 'invalid_request', '/path/id']],
    ['/v1/ledger-entries/ent_zzzzzzzzzz_zzzzzz', [404, 'not_found']],
    ['/v1/wallets/__proto__', [400, 'invalid_request', '/path/code']],
    ['/v1/wallets/constructor', [404, 'not_found']],
    ['/v1/members/ada/', [404, 'not_found']],
    ['/v1/wallets/', [400, 'invalid_request', '/path/code']],
    ['/V1/wallets', [404, 'not_found']],
    ['/nothing', [404, 'not_found']],
  ];
  await unchanged(t, app, async () => {
    for (const [path, expected] of cases) check(t, path.slice(0, 80), await app.request('GET', path), expected);
  });
});

test('a cursor that somebody made up gets no further', async (t) => {
  const app = await prepared(t);
  const { next_cursor } = (await app.request('GET', '/v1/wallets?limit=1')).body;
  const [position, signature] = next_cursor.split('.');
  for (const cursor of [position, `${position}.`, `.${signature}`, `x${position}.${signature}`, `AAAA.${signature}`])
    check(t, cursor, await app.request('GET', `/v1/wallets?cursor=${cursor}`), [400, 'invalid_cursor']);
  const archived = await app.request('GET', `/v1/wallets?archived=true&cursor=${next_cursor}`);
  check(t, 'other filters', archived, [400, 'invalid_cursor']);
  t.equal((await app.request('GET', `/v1/wallets?cursor=${next_cursor}`)).status, 200);
});
