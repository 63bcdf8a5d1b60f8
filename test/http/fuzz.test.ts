import fc from 'fast-check';
import { test } from 'tap';
import { problems } from '../../src/model/problem-codes.ts';
import { OPERATOR_KEY, testApp, withPoints } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { type FuzzRequest, type Pools, requestsFor } from './requests.ts';

/*
 * Some eighteen hundred requests for all operations, valid and spoilt, several at a time, as time goes by: none is
 * answered 500, none in a way that is not documented, and the books are right in the end. The seed is fixed; another
 * one is tried with FUZZ_SEED.
 */

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_301);
const ROUNDS = 40;
const AT_ONCE = 5;

/** Each as likely as the others, but what moves points more so. */
const weights: Record<string, number> = {
  recordActivity: 20,
  putMember: 12,
  putSegment: 12,
  putTier: 12,
  recordPurchase: 24,
  quoteCart: 8,
  returnPurchase: 12,
  redeemPoints: 24,
  adjustPoints: 12,
  closeMember: 1,
  mergeMember: 1,
  eraseMember: 1,
};
const WEIGHT = 4;

/** What chance seldom puts together: bodies whose parts must fit each other, what only a sandbox has, and burns under limits that chance has set. */
const RARE = new Set([
  ...['putSecretHeader', 'deleteSecretHeader', 'previewStream', 'resendEvents', 'replayStream', 'rotateStreamSecret'],
  'createImport',
  ...['putEarnRule', 'archiveEarnRule', 'putConfiguration', 'setMemberTier', 'getSandboxClock', 'moveSandboxClock'],
  ...['recordActivity', 'getActivity', 'captureRedemption', 'voidRedemption', 'refundRedemption'],
  ...['openBalance', 'recordPastPurchase', 'transferPoints', 'getTransfer', 'redeemPoints', 'getRedemption'],
  ...['unmergeMember', 'transferPoints', 'getTransfer', 'redeemPoints', 'getRedemption'],
  ...['revokeEntitlement', 'useVoucher', 'useVoucherCode', 'cancelVoucher', 'lookUpVoucher', 'getVoucher'],
  ...['putReward', 'putStream', 'getStream', 'archiveStream', 'putBurnRule', 'getBurnRule', 'archiveBurnRule'],
]);

