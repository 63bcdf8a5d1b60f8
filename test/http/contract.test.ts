import { Ajv2020 } from 'ajv/dist/2020.js';
import { test } from 'tap';
import { OPERATOR_KEY, type TestApp, testApp } from '../helpers/app.ts';
import type { Operation } from '../helpers/contract.ts';

/* What the OpenAPI document promises, and that it is kept. Every other test over HTTP holds its answers against it, too. */

interface Parameter {
  in: string;
  name: string;
  required?: boolean;
  example?: unknown;
  schema: { default?: unknown };
}

const parametersOf = ({ definition }: Operation): Parameter[] => definition.parameters ?? [];
const exampleOf = ({ example, schema }: Parameter): unknown => example ?? schema.default;
const bodyOf = (app: TestApp, { definition }: Operation) => {
  const [[type, content] = []] = Object.entries<{ schema: unknown }>(definition.requestBody?.content ?? {});
  if (type === undefined || content === undefined) return null;
  const example = app.contract.resolve(content.schema).examples[0];
  return type === 'application/json' ? example : `${JSON.stringify(example)}\n`;
};
/** What is not JSON says what it is. */
const typeOf = ({ definition }: Operation): Record<string, string> => {
  const [type] = Object.keys(definition.requestBody?.content ?? {});
  return type === undefined || type === 'application/json' ? {} : { 'content-type': type };
};

/** In an order in which each finds what it needs. */
const order = [
  ...['createProgram', 'listPrograms', 'createProgramKey', 'getProgram', 'patchProgram'],
  ...['putWallet', 'putEarnRule', 'putTier', 'putAttribute', 'putContextField', 'putActivityType', 'putSegment'],
  ...['putReward', 'listRewards', 'getReward', 'importRewardCodes', 'countRewardCodes', 'getRewardStock'],
  ...[
    'putStream',
    'listStreams',
    'getStream',
    'previewStream',
    'rotateStreamSecret',
    'putSecretHeader',
    'getStreamStanding',
  ],
  ...['pauseStream', 'resumeStream', 'resendEvents', 'replayStream', 'listDeliveries', 'listDeliveryAttempts'],
  ...['deleteSecretHeader', 'archiveStream'],
  ...['listWallets', 'listEarnRules', 'listTiers', 'listAttributes'],
  ...['listContextFields', 'listActivityTypes', 'listSegments'],
  ...['getWallet', 'getEarnRule', 'getTier', 'getAttribute', 'getContextField', 'getActivityType', 'getSegment'],
  ...['putMember', 'patchMember', 'getMember', 'lookupMember', 'suspendMember', 'reactivateMember'],
  'unfreezeMember',
  ...['setMemberTier', 'liftMemberTier', 'listSegmentMembers', 'exportSegment', 'listReassessments'],
  ...[
    'quoteCart',
    'recordPurchase',
    'getPurchase',
    'listPurchases',
    'redeemPoints',
    'getRedemption',
    'listRedemptions',
  ],
  ...['captureRedemption', 'refundRedemption', 'voidRedemption'],
  ...['recordActivity', 'getActivity', 'listActivities', 'makeReferralCode', 'getSandboxClock', 'moveSandboxClock'],
  ...['listConditionFields', 'checkCondition', 'previewCondition', 'previewSegment', 'explainCondition'],
  ...['grantEntitlement', 'listEntitlements', 'revokeEntitlement', 'getVoucher', 'lookUpVoucher', 'listVouchers'],
  ...['useVoucher', 'useVoucherCode', 'cancelVoucher', 'listExpiring', 'getMemberCard'],
  ...['openBalance', 'recordPastPurchase'],
  ...['listEvents', 'listMemberEvents', 'followEvents', 'downloadExport'],
  ...['adjustPoints', 'transferPoints', 'getTransfer', 'listAccounts', 'listLedgerEntries', 'getLedgerEntry'],
  ...[
    'explainMember',
    'explainLedgerEntry',
    'explainPurchase',
    'returnPurchase',
    'listReturns',
    'cancelPurchase',
    'mergeMember',
    'getMerge',
    'unmergeMember',
    'closeMember',
    'listConsents',
    'exportMember',
    'listAuditLog',
    'eraseMember',
  ],
  ...['putBurnRule', 'listBurnRules', 'getBurnRule', 'archiveBurnRule'],
  ...['archiveReward', 'archiveEarnRule', 'archiveTier', 'archiveSegment', 'archiveAttribute', 'archiveContextField'],
  ...['archiveActivityType', 'archiveWallet'],
  ...['getConfiguration', 'getConfigurationSchema', 'planConfiguration', 'putConfiguration'],
  ...['listConfigurationRevisions', 'getConfigurationRevision', 'compareConfigurationRevisions', 'revertConfiguration'],
  ...['listMembers', 'runBatch', 'createImport', 'listImports', 'getImport', 'listImportErrors', 'cancelImport'],
  ...['createKey', 'listKeys', 'revokeKey', 'getProblem', 'getLiveness', 'getReadiness'],
];

