import { hash } from 'node:crypto';
import { sql } from 'kysely';
import { test } from 'tap';
import { ensureFirstPrograms } from '../../src/commands/programs.ts';
import { SCOPES } from '../../src/model/program.ts';
import { Database } from '../../src/store/database.ts';
import { configuredService, OPERATOR_KEY } from '../helpers/configured-service.ts';
import { testDatabase } from '../helpers/postgres.ts';

const nord = { code: 'nord', name: 'Club Nord', currency: 'SEK', time_zone: 'Europe/Stockholm' };

/** A clock that stands still until it is moved. */
const movable = (start: number) => {
  let now = start;
  return { clock: () => now, move: (milliseconds: number) => (now += milliseconds) };
};

test('a key is made, shown once, used, listed and revoked', async (t) => {
  const { clock, move } = movable(Date.parse('2026-03-01T12:00:00Z'));
  const { call, callAs, service } = await configuredService(t, clock);
  const made = await call('POST', '/v1/keys', { name: 'Shop', scopes: ['read', 'configure'] });
  t.match(made, { status: 201, body: { id: /^key_[0-9a-f]{16}$/, key: /^tsr_[A-Za-z0-9_-]{43}$/ } });
  const { key, ...shown } = made.body;
  t.strictSame(shown, {
    id: shown.id,
    name: 'Shop',
    scopes: ['read', 'configure'],
    created_at: '2026-03-01T12:00:00.000Z',
    expires_at: null,
    revoked_at: null,
    last_used_at: null,
  });
  const [stored] = await service.services.database.observe((db) =>
    db.run(sql<{ row: string; hashed: Buffer }>`
      select api_key::text as row, secret_hash as hashed from api_key where key_id = ${shown.id}
    `),
  );
  t.notOk(stored?.row.includes(key), 'the secret is kept nowhere');
  t.strictSame(stored?.hashed, hash('sha256', key, 'buffer'));

  const shop = callAs(key);
  t.match(await shop('GET', '/v1/program'), { status: 200, body: { code: 'default' } });
  t.match(await shop('GET', '/v1/keys'), { status: 403, body: { code: 'insufficient_scope' } });
  move(1_000);
  const listed = await call('GET', '/v1/keys');
  // Both were made at the same instant: their order is that of their ids.
  const byName = (name: string) => listed.body.data.find((item: { name: string }) => item.name === name);
  t.equal(listed.body.data.length, 2);
  t.match(byName('First key'), { scopes: SCOPES });
  t.match(byName(shown.name), { ...shown, last_used_at: String });
  t.notMatch(JSON.stringify(listed.body), 'tsr_');

  const revoked = await call('POST', `/v1/keys/${shown.id}/revoke`);
  t.match(revoked, { status: 200, body: { id: shown.id, revoked_at: '2026-03-01T12:00:01.000Z' } });
  move(5_000);
  t.match(await shop('GET', '/v1/program'), { status: 401, body: { code: 'key_revoked' } });
  const again = await call('POST', `/v1/keys/${shown.id}/revoke`);
  t.match(again.body, { revoked_at: '2026-03-01T12:00:01.000Z' }, 'it keeps its time');
  t.match(await call('POST', '/v1/keys/key_0000000000000000/revoke'), { status: 404, body: { code: 'not_found' } });
});

test('a key expires', async (t) => {
  const { clock, move } = movable(Date.parse('2026-03-01T12:00:00Z'));
  const { call, callAs } = await configuredService(t, clock);
  const expires_at = '2026-03-01T13:00:00.000Z';
  const { key, ...shown } = (await call('POST', '/v1/keys', { name: 'Till', scopes: ['read'], expires_at })).body;
  t.equal(shown.expires_at, expires_at);
  t.match(await callAs(key)('GET', '/v1/program'), { status: 200 });
  move(3_600_000);
  t.match(await callAs(key)('GET', '/v1/program'), { status: 401, body: { code: 'key_expired' } });
});

test('a key cannot grant what it lacks', async (t) => {
  const { call, callAs } = await configuredService(t);
  const { key } = (await call('POST', '/v1/keys', { name: 'Admin', scopes: ['admin', 'read'] })).body;
  const admin = callAs(key);
  const refused = await admin('POST', '/v1/keys', { name: 'More', scopes: ['read', 'write', 'adjust'] });
  t.match(refused, { status: 403, body: { code: 'insufficient_scope' } });
  t.strictSame(refused.body.errors, [
    { pointer: '/scopes', code: 'insufficient_scope', detail: 'write, adjust', expected: 'admin, read' },
  ]);
  t.match(await admin('POST', '/v1/keys', { name: 'Same', scopes: ['read', 'admin'] }), { status: 201 });
  for (const scopes of [[], ['operator'], ['read', 'read'], 'read', null]) {
    t.match(await admin('POST', '/v1/keys', { name: 'x', scopes }), { status: 400, body: { code: 'invalid_request' } });
  }
  t.equal((await call('GET', '/v1/keys')).body.data.length, 3);
});

