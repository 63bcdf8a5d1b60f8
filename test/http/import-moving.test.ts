import { test } from 'tap';
import { workImports } from '../../src/jobs/work-imports.ts';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';

/* Balances and purchases of another system, out of files: a row for each lot or line, taken whole or not at all. */

const imported = async (app: TestApp, kind: string, text: string, type = 'text/csv', options = '') => {
  const { status, body } = await app.request('POST', `/v1/imports?kind=${kind}${options}`, text, {
    'content-type': type,
  });
  if (status !== 202) throw new Error(JSON.stringify(body));
  while (await workImports(app.service.services));
  const { succeeded, unchanged, failed, total } = (await app.request('GET', `/v1/imports/${body.id}`)).body;
  const { text: errors } = await app.request('GET', `/v1/imports/${body.id}/errors`);
  return {
    counts: [total, succeeded, unchanged, failed],
    errors: errors
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { line: number; pointer: string; code: string })
      .map(({ line, pointer, code }) => [line, pointer, code]),
  };
};

const balances = [
  'member,lots.points,lots.earned_at,lots.expires_at,debt,tiers.status.tier,tiers.status.since,tiers.status.until,lifetime.spend',
  'ada,300,2025-06-01T10:00:00Z,2027-06-30T22:00:00Z,,silver,2025-01-01T00:00:00Z,null,90000',
  'ada,40,2025-07-01T10:00:00Z,null,,,,,',
  'bob,,,,7,,,,',
  'eve,1,2025-06-01T10:00:00Z,null,,,,,',
  'eve,2,2025-06-01T10:00:00Z,null,5,,,,',
  'nobody,1,2025-06-01T10:00:00Z,null,,,,,',
  'zoe,1.5,2025-06-01T10:00:00Z,null,,,,,',
  'kim,1,2025-06-01T10:00:00Z,null,,,,,',
  'kim,2',
  'kim,3,2025-06-01T10:00:00Z,null,,,,,',
  'pat,9,2099-06-01T10:00:00Z,null,,,,,',
].join('\n');

test('an opening balance has a row for each lot, and is taken whole or not at all', async (t) => {
  const app = await testApp(t);
  const entry = { field: 'spend', op: 'gte', value: 1_000_000 };
  await app.request('PUT', '/v1/tiers/silver', { name: 'Silver', rank: 1, entry });
  for (const member of ['ada', 'bob', 'eve', 'zoe', 'kim', 'pat'])
    await app.request('PUT', `/v1/members/${member}`, {});
  const tried = await imported(app, 'opening_balances', balances, 'text/csv', '&dry_run=true');
  const first = await imported(app, 'opening_balances', balances);
  t.strictSame(first, tried, 'a dry run says the same');
  t.strictSame(first, {
    counts: [9, 2, 0, 7],
    errors: [
      [6, '/debt', 'rows_differ'],
      [7, '/member', 'member_not_found'],
      [8, '/lots/0/points', 'type'],
      [9, '', 'row_beside'],
      [10, '', 'columns'],
      [11, '', 'row_beside'],
      [12, '/lots/0/earned_at', 'occurred_in_future'],
    ],
  });
  t.match((await app.request('GET', '/v1/members/ada')).body, {
    accounts: [{ available: 340 }],
    tiers: [{ tier: 'silver', since: '2025-01-01T00:00:00.000Z' }],
    totals: { spend: 90_000 },
  });
  t.match((await app.request('GET', '/v1/members/ada/accounts/points/expiring')).body, {
    data: [{ points: 300, expires_at: '2027-06-30T22:00:00.000Z' }],
    never: { points: 40 },
  });
  t.match((await app.request('GET', '/v1/members/bob/accounts')).body.data, [{ available: 0, debt: 7 }]);
  t.match((await app.request('GET', '/v1/members/kim/accounts')).body.data, [{ available: 0 }]);
  t.strictSame((await imported(app, 'opening_balances', balances)).counts, [9, 0, 2, 7], 'the same file again');
  const lines = `${JSON.stringify({ member: 'zoe', lots: [{ points: 5, earned_at: '2025-06-01T10:00:00Z' }] })}\n`;
  const ndjson = 'application/x-ndjson';
  t.strictSame((await imported(app, 'opening_balances', lines, ndjson)).counts, [1, 1, 0, 0]);
  const same = { lots: [{ points: 5, earned_at: '2025-06-01T10:00:00Z' }] };
  const { headers } = await app.request('POST', '/v1/members/zoe/opening-balance', same);
  t.equal(headers['idempotent-replayed'], 'true', 'a line is what the single operation is');
  const writer = app.as(await app.keyWith('write'));
  t.match(await writer('POST', '/v1/imports?kind=opening_balances', lines, { 'content-type': ndjson }), {
    status: 403,
    body: { code: 'insufficient_scope' },
  });
  t.strictSame(await auditFaults(app), []);
});

test('a past purchase has a row for each line', async (t) => {
  const app = await testApp(t);
  await app.request('PUT', '/v1/members/ada', {});
  const at = '2025-03-10T10:00:00Z';
  const file = [
    'id,member,occurred_at,currency,total,lines.sku,lines.quantity,lines.unit_price,lines.total,lines.categories,points_given.points',
    `old-1,ada,${at},EUR,1500,hat,1,1000,1000,hats|summer,15`,
    'old-1,,,,,glove,2,250,500,,',
    `old-2,ada,${at},EUR,700,hat,1,700,700,,`,
    `old-3,ada,${at},EUR,700,hat,1,600,600,,`,
  ].join('\n');
  t.strictSame(await imported(app, 'past_purchases', file), {
    counts: [3, 2, 0, 1],
    errors: [[5, '/total', 'total']],
  });
  t.match((await app.request('GET', '/v1/purchases/old-1')).body, {
    lines: [
      { sku: 'hat', categories: ['hats', 'summer'] },
      { sku: 'glove', quantity: 2 },
    ],
    past: { points_given: [{ points: 15 }] },
  });
  t.match((await app.request('GET', '/v1/members/ada')).body.totals, { spend: 2_200, purchases: 2 });
  const same = purchaseOf('old-2', 'ada', 700, { occurred_at: at });
  same.lines = [{ sku: 'hat', quantity: 1, unit_price: 700, total: 700 }] as never;
  const { headers } = await app.request('POST', '/v1/past-purchases', same);
  t.equal(headers['idempotent-replayed'], 'true');
  t.strictSame((await imported(app, 'past_purchases', file)).counts, [3, 0, 2, 1]);
  t.strictSame(await auditFaults(app), []);
});