test('no request is answered 500, or otherwise than documented', async (t) => {
  const app = await testApp(t);
  const members = ['m-1', 'm-2', 'm-3', 'm-4', 'm-5', 'm-6', 'm-7', 'm-8'];
  for (const member of members) await withPoints(app, member, 100);
  await app.request('PATCH', '/v1/program', { policies: { late_report_days: null, transfers: true } });
  await app.request('PUT', '/v1/rewards/coffee', {
    name: 'Coffee',
    benefit: { type: 'custom' },
    price: 1,
    stock: 1_000,
    voucher: { codes: 'generated' },
  });
  const destination = { type: 'webhook', url: 'https://hooks.example.com', secret_headers: ['authorization'] };
  await app.request('PUT', '/v1/streams/crm', { name: 'CRM', destination });
  const pools: Pools = {
    member: [...members, 'card:2099'],
    from: members,
    to: members,
    into: members,
    'members.id': [...members, 'lookup'],
    'purchases.id': ['first-of-m-1'],
    'redemptions.id': ['r-1'],
    capture_redemptions: ['r-1'],
    'activities.id': ['a-1'],
    'ledger-entries.id': ['ent_1_1'],
    'transfers.id': ['trf_1_1'],
    'merges.id': ['mrg_1_1'],
    'keys.id': ['key_0'],
    'imports.id': ['imp_1'],
    'wallets.code': ['points', 'gifts', 'constructor'],
    'members.wallet': ['points', 'gifts'],
    renewed_by: ['purchase', 'redemption', 'visit'],
    'earn-rules.code': ['per-euro', 'twice', 'extra'],
    'tiers.code': ['silver', 'gold'],
    'attributes.code': ['shoe', 'colour'],
    'revisions.revision': ['1', '2', '5'],
    'query.to': ['1', '2'],
    'context-fields.code': ['device'],
    'activity-types.code': ['workshop'],
    'segments.code': ['vip'],
    'programs.code': ['shop', 'other'],
    'burn-rules.code': ['cent'],
    replaces: ['first-of-m-1'],
    quote: [],
    'rewards.code': ['coffee', 'coffee', 'tea'],
    reward: ['coffee'],
    'streams.code': ['crm', 'crm', 'crm', 'shop'],
    'secret-headers.name': ['authorization'],
    url: ['https://hooks.example/'],
    events: ['tier.*', '*', 'segment.entered'],
    segment: ['vip'],
    fields: ['email', 'tiers', 'attributes.shoe'],
    'vouchers.id': ['vou_1_1'],
    'entitlements.id': ['ett_1_1'],
    entitlement: ['ett_1_1'],
    code: ['third', 'fourth'],
    'query.cursor': [],
    'query.wallet': ['points', 'gifts'],
    'query.purchase': ['first-of-m-1'],
    'header.If-Match': ['*', '*', '*', '"1"', '"2"', 'W/"1"', ''],
    'header.If-None-Match': ['*', '"1"', '"2"'],
    'header.Idempotency-Key': Array.from({ length: 40 }, (_, index) => `k${index}`),
    wallet: ['points', 'points', 'gifts', 'constructor'],
    currency: ['EUR', 'EUR', 'USD'],
    value: ['2099', '2100', 'ada@example.com', '+33612345678'],
    scheme: ['status'],
    type: ['survey', 'visit', 'visit', 'birthday'],
    'problems.code': Object.keys(problems),
    id: Array.from({ length: 60 }, (_, index) => `o-${index}`),
  };
  await app.request('POST', '/v1/imports?kind=members', '{"id":"m-1"}\n', { 'content-type': 'application/x-ndjson' });
  const seen = new Map<string, Set<number>>();
  const learn = (name: string, ids: readonly unknown[]): void => {
    for (const id of ids) if (typeof id === 'string' && !pools[name]!.includes(id)) pools[name]!.push(id);
  };
  for (const member of members) {
    const { body } = await app.request('POST', '/v1/redemptions', { id: `c-${member}`, member, reward: 'coffee' });
    learn('vouchers.id', [body.voucher.id]);
    learn('code', [body.voucher.code]);
  }
  /** What was wrong, with the first request of each kind. */
  const wrong = new Map<string, string>();
  const send = async ({ operationId, operator, method, path, headers, body, laterMs }: FuzzRequest): Promise<void> => {
    app.clock.now += laterMs;
    const answer = await app.as(operator ? OPERATOR_KEY : app.key)(method, path, body, headers);
    const faults = [...app.contract.faults(method, path, answer), ...(answer.status >= 500 ? ['a fault of ours'] : [])];
    const request = `${method} ${path} ${JSON.stringify(headers)} ${body} at ${app.clock.now}: ${answer.text}`;
    for (const fault of faults)
      if (!wrong.has(`${operationId} ${fault}`)) wrong.set(`${operationId} ${fault}`, request);
    seen.set(operationId, (seen.get(operationId) ?? new Set()).add(answer.status));
    if (answer.status >= 300) return;
    if (operationId === 'recordPurchase') learn('purchases.id', [answer.body.id]);
    if (operationId === 'recordPurchase') learn('replaces', [answer.body.id]);
    if (operationId === 'quoteCart') learn('quote', [answer.body.id]);
    if (operationId === 'recordActivity') learn('activities.id', [answer.body.id]);
    if (operationId === 'redeemPoints')
      for (const pool of ['redemptions.id', 'capture_redemptions']) learn(pool, [answer.body.id]);
    if (answer.body?.voucher) {
      learn('vouchers.id', [answer.body.voucher.id]);
      learn('code', [answer.body.voucher.code]);
    }
    if (operationId === 'grantEntitlement')
      for (const pool of ['entitlements.id', 'entitlement']) learn(pool, [answer.body.id]);
    if (operationId === 'createKey') learn('keys.id', [answer.body.id]);
    if (operationId === 'mergeMember') learn('merges.id', [answer.body.id]);
    if (operationId === 'transferPoints') learn('transfers.id', [answer.body.id]);
    if (operationId === 'listLedgerEntries')
      learn(
        'ledger-entries.id',
        answer.body.data.map((entry: { id: string }) => entry.id),
      );
    if (answer.body?.next_cursor) learn('query.cursor', [answer.body.next_cursor]);
  };

  // An answer that does not end is waited for in a test of its own.
  const ending = app.contract.operations.filter(({ definition }) => definition.operationId !== 'followEvents');
  const choices = ending.map((operation) => ({
    weight: weights[operation.definition.operationId] ?? WEIGHT,
    arbitrary: requestsFor(app.contract, operation, pools),
  }));
  const round = fc.array(fc.array(fc.oneof(...choices), { minLength: AT_ONCE, maxLength: AT_ONCE }), {
    minLength: 10,
    maxLength: 10,
  });
  const property = fc.asyncProperty(round, async (groups) => {
    for (const group of groups) await Promise.all(group.map(send));
  });
  // Requests at fault are told one by one, below: a run that ends otherwise has nothing to say of its fifty requests.
  const reporter = ({ failed, errorInstance }: { failed: boolean; errorInstance?: unknown }): void => {
    if (failed) throw errorInstance;
  };
  await fc.assert(property, { seed: SEED, numRuns: ROUNDS, endOnFailure: true, reporter });
  t.strictSame(
    [...wrong].map((one) => one.join(': ')),
    [],
  );

  const ids = ending.map(({ definition }) => definition.operationId);
  const never = ids.filter((id) => !RARE.has(id) && ![...(seen.get(id) ?? [])].some((status) => status < 300));
  t.ok(never.length < ids.length / 15, `nearly all succeeded at least once, but not ${never}`);
  t.strictSame(await auditFaults(app), []);
});