test('the examples of every operation work in a fresh program, in a sensible order', async (t) => {
  const app = await testApp(t);
  const byId = new Map(app.contract.operations.map((operation) => [operation.definition.operationId, operation]));
  t.strictSame(
    [...byId.keys()].filter((id) => !order.includes(id)),
    [],
    'every operation has its place',
  );
  const sandbox = await app.program('play', { sandbox: true });
  let key: string | null = null;
  /** Ids the engine made up, which no example can know. */
  const made: Record<string, string> = { voidRedemption: 'r-2026-0002' };
  /** The voucher of a reward that somebody was granted. */
  const voucher = async (redemption: string): Promise<string> => {
    const granted = { member: 'm-1001', reward: 'free-coffee', reason: 'Because', actor: 'me' };
    const { body } = await app.as(key)('POST', '/v1/entitlements', granted, { 'idempotency-key': redemption });
    const wanted = { id: redemption, member: 'm-1001', reward: 'free-coffee', entitlement: body.id };
    return (await app.as(key)('POST', '/v1/redemptions', wanted)).body.voucher.id;
  };
  for (const id of order) {
    if (id === 'getVoucher') made['getVoucher'] = made['useVoucher'] = await voucher('r-2026-0003');
    const operation = byId.get(id)!;
    const given = parametersOf(operation).filter((parameter) => parameter.name !== 'cursor');
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => {
      const example = exampleOf(given.find((parameter) => parameter.in === 'path' && parameter.name === name)!);
      return encodeURIComponent(made[id] ?? String(example));
    });
    const query = given
      .filter((parameter) => parameter.in === 'query')
      .map((parameter) => `${parameter.name}=${encodeURIComponent(String(exampleOf(parameter)))}`);
    const headers = given
      .filter((parameter) => parameter.in === 'header' && parameter.required)
      .map((parameter) => [parameter.name, String(exampleOf(parameter))]);
    const [security] = operation.definition.security;
    const own: string | null = operation.definition.tags[0] === 'sandbox' ? sandbox.key : key;
    const as: string | null = security === undefined ? null : 'operatorKey' in security ? OPERATOR_KEY : own;
    const url = query.length === 0 ? path : `${path}?${query.join('&')}`;
    // Of one hold only the capture or the void can work.
    if (id === 'voidRedemption') {
      const held = { id: 'r-2026-0002', member: 'm-1001', points: 1, capture: false };
      await app.as(key)('POST', '/v1/redemptions', held);
    }
    // A fresh program lets nobody transfer, and the recipient is not there.
    if (id === 'transferPoints') {
      await app.as(key)('PATCH', '/v1/program', { policies: { transfers: true } });
      await app.as(key)('PUT', '/v1/members/m-1002', {});
    }
    // Nobody is merged while points are held.
    if (id === 'mergeMember') await app.as(key)('POST', '/v1/redemptions/r-2026-0002/void');
    const answer = await app.as(as)(operation.method.toUpperCase(), url, bodyOf(app, operation), {
      ...typeOf(operation),
      ...Object.fromEntries(headers),
    });
    const [success] = Object.keys(operation.definition.responses)
      .filter((status) => status < '300')
      .reverse();
    t.equal(answer.status, Number(success), `${id}: ${answer.status < 300 ? '' : answer.text}`);
    if (id === 'createProgram') key = answer.body.key.key;
    if (id === 'transferPoints') made['getTransfer'] = answer.body.id;
    if (id === 'mergeMember') made['getMerge'] = answer.body.id;
    if (id === 'createKey') made['revokeKey'] = answer.body.id;
    if (id === 'grantEntitlement') made['revokeEntitlement'] = answer.body.id;
    // Of one voucher only the use or the cancellation can work.
    if (id === 'useVoucherCode') {
      await app.as(key)('POST', '/v1/rewards/free-coffee/codes', { codes: ['ANOTHER-CODE'] });
      made['cancelVoucher'] = await voucher('r-2026-0004');
    }
  }
});

