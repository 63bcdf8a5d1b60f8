import { test } from 'tap';
import { purchaseOf, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';

/* Members who come from another system: once, however often they are sent, and the books are right. */

const lots = [
  { points: 300, earned_at: '2025-06-01T10:00:00Z', expires_at: '2027-06-30T22:00:00Z' },
  { points: 40, earned_at: '2024-01-01T10:00:00Z', expires_at: '2026-01-01T00:00:00Z' },
];

test('a balance is opened once for each wallet; the same again gets the first answer', async (t) => {
  const app = await testApp(t);
  await app.request('PUT', '/v1/wallets/miles', { name: 'Miles' });
  await app.request('PUT', '/v1/members/ada', {});
  const first = await app.request('POST', '/v1/members/ada/opening-balance', { lots });
  t.match(first, { status: 201, body: { points: 340, expired: 40, balances: [{ available: 0 }, { available: 300 }] } });
  const again = await app.request('POST', '/v1/members/ada/opening-balance', { lots });
  t.match(again, { status: 201, headers: { 'idempotent-replayed': 'true' } });
  t.equal(again.text, first.text);
  const other = await app.request('POST', '/v1/members/ada/opening-balance', { lots: lots.slice(1) });
  t.match(other, { status: 409, body: { code: 'opening_balance_conflict' } });
  t.match(other.body.detail, /^the opening balance was recorded at .* for member ada with other content$/);
  const miles = await app.request('POST', '/v1/members/ada/opening-balance', { wallet: 'miles', lots });
  t.match(miles, { status: 201, body: { balances: [{ available: 300 }, { available: 300 }] } });
  const { body } = await app.request('GET', '/v1/members/ada/ledger-entries?movement=opening');
  t.equal(body.data.length, 4);
  const { body: explained } = await app.request('GET', `/v1/ledger-entries/${body.data[3].id}/explanation`);
  t.equal(explained.sentence.en, '40 points taken over from the system before; expires on 2026-01-01');
  t.strictSame(await auditFaults(app), []);
});

test('of many that are sent at once one is taken', async (t) => {
  const app = await testApp(t);
  await app.request('PUT', '/v1/members/ada', {});
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => app.request('POST', '/v1/members/ada/opening-balance', { lots })),
  );
  t.equal(new Set(answers.map(({ text }) => text)).size, 1);
  const { body } = await app.request('GET', '/v1/members/ada/accounts');
  t.match(body.data, [{ available: 300 }]);
});

test('a past purchase shares its id with others, is shown as past, and can be returned', async (t) => {
  const app = await testApp(t);
  const rule = { name: 'Rule', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  await app.request('PUT', '/v1/earn-rules/base', rule);
  await app.request('PUT', '/v1/members/ada', {});
  await app.request('POST', '/v1/members/ada/opening-balance', { lots, lifetime: { spend: 9_000, purchases: 2 } });
  const more = { occurred_at: '2021-03-10T10:00:00Z', points_given: [{ points: 50 }] };
  const old = purchaseOf('old-1', 'ada', 5_000, more);
  const first = await app.request('POST', '/v1/past-purchases', old);
  t.match(first, { status: 201, body: { earned: [], balances: [{ available: 300 }] } });
  t.equal((await app.request('POST', '/v1/past-purchases', old)).text, first.text);
  t.match(await app.request('POST', '/v1/purchases', purchaseOf('old-1', 'ada', 5_000)), {
    status: 409,
    body: { code: 'purchase_conflict' },
  });
  t.match((await app.request('GET', '/v1/purchases/old-1')).body, {
    past: { points_given: [{ wallet: 'points', points: 50 }] },
    rules: [],
  });
  const why = await app.request('GET', '/v1/members/ada/explain?earn_rule=base&purchase=old-1');
  t.match(why.body.earn_rule, { result: 'gave_nothing', because: 'past_purchase' });
  t.match((await app.request('GET', '/v1/members/ada')).body, {
    totals: { spend: 9_000, purchases: 2, first_purchase_at: '2021-03-10T10:00:00.000Z' },
  });
  const returned = await app.request('POST', '/v1/purchases/old-1/returns', { id: 'ret-1', amount: 2_500 });
  t.match(returned.body, { taken_back: [{ points: 25, from_other_lots: 25 }], balances: [{ available: 275 }] });
  await app.request('POST', '/v1/purchases/old-1/cancel');
  t.match((await app.request('GET', '/v1/members/ada')).body, {
    totals: { spend: 4_000, purchases: 1, first_purchase_at: null },
    accounts: [{ available: 250 }],
  });
  t.strictSame(await auditFaults(app), []);
});

test('a tier that is taken over says so', async (t) => {
  const app = await testApp(t);
  const entry = { field: 'spend', window: '365d', op: 'gte', value: 100_000 };
  await app.request('PUT', '/v1/tiers/silver', { name: 'Silver', rank: 1, entry });
  await app.request('PUT', '/v1/members/ada', {});
  const tiers = { status: { tier: 'silver', since: '2025-01-01T00:00:00Z', until: '2026-12-31T23:00:00Z' } };
  await app.request('POST', '/v1/members/ada/opening-balance', { lots: [], tiers });
  const { body } = await app.request('GET', '/v1/members/ada');
  t.match(body.tiers, [
    {
      tier: 'silver',
      since: '2025-01-01T00:00:00.000Z',
      stay: { qualified: false, until: '2026-12-31T23:00:00.000Z' },
    },
  ]);
  const explained = await app.request('GET', '/v1/members/ada/explain?tier=status');
  t.match(explained.body.tier.sentence.en, /taken over from the system before/);
});
