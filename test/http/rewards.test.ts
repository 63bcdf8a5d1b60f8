import { type Test, test } from 'tap';
import { createLog } from '../../src/log.ts';
import { type Answer, purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { asOwner } from '../helpers/programs.ts';

/* Rewards as a shop and a till see them: configured, redeemed, their vouchers used, their stock never oversold. */

const HALF_AN_HOUR = 30 * 60_000;
const DAY = 86_400_000;

const put = ({ request }: Pick<TestApp, 'request'>, code: string, more: object = {}): Promise<Answer> =>
  request('PUT', `/v1/rewards/${code}`, { name: code, benefit: { type: 'custom' }, price: 10, ...more });

const redeem = (
  { request }: Pick<TestApp, 'request'>,
  id: string,
  reward: string,
  more: object = {},
): Promise<Answer> => request('POST', '/v1/redemptions', { id, member: 'ada', reward, ...more });

let keys = 0;
const step = (
  { request }: Pick<TestApp, 'request'>,
  id: string,
  name: 'capture' | 'void' | 'refund',
): Promise<Answer> =>
  request('POST', `/v1/redemptions/${id}/${name}`, name === 'void' ? null : {}, { 'idempotency-key': `key-${keys++}` });

const statuses = (answers: readonly Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 300 ? `${status}` : body.code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

/** Members with points, each of whom asks for the same reward, half of them of either instance. */
const rush = async (t: Test, members: number, reward: object, codes: readonly string[] = []) => {
  const app = await testApp(t);
  const apps = [app, await app.instance()];
  const names = Array.from({ length: members }, (_, index) => `m-${index}`);
  for (const name of names) await withPoints(app, name, 10);
  t.equal((await put(app, 'coffee', reward)).status, 201);
  if (codes.length > 0) {
    const handed = await app.request('POST', '/v1/rewards/coffee/codes', { codes });
    t.match(handed, { status: 200, body: { added: codes.length, known: 0, elsewhere: 0 } });
  }
  const answers = await Promise.all(
    names.map((member, index) => redeem(apps[index % 2]!, `r-${index}`, 'coffee', { member })),
  );
  return { app, apps, answers };
};

test('fifty ask two instances for the last of the stock at once: one has it, and it comes back', async (t) => {
  const { app, apps, answers } = await rush(t, 50, { stock: 1 });
  t.strictSame(statuses(answers), { 201: 1, reward_out_of_stock: 49 });
  const won = answers.find(({ status }) => status === 201)!.body.id;
  t.match(await step(app, won, 'refund'), { status: 200, body: { status: 'refunded' } });
  const losers = answers.flatMap(({ status }, index) => (status === 201 ? [] : [index]));
  const again = await Promise.all(
    losers.map((index) =>
      redeem(apps[index % 2]!, `s-${index}`, 'coffee', { member: `m-${index}`, capture: index % 2 === 0 }),
    ),
  );
  t.strictSame(statuses(again), { 201: 1, reward_out_of_stock: 48 });
  t.strictSame(await auditFaults(app), []);
});

test('holds of the last of the stock lapse, and whoever comes first afterwards finds it free', async (t) => {
  const app = await testApp(t);
  for (const member of ['ada', 'bea']) await withPoints(app, member, 100);
  await put(app, 'coffee', { stock: 1, limits: [{ period: 'ever', times: 1 }] });
  t.match(await redeem(app, 'r-1', 'coffee', { capture: false }), { status: 201, body: { status: 'held', held: 10 } });
  t.match(await redeem(app, 'r-2', 'coffee', { member: 'bea' }), { body: { code: 'reward_out_of_stock' } });
  app.clock.now += HALF_AN_HOUR;
  // Time alone gives it back once the holder was looked at; any command of theirs does that.
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 100));
  t.match(await redeem(app, 'r-2', 'coffee', { member: 'bea', capture: false }), { status: 201 });
  t.match(await step(app, 'r-2', 'void'), { status: 200, body: { status: 'voided' } });
  t.match(await redeem(app, 'r-3', 'coffee'), { status: 201 });
  t.match(await step(app, 'r-3', 'refund'), { status: 200 });
  t.match(await redeem(app, 'r-4', 'coffee', { capture: false }), { status: 201 });
  t.match(await app.request('POST', '/v1/members/ada/close'), { status: 200 });
  t.match(await redeem(app, 'r-5', 'coffee', { member: 'bea' }), { status: 201 });
  t.strictSame(await auditFaults(app), []);
});

