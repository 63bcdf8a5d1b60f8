import { test } from 'tap';
import { OPERATOR_KEY, testApp, withPoints } from '../helpers/app.ts';
import { asOwner } from '../helpers/programs.ts';

/* Who did what, when, by which request: written once. */

const DAY = 86_400_000;
const note = { reason: 'Because', actor: 'support: Camille' };

test('what people decide stands in the audit log, the latest first, once', async (t) => {
  const app = await testApp(t);
  const { request } = app;
  await withPoints(app, 'ada', 100);
  const voucher = { codes: 'generated', valid_for: 'P1Y' };
  await request('PUT', '/v1/rewards/tea', { name: 'Tea', benefit: { type: 'custom' }, price: 1, voucher });
  await request('PUT', '/v1/tiers/silver', { name: 'Silver', rank: 1, entry: { text: 'spend >= 1000000' } });
  app.clock.now += DAY;
  const began = new Date(app.clock.now).toISOString();

  const adjustment = { member: 'ada', points: 5, ...note };
  const asked = { 'idempotency-key': 'k1', 'x-request-id': 'request-of-camille' };
  const adjusted = await request('POST', '/v1/adjustments', adjustment, asked);
  await request('POST', '/v1/adjustments', adjustment, asked);
  await request('POST', '/v1/adjustments', { ...adjustment, points: -5_000 }, { 'idempotency-key': 'k2' });
  await request('PUT', '/v1/members/ada/tiers/status', { tier: 'silver', ...note });
  await request('DELETE', '/v1/members/ada/tiers/status');
  const granted = await request(
    'POST',
    '/v1/entitlements',
    { member: 'ada', reward: 'tea', ...note },
    { 'idempotency-key': 'k3' },
  );
  await request('POST', `/v1/entitlements/${granted.body.id}/revoke`, note, { 'idempotency-key': 'k4' });
  const redeemed = await request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', reward: 'tea' });
  await request('POST', `/v1/vouchers/${redeemed.body.voucher.id}/cancel`, note, { 'idempotency-key': 'k5' });
  await request('POST', '/v1/members/ada/suspend');
  await request('POST', '/v1/members/ada/suspend');
  await request('POST', '/v1/members/ada/reactivate');
  const key = await request('POST', '/v1/keys', { name: 'Till', scopes: ['read'] });
  await request('POST', `/v1/keys/${key.body.id}/revoke`);
  await request('PATCH', '/v1/program', { policies: { late_report_days: 7 } });
  await request('PATCH', '/v1/program', { policies: { late_report_days: 7 } });
  await request('POST', '/v1/members/ada/export', { actor: 'desk-7' });
  await request('POST', '/v1/members/ada/close');

  const { body } = await request('GET', `/v1/audit-log?limit=100&from=${began}`);
  t.strictSame(
    body.data.map(({ action, details }: { action: string; details: object }) => [action, details]),
    [
      ['member.closed', {}],
      ['member.exported', {}],
      ['configuration.changed', { revision: body.data[2].details.revision, changed: ['policies changed'] }],
      ['key.revoked', { scopes: ['read'] }],
      ['key.created', { scopes: ['read'] }],
      ['member.reactivated', {}],
      ['member.suspended', {}],
      ['voucher.cancelled', {}],
      ['entitlement.revoked', {}],
      ['entitlement.granted', { reward: 'tea' }],
      ['tier.lifted', { scheme: 'status' }],
      ['tier.set', { scheme: 'status', tier: 'silver', until: null }],
      ['points.adjusted', { wallet: 'points', points: 5 }],
    ],
    'refusals, repetitions and what changes nothing are not told',
  );
  t.match(body.data.at(-1), {
    id: /^aud_[0-9a-z]+$/,
    at: began,
    key: /^key_/,
    actor: note.actor,
    member: 'ada',
    subject: adjusted.body.entry_ids[0],
    request_id: 'request-of-camille',
  });
  t.match(body.data[1], { actor: 'desk-7' });

  const listed = async (filter: string) =>
    (await request('GET', `/v1/audit-log?limit=100&${filter}`)).body.data.map(
      ({ action }: { action: string }) => action,
    );
  t.strictSame(await listed('action=points.adjusted'), ['points.adjusted']);
  t.equal((await listed('member=ada')).length, 10);
  t.strictSame(await listed(`member=ada&until=${began}`), []);
  t.strictSame(await listed('key=operator'), ['key.created', 'program.created']);
  const pages: string[] = [];
  for (let cursor = ''; ; ) {
    const page = (await request('GET', `/v1/audit-log?limit=5&from=${began}${cursor}`)).body;
    pages.push(...page.data.map(({ id }: { id: string }) => id));
    if (!page.has_more) break;
    cursor = `&cursor=${page.next_cursor}`;
  }
  t.strictSame(
    pages,
    body.data.map(({ id }: { id: string }) => id),
  );

  const { body: erased } = await request('POST', '/v1/members/ada/erase', { actor: 'desk-7' });
  const after = (await request('GET', `/v1/audit-log?limit=100&member=${erased.member}`)).body.data;
  t.equal(after.length, 11);
  t.match(after[0], { action: 'member.erased', actor: 'desk-7', member: erased.member });
  t.ok(after.slice(1).every(({ actor }: { actor: unknown }) => actor === null));
  t.notMatch(JSON.stringify(after), /ada|Camille/);
});

test('a clock that is moved and keys of the operator are told; nobody else may read it, nor change it', async (t) => {
  const app = await testApp(t);
  const sandbox = await app.program('play', { sandbox: true, clock: '2026-01-01T00:00:00Z' });
  await sandbox.request('POST', '/v1/sandbox/clock', { to: '2026-01-02T00:00:00Z' });
  await sandbox.request('POST', '/v1/sandbox/clock', { to: '2026-01-02T00:00:00Z' });
  await app.as(OPERATOR_KEY)('POST', '/v1/programs/play/keys', { name: 'Back in', scopes: ['admin'] });
  const { body } = await sandbox.request('GET', '/v1/audit-log');
  t.match(body.data, [
    { action: 'key.created', key: 'operator', member: null },
    {
      action: 'clock.moved',
      subject: 'mov_1',
      details: { to: '2026-01-02T00:00:00.000Z' },
      at: '2026-03-02T10:00:00.000Z',
    },
    { action: 'key.created' },
    { action: 'program.created', details: { sandbox: true } },
  ]);
  t.equal(body.data.length, 4);
  t.notMatch(JSON.stringify((await app.request('GET', '/v1/audit-log')).body), 'mov_1', 'of its own program');
  const others = await app.keyWith('read', 'write', 'adjust', 'configure');
  t.match(await app.as(others)('GET', '/v1/audit-log'), { status: 403 });
  await asOwner(app.databaseUrl, async (client) => {
    await client.query('set role tessera_service');
    for (const statement of ['update audit_log set action = action', 'delete from audit_log'])
      await t.rejects(client.query(statement), { code: '42501' }, statement);
  });
});