test('keys are listed in pages, oldest first', async (t) => {
  const { clock, move } = movable(Date.parse('2026-03-01T12:00:00Z'));
  const { call } = await configuredService(t, clock);
  for (const name of ['b', 'a', 'd', 'c']) {
    // Two by two at one instant: the id decides between them.
    if (name === 'd') move(1);
    await call('POST', '/v1/keys', { name, scopes: ['read'] });
  }
  const names: string[] = [];
  let cursor: string | null = '';
  for (let page = 0; cursor !== null && page < 9; page++) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await call('GET', `/v1/keys?limit=2${query}`);
    names.push(...body.data.map((item: { name: string }) => item.name));
    cursor = body.next_cursor;
  }
  t.strictSame([names.length, new Set(names).size], [5, 5]);
  t.strictSame(names.slice(3).toSorted(), ['c', 'd']);
});

test('the operator makes programs, each a world of its own', async (t) => {
  const { call, callAs } = await configuredService(t);
  const operator = callAs(OPERATOR_KEY);
  const made = await operator('POST', '/v1/programs', nord);
  t.match(made, { status: 201, body: { program: { ...nord, locale: 'en', sandbox: false, revision: 1 } } });
  t.match(made.body.key, { scopes: SCOPES, key: /^tsr_/ });
  const inNord = callAs(made.body.key.key);
  t.strictSame((await inNord('GET', '/v1/program')).body, made.body.program);
  t.match((await inNord('GET', '/v1/wallets')).body, { data: [{ code: 'points', revision: 1 }] });

  const taken = await operator('POST', '/v1/programs', { ...nord, name: 'Other' });
  t.match(taken, { status: 409, body: { code: 'code_taken', errors: [{ pointer: '/code' }] } });
  const raced = await Promise.all([1, 2, 3].map(() => operator('POST', '/v1/programs', { ...nord, code: 'sud' })));
  t.strictSame(raced.map(({ status }) => status).toSorted(), [201, 409, 409]);

  const first = await operator('GET', '/v1/programs?limit=2');
  t.match(first.body, { data: [{ code: 'default' }, { code: 'nord', policies: { count_tax: true } }], has_more: true });
  const rest = await operator('GET', `/v1/programs?limit=2&cursor=${first.body.next_cursor}`);
  t.match(rest.body, { data: [{ code: 'sandbox' }, { code: 'sud' }], has_more: false });

  await inNord('PUT', '/v1/wallets/status', { name: 'Status' });
  t.match(await call('GET', '/v1/wallets/status'), { status: 404 });
  t.match(await call('GET', '/v1/program'), { etag: '"1"' });
  t.match(await call('POST', `/v1/keys/${made.body.key.id}/revoke`), { status: 404 }, 'not this program’s key');
  t.strictSame((await call('GET', '/v1/keys')).body.data.length, 1);
});

test('the operator makes keys for any program', async (t) => {
  const { call, callAs } = await configuredService(t);
  const operator = callAs(OPERATOR_KEY);
  const rescue = { name: 'Rescue', scopes: ['admin', 'read'] };
  const made = await operator('POST', '/v1/programs/default/keys', rescue);
  t.match(made, { status: 201, body: rescue });
  t.match(await callAs(made.body.key)('GET', '/v1/keys'), { status: 200, body: { data: { length: 2 } } });
  t.match(await operator('POST', '/v1/programs/nowhere/keys', rescue), { status: 404, body: { code: 'not_found' } });
  const asKey = await call('POST', '/v1/programs/default/keys', rescue);
  t.match(asKey, { status: 401, body: { code: 'unauthenticated' } }, 'a key of a program is not the operator’s');
  t.match(await operator('GET', '/v1/keys'), { status: 401 }, 'and the operator’s is not a program’s');
});

test('a program that cannot be is refused by pointer', async (t) => {
  const { callAs } = await configuredService(t);
  const operator = callAs(OPERATOR_KEY);
  const cases: [changes: object, pointer: string][] = [
    [{ time_zone: 'Mars/Phobos' }, '/time_zone'],
    [{ currency: 'euro' }, '/currency'],
    [{ code: 'No Spaces' }, '/code'],
    [{ name: '' }, '/name'],
    [{ locale: 'french' }, '/locale'],
    [{ sandbox: 'yes' }, '/sandbox'],
    [{ owner: 'me' }, '/owner'],
  ];
  for (const [changes, pointer] of cases) {
    const refused = await operator('POST', '/v1/programs', { ...nord, ...changes });
    t.match(refused, { status: 400, body: { code: 'invalid_request', errors: [{ pointer }] } }, pointer);
  }
  t.match((await operator('GET', '/v1/programs')).body, { data: { length: 2 } });
});

test('given instances that start at once on an empty database, one makes the first programs', async (t) => {
  const { url } = await testDatabase(t);
  const databases = [1, 2, 3].map(() => new Database({ url, lanes: 1, readConnections: 1 }));
  t.teardown(() => Promise.all(databases.map((database) => database.close())));
  const made = await Promise.all(databases.map((database) => ensureFirstPrograms(database, Date.now)));
  const [first, ...others] = made.filter((program) => program !== null);
  t.strictSame(others, []);
  t.match(first, { key: /^tsr_[A-Za-z0-9_-]{43}$/, sandboxKey: /^tsr_[A-Za-z0-9_-]{43}$/ });
  t.equal(await ensureFirstPrograms(databases[0]!, Date.now), null, 'a later start finds it');
});