test('thirty draw from a pool of ten codes at once: ten have a code each, nobody has another’s', async (t) => {
  const codes = Array.from({ length: 10 }, (_, index) => `PARTNER-${index}`);
  const { app, answers } = await rush(t, 30, { voucher: { codes: 'pool' } }, codes);
  t.strictSame(statuses(answers), { 201: 10, reward_out_of_stock: 20 });
  const drawn = answers.flatMap(({ status, body }) => (status === 201 ? [body.voucher.code] : []));
  t.strictSame(drawn.toSorted(), codes);
  t.match((await app.request('GET', '/v1/rewards/coffee/codes')).body, { free: 0, drawn: 10 });
  const more = await app.request('POST', '/v1/rewards/coffee/codes', { codes: ['PARTNER-1', 'MORE-1', 'MORE-1'] });
  t.match(more.body, { added: 1, known: 2, elsewhere: 0 });
  await put(app, 'tea', { voucher: { codes: 'pool' } });
  const many = Array.from({ length: 10_001 }, (_, index) => `${index}-`.padEnd(64, 'x'));
  const tea = (some: readonly string[]) => app.request('POST', '/v1/rewards/tea/codes', { codes: some });
  t.match(await tea(many), { status: 400, body: { errors: [{ pointer: '/codes' }] } });
  t.match(await tea(['abc', 'with space']), { status: 400 });
  t.match((await tea(many.slice(1))).body, { added: 10_000, known: 0, elsewhere: 0 });
  t.match((await tea(many.slice(1))).body, { added: 0, known: 10_000, elsewhere: 0 });
  const others = await app.request('POST', '/v1/rewards/tea/codes', { codes: ['PARTNER-1', 'MORE-1', 'TEA-1'] });
  t.match(others.body, { added: 1, known: 0, elsewhere: 2 });
  t.equal((await app.request('POST', '/v1/rewards/cake/codes', { codes: ['CAKE'] })).status, 404);
  t.strictSame(await auditFaults(app), []);
});

test('a redemption sent again, to whichever instance, is answered with the same code', async (t) => {
  const app = await testApp(t);
  const apps = [app, await app.instance()];
  await withPoints(app, 'ada', 100);
  await put(app, 'coffee', { voucher: { codes: 'generated', valid_for: 'P30D' }, stock: 5 });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => redeem(apps[index % 2]!, 'r-1', 'coffee')),
  );
  t.strictSame(statuses(answers), { 201: 20 });
  t.equal(new Set(answers.map(({ text }) => text)).size, 1, 'the same bytes');
  const { voucher } = answers[0]!.body;
  t.match(voucher, { code: /^[2-9B-DF-HJ-KMNP-TV-Z]{16}$/, status: 'issued', redemption: 'r-1' });
  t.match((await app.request('GET', '/v1/redemptions/r-1')).body, { voucher, reward: { code: 'coffee' } });
  t.match((await app.request('GET', '/v1/members/ada/redemptions')).body.data, [{ voucher }]);
  t.match(await redeem(app, 'r-1', 'coffee', { capture: false }), { body: { code: 'redemption_conflict' } });
  await step(app, 'r-1', 'refund');
  t.equal((await redeem(app, 'r-1', 'coffee')).text, answers[0]!.text, 'whatever became of it');
  t.match((await app.request('GET', '/v1/redemptions/r-1')).body, { voucher: { status: 'cancelled' } });
});