test('the document is whole', async (t) => {
  const app = await testApp(t);
  const { document, operations, resolve } = app.contract;
  const text = JSON.stringify(document);
  const ids = operations.map(({ definition }) => definition.operationId);
  const tags = document.tags.map(({ name }: { name: string }) => name);
  t.strictSame(ids, [...new Set(ids)], 'operation ids are unique');
  t.notMatch(text, /def-\d/, 'every component has a name of its own');
  for (const [reference] of text.matchAll(/"\$ref":"[^"]+"/g))
    t.ok(resolve(JSON.parse(`{${reference}}`)), `${reference} leads somewhere`);

  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true, date: true, text: true, 'time-zone': true } });
  ajv.addSchema({ $id: 'api', ...document });
  for (const { path, method, definition } of operations) {
    const name = definition.operationId;
    t.match(name, /^[a-z]+([A-Z][a-z]+)*$/);
    t.ok(definition.summary && definition.description, `${name} is described`);
    t.ok(definition.tags.length === 1 && tags.includes(definition.tags[0]), `${name} has one known tag`);
    for (const parameter of definition.parameters ?? []) {
      const conditional = parameter.in === 'header' && !parameter.required;
      if (parameter.name === 'cursor' || conditional) continue;
      t.ok(ajv.validate(parameter.schema, exampleOf(parameter)), `${name}: the example of ${parameter.name}`);
    }
    for (const [status, response] of Object.entries<{ content?: object }>(definition.responses)) {
      if (Number(status) < 400) continue;
      t.strictSame(Object.keys(response.content ?? {}), ['application/problem+json'], `${method} ${path} ${status}`);
    }
  }
  for (const [name, schema] of Object.entries<{ examples?: unknown[] }>(document.components.schemas)) {
    const { examples = [] } = schema;
    if (/^(Create|Put|Patch|Record|Lookup)/.test(name)) t.ok(examples.length > 0, `${name} has an example`);
    const validate = ajv.compile({ $ref: `api#/components/schemas/${name}` });
    for (const example of examples)
      t.ok(validate(example), `the example of ${name}: ${ajv.errorsText(validate.errors)}`);
  }
  const { discriminator, oneOf } = document.components.schemas.EarnRule.properties.effect;
  t.strictSame(
    Object.values(discriminator.mapping),
    oneOf.map((one: { $ref: string }) => one.$ref),
  );
  t.strictSame(Object.keys(discriminator.mapping), ['per_amount', 'fixed', 'multiplier', 'reward']);
});

test('a parameter that an operation does not know is refused, whatever the operation', async (t) => {
  const app = await testApp(t);
  for (const operation of app.contract.operations) {
    const { method, path, definition } = operation;
    const [security] = definition.security;
    if (security === undefined) continue;
    const [, list = ''] = /(\w+)\/\{/.exec(path) ?? [];
    const ids: Record<string, string> = {
      entries: 'ent_1_1',
      transfers: 'trf_1_1',
      merges: 'mrg_1_1',
      keys: 'key_1',
      revisions: '1',
      imports: 'imp_1',
      exports: 'events',
    };
    const filled = path.replace(/\{\w+\}/g, ids[list] ?? 'x');
    const wanted = parametersOf(operation)
      .filter((parameter) => parameter.in === 'query' && parameter.required)
      .map((parameter) => `${parameter.name}=${exampleOf(parameter)}`);
    const url = `${filled}?${[...wanted, 'no_such=true'].join('&')}`;
    const request = app.as('operatorKey' in security ? OPERATOR_KEY : app.key);
    const answer = await request(method.toUpperCase(), url, bodyOf(app, operation), {
      'if-match': '*',
      'idempotency-key': 'k',
      ...typeOf(operation),
    });
    t.match(answer, { status: 400, body: { errors: [{ pointer: '/query/no_such' }] } }, definition.operationId);
  }
});

test('an answer that is not as documented is found', async (t) => {
  const { contract, request } = await testApp(t);
  await request('PUT', '/v1/members/ada', {});
  const right = await request('GET', '/v1/members/ada');
  const found = (change: object) => contract.faults('GET', '/v1/members/ada', { ...right, ...change }).length > 0;
  t.notOk(found({}));
  const { totals, ...less } = right.body;
  t.ok(found({ text: JSON.stringify(less) }), 'a property is missing');
  t.ok(found({ text: JSON.stringify({ ...right.body, password: 'x' }) }), 'a property too many');
  t.ok(found({ text: JSON.stringify({ ...right.body, totals: { ...totals, spend: 1.5 } }) }), 'another type');
  t.ok(found({ status: 201 }), 'another status');
  t.ok(found({ headers: { ...right.headers, 'content-type': 'text/plain' } }), 'another type of content');
  t.ok(found({ headers: { ...right.headers, 'x-request-id': undefined } }), 'no id of the request');
  const missing = await request('GET', '/v1/members/nobody');
  const problem = { ...missing, text: JSON.stringify({ ...missing.body, code: 'not_found' }) };
  t.ok(contract.faults('GET', '/v1/members/nobody', problem).length > 0, 'a code not named for the operation');
  t.ok(contract.faults('GET', '/v1/nothing', right).length > 0, 'an answer of no operation');
});

test('headers tell what is left, which request it was, and what is known already', async (t) => {
  const { request, clock } = await testApp(t, { config: { rateLimitPerSecond: 2 } });
  clock.now += 1_000;
  const first = await request('GET', '/v1/program', null, { 'x-request-id': 'from-the-shop_1' });
  t.match(first.headers, { 'x-request-id': 'from-the-shop_1', 'ratelimit-policy': '"default";q=2;w=1' });
  t.match(first.headers, { ratelimit: '"default";r=1;t=1', etag: '"1"' });
  await request('GET', '/v1/program');
  const refused = await request('GET', '/v1/program', null, { 'x-request-id': 'no spaces please' });
  t.match(refused, { status: 429, body: { code: 'rate_limited' }, headers: { 'retry-after': '1' } });
  t.not(refused.headers['x-request-id'], 'no spaces please');
  clock.now += 1_000;
  t.equal((await request('GET', '/v1/program')).status, 200, 'another second');
  const known = await request('GET', '/v1/program', null, { 'if-none-match': '"1"' });
  t.match(known, { status: 304, text: '', headers: { etag: '"1"' } });
});