test('the life of a voucher: shown, used once by id or code, lapsed, cancelled', async (t) => {
  const app = await testApp(t);
  const { request } = app;
  await withPoints(app, 'ada', 100);
  await put(app, 'coffee', { voucher: { codes: 'generated', valid_for: 'P1D' } });
  const issued = [];
  for (const id of ['r-1', 'r-2', 'r-3', 'r-4']) issued.push((await redeem(app, id, 'coffee')).body.voucher);
  const [one, two, three, four] = issued;
  t.match((await request('POST', '/v1/vouchers/lookup', { code: one.code })).body, { id: one.id, status: 'issued' });
  t.match(await request('POST', '/v1/vouchers/lookup', { code: 'NO-SUCH' }), { body: { code: 'voucher_not_found' } });
  const use = (body: object) => request('POST', '/v1/vouchers/use', body);
  const uses = await Promise.all(
    Array.from({ length: 20 }, (_, index) => use({ code: one.code, purchase: `o-${index % 2}` })),
  );
  t.strictSame(statuses(uses), { 200: 10, voucher_used: 10 });
  const used = uses.filter(({ status }) => status === 200);
  t.equal(new Set(used.map(({ text }) => text)).size, 1, 'the same use is answered alike');
  t.match(used[0]!.body, { status: 'used', used_for: /^o-/, ended_at: '2026-03-02T10:00:00.000Z' });
  t.match(await step(app, 'r-1', 'refund'), { status: 409, body: { code: 'voucher_used' } });
  const keyed = [1, 2].map(() => request('POST', `/v1/vouchers/${two.id}/use`, {}, { 'idempotency-key': 'till-1' }));
  t.strictSame(statuses(await Promise.all(keyed)), { 200: 2 });
  t.match(await request('POST', `/v1/vouchers/${two.id}/use`, {}), { body: { code: 'voucher_used' } });
  const why = { reason: 'Sent to somebody else', actor: 'support' };
  t.match(await request('POST', `/v1/vouchers/${three.id}/cancel`, why), { body: { status: 'cancelled' } });
  t.match(await use({ code: three.code }), { body: { code: 'voucher_cancelled' } });
  await step(app, 'r-3', 'refund');
  app.clock.now += 2 * DAY;
  t.match((await request('GET', `/v1/vouchers/${four.id}`)).body, { status: 'lapsed' }, 'before anybody wrote it');
  t.match(await use({ code: four.code }), { status: 409, body: { code: 'voucher_lapsed' } });
  const list = (await request('GET', '/v1/members/ada/vouchers')).body.data;
  t.strictSame(
    list.map((item: { redemption: string; status: string }) => `${item.redemption} ${item.status}`),
    ['r-4 lapsed', 'r-3 cancelled', 'r-2 used', 'r-1 used'],
  );
  t.match(await request('GET', '/v1/vouchers/nothing'), { status: 404 });
  const reader = app.as(await app.keyWith('read'));
  t.equal((await reader('POST', '/v1/vouchers/lookup', { code: one.code })).status, 200);
  t.equal((await reader('POST', '/v1/vouchers/use', { code: one.code })).status, 403);
  const writer = app.as(await app.keyWith('write'));
  t.equal((await writer('POST', `/v1/vouchers/${four.id}/cancel`, why)).status, 403);
  t.strictSame(await auditFaults(app), []);
});

test('what a person grants is used once, and open again when its redemption comes to nothing', async (t) => {
  const app = await testApp(t);
  const { request } = app;
  await request('PUT', '/v1/members/ada', {});
  await put(app, 'coffee', { price: null, voucher: { codes: 'generated' } });
  const body = { member: 'ada', reward: 'coffee', valid_for: 'P30D', reason: 'Late', actor: 'support' };
  const granted = await Promise.all(
    Array.from({ length: 5 }, () => request('POST', '/v1/entitlements', body, { 'idempotency-key': 'g-1' })),
  );
  t.strictSame(statuses(granted), { 201: 5 });
  t.equal(new Set(granted.map(({ text }) => text)).size, 1);
  const { id } = granted[0]!.body;
  t.match(granted[0]!.body, { status: 'open', rule: null, cause: 'adjustment', reward: 'coffee', used_at: null });
  const standing = async () => (await request('GET', '/v1/members/ada/entitlements')).body.data[0];
  const asked = await Promise.all(
    Array.from({ length: 10 }, (_, index) => redeem(app, `r-${index}`, 'coffee', { entitlement: id })),
  );
  t.strictSame(statuses(asked), { 201: 1, entitlement_used: 9 });
  const won = asked.find(({ status }) => status === 201)!.body;
  t.match(won, { points: 0, entry_id: null, lots: [], voucher: { status: 'issued' } });
  t.match(await standing(), { status: 'used', redemption: won.id });
  const why = { reason: 'Twice', actor: 'support' };
  const revoke = (key: string) => request('POST', `/v1/entitlements/${id}/revoke`, why, { 'idempotency-key': key });
  t.match(await revoke('v-1'), { status: 409, body: { code: 'entitlement_used' } });
  t.match(await step(app, won.id, 'refund'), { status: 200, body: { voucher: { status: 'cancelled' } } });
  t.match(await standing(), { status: 'open', redemption: null, used_at: null });
  t.match(await revoke('v-2'), { status: 200, body: { status: 'revoked' } });
  t.match(await redeem(app, 'r-99', 'coffee', { entitlement: id }), { body: { code: 'entitlement_revoked' } });
  const unknown = await request('POST', '/v1/entitlements', { ...body, reward: 'cake' }, { 'idempotency-key': 'g-2' });
  t.match(unknown, { status: 422, body: { code: 'unknown_reward', errors: [{ pointer: '/reward' }] } });
  t.strictSame(await auditFaults(app), []);
});

test('what a purchase granted goes with it, used or not, unless it was had', async (t) => {
  const app = await testApp(t);
  const { request } = app;
  await request('PUT', '/v1/members/ada', {});
  await put(app, 'coffee', { price: null, stock: 9, voucher: { codes: 'generated' } });
  await put(app, 'cake', { price: null });
  const rule = { name: 'Coffee', trigger: 'purchase', effect: { type: 'reward', reward: 'coffee' } };
  await request('PUT', '/v1/earn-rules/coffee', rule);
  await request('PUT', '/v1/earn-rules/cake', { ...rule, effect: { type: 'reward', reward: 'cake' } });
  /** Buys, redeems what was granted, and returns the purchase. */
  const returned = async (
    id: string,
    reward: string,
    more: object,
    before: (redemption: Answer) => Promise<unknown>,
  ) => {
    await request('POST', '/v1/purchases', purchaseOf(id, 'ada', 100));
    const { data } = (await request('GET', '/v1/members/ada/entitlements')).body;
    const own = data.find((one: { reward: string; status: string }) => one.reward === reward && one.status === 'open');
    const redeemed = await redeem(app, `r-${id}`, reward, { entitlement: own.id, ...more });
    t.equal(redeemed.status, 201);
    await before(redeemed);
    t.equal((await request('POST', `/v1/purchases/${id}/cancel`)).status, 201);
    const { data: now } = (await request('GET', '/v1/members/ada/entitlements')).body;
    return {
      entitlement: now.find((one: { id: string }) => one.id === own.id).status,
      redemption: (await request('GET', `/v1/redemptions/r-${id}`)).body,
    };
  };
  const nothing = async () => {};
  const use = ({ body }: Answer) => request('POST', '/v1/vouchers/use', { code: body.voucher.code });
  t.match(await returned('p-1', 'coffee', {}, nothing), {
    entitlement: 'revoked',
    redemption: { status: 'refunded', voucher: { status: 'cancelled' } },
  });
  t.match(await returned('p-2', 'coffee', { capture: false }, nothing), {
    entitlement: 'revoked',
    redemption: { status: 'voided', voucher: null },
  });
  t.match(await returned('p-3', 'coffee', {}, use), {
    entitlement: 'used',
    redemption: { status: 'captured', voucher: { status: 'used' } },
  });
  t.match(await returned('p-4', 'cake', {}, nothing), { entitlement: 'used', redemption: { status: 'captured' } });
  t.strictSame((await request('GET', '/v1/rewards/coffee/stock')).body, { stock: 9, used: 1, left: 8 });
  t.strictSame((await request('GET', '/v1/rewards/cake/stock')).body, { stock: null, used: 0, left: null });
  t.strictSame(await auditFaults(app), []);
});

test('a redemption is of points or of a reward, and says what does not belong to it', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 100);
  await put(app, 'coffee');
  for (const [body, pointer] of [
    [{}, '/points'],
    [{ points: 1, reward: 'coffee' }, '/points'],
    [{ reward: 'coffee', wallet: 'points' }, '/wallet'],
    [{ points: 1, entitlement: 'ett_1_1' }, '/entitlement'],
    [{ reward: 'coffee', hold: { expires_at: '2026-03-03T00:00:00Z' } }, '/hold'],
  ] as const) {
    const refused = await app.request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', ...body });
    t.match(refused, { status: 400, body: { code: 'invalid_request', errors: [{ pointer }] } });
  }
});

test('a purchase captures a reward that was held; an empty pool keeps it from that, and changes nothing', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 100);
  await put(app, 'coffee', { voucher: { codes: 'pool' } });
  await redeem(app, 'r-1', 'coffee', { capture: false });
  const buy = () =>
    app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 100, { capture_redemptions: ['r-1'] }));
  const { member, currency, lines, total } = purchaseOf('quote', 'ada', 100);
  const offered = async () =>
    (await app.request('POST', '/v1/quotes', { member, currency, lines, total })).body.rewards[0].reasons;
  t.match(await buy(), { status: 409, body: { code: 'reward_out_of_stock' } });
  t.strictSame(await offered(), ['reward_out_of_stock']);
  t.match((await app.request('GET', '/v1/redemptions/r-1')).body, { status: 'held', voucher: null });
  await app.request('POST', '/v1/rewards/coffee/codes', { codes: ['ONLY-ONE'] });
  t.strictSame(await offered(), []);
  t.match(await buy(), {
    status: 201,
    body: { redemptions: [{ id: 'r-1', points: 10, reward: 'coffee', voucher: { code: 'ONLY-ONE' } }] },
  });
  const captured = await app.request('GET', '/v1/redemptions/r-1');
  t.match(captured.body, { status: 'captured', voucher: { code: 'ONLY-ONE' } });
  t.strictSame(await auditFaults(app), []);
});

test('faults of a reward are told by pointer; what an earn rule grants is not archived', async (t) => {
  const app = await testApp(t);
  await app.request('PUT', '/v1/wallets/status', { name: 'Status', redeemable: false });
  for (const [more, ...faults] of [
    [{ wallet: 'statu' }, '/wallet unknown_wallet'],
    [{ wallet: 'status' }, '/wallet wallet_not_redeemable'],
    [{ tier_prices: { gold: 1 } }, '/tier_prices/gold unknown_tier'],
    [{ price: null, tier_prices: { gold: 1 } }, '/tier_prices not_applicable', '/tier_prices/gold unknown_tier'],
    [{ from: '2026-04-01T00:00:00Z', until: '2026-04-01T00:00:00Z' }, '/until not_after'],
    [{ condition: { text: 'purchase.channel == "web"' } }, '/condition/field not_applicable'],
    [
      {
        limits: [
          { period: 'day', times: 1 },
          { period: 'day', times: 2 },
        ],
      },
      '/limits/1/period not_unique',
    ],
  ] as const) {
    const refused = await put(app, 'coffee', more);
    const found = refused.body.errors.map(
      ({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`,
    );
    t.match(refused, { status: 422, body: { code: 'invalid_configuration' } });
    if (!('condition' in more)) t.strictSame(found, faults);
  }
  for (const benefit of [{ type: 'amount_off' }, { type: 'free_product', skus: [] }, { type: 'nothing' }])
    t.match(await put(app, 'coffee', { benefit }), { status: 400 });
  const grants = (reward: string) => ({ name: 'R', trigger: 'purchase', effect: { type: 'reward', reward } });
  t.equal((await app.request('PUT', '/v1/earn-rules/before', grants('anything'))).status, 201, 'without a catalogue');
  t.match(await put(app, 'coffee'), {
    status: 422,
    body: { errors: [{ pointer: '/earn_rules/before/effect/reward' }] },
  });
  await app.request('DELETE', '/v1/earn-rules/before', null, { 'if-match': '*' });
  t.match(await put(app, 'coffee', { benefit: { type: 'percent_off', percent: 10 } }), {
    status: 201,
    body: { benefit: { type: 'percent_off', percent: 10, maximum_amount: null }, voucher: null, condition_text: null },
  });
  t.equal((await app.request('PUT', '/v1/earn-rules/grants', grants('coffee'))).status, 201);
  t.match(await app.request('PUT', '/v1/earn-rules/other', grants('cofee')), {
    status: 422,
    body: { errors: [{ pointer: '/effect/reward', code: 'unknown_reward', expected: /did you mean coffee/ }] },
  });
  t.match(await app.request('DELETE', '/v1/rewards/coffee', null, { 'if-match': '*' }), {
    status: 422,
    body: { errors: [{ pointer: '/earn_rules/grants/effect/reward', code: 'archived_reward' }] },
  });
});

test('codes are in no log, no event and no count, and another program cannot look one up', async (t) => {
  const lines: string[] = [];
  const app = await testApp(t, { log: createLog({ logLevel: 'trace' }, { write: (line) => void lines.push(line) }) });
  await withPoints(app, 'ada', 100);
  await put(app, 'coffee', { voucher: { codes: 'pool' } });
  await put(app, 'tea', { voucher: { codes: 'generated' } });
  const codes = ['Marker-Code-1', 'Marker-Code-2'];
  await app.request('POST', '/v1/rewards/coffee/codes', { codes: [...codes, 'no code'] });
  const counted = await app.request('POST', '/v1/rewards/coffee/codes', { codes });
  const [{ voucher: pooled }, { voucher: made }] = [
    (await redeem(app, 'r-1', 'coffee')).body,
    (await redeem(app, 'r-2', 'tea')).body,
  ];
  const other = await app.program('other');
  for (const { code } of [pooled, made]) {
    t.match(await other.request('POST', '/v1/vouchers/lookup', { code }), { body: { code: 'voucher_not_found' } });
    t.match(await other.request('POST', '/v1/vouchers/use', { code }), { body: { code: 'voucher_not_found' } });
    t.equal((await app.request('POST', '/v1/vouchers/lookup', { code })).status, 200);
    await app.request('POST', '/v1/vouchers/use', { code, purchase: 'o-1' });
    await app.request('POST', '/v1/vouchers/use', { code, purchase: 'o-2' });
  }
  t.notMatch(counted.text, 'Marker');
  const { rows } = await asOwner(app.databaseUrl, (client) => client.query('select events::text from outbox'));
  for (const secret of [...codes, pooled.code, made.code]) {
    t.notMatch(lines.join(''), secret);
    t.notMatch(JSON.stringify(rows), secret);
  }
});
