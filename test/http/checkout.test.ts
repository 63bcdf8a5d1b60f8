import { test } from 'tap';
import { purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';

/* At the checkout: quoted, held, paid, returned. */

const cents = (amount: number) => ({ amount, currency: 'EUR' });
const cartOf = (member: string, amount: number, more: object = {}) => {
  const { id: _, ...cart } = purchaseOf('', member, amount, more);
  return cart;
};

const quote = async ({ request }: TestApp, cart: object) => {
  const { status, body, text } = await request('POST', '/v1/quotes', cart);
  if (status !== 201) throw new Error(text);
  return body;
};

const burnRule = { name: 'A cent a point', value: { points: 1, amount: 1 } };

test('a quote says what a purchase will be, and is the purchase to the letter', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 1_000);
  await app.request('PUT', '/v1/tiers/gold', {
    name: 'Gold',
    rank: 1,
    entry: { field: 'spend', op: 'gte', value: 110_000 },
  });
  await app.request('PUT', '/v1/burn-rules/cash', { ...burnRule, maximum_percent: 50, minimum_points: 10 });
  const quoted = await quote(app, cartOf('ada', 10_000, { redeem: [{ points: 500 }] }));
  t.match(quoted, {
    id: /^quo_/,
    member: 'ada',
    created_at: '2026-03-02T10:00:00.000Z',
    expires_at: '2026-03-02T10:15:00.000Z',
    spend: cents(10_000),
    earned: [{ wallet: 'points', points: 95, rules: [{ rule: 'per-euro', points: 95 }] }],
    redeem: [{ wallet: 'points', points: 500, amount: cents(500) }],
    spendable: [
      {
        wallet: 'points',
        available: 1_000,
        burn_rule: 'cash',
        minimum_points: 10,
        maximum_points: 1_000,
        maximum_amount: cents(1_000),
        because: null,
      },
    ],
    tiers: [{ scheme: 'status', tier: 'gold' }],
  });
  const before = await app.request('GET', '/v1/members/ada');
  t.match(before.body, { tiers: [{ tier: null }], accounts: [{ available: 1_000 }] }, 'nothing was booked');
  const bought = await app.request('POST', '/v1/purchases', {
    ...purchaseOf('o-1', 'ada', 10_000),
    quote: quoted.id,
    redeem: [{ id: 'r-1', points: 500 }],
  });
  t.match(bought, { status: 201, body: { earned: [{ points: 95 }], tiers: [{ tier: 'gold' }] } });
  t.match((await app.request('GET', '/v1/purchases/o-1')).body, { quote: quoted.id, paid_with_points: 500 });
});

test('what cannot be spent says why', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 60);
  const gifts = { category_not_in: ['gifts'] };
  await app.request('PUT', '/v1/burn-rules/cash', { ...burnRule, minimum_points: 100, lines: gifts });
  const spendable = async (cart: object) => (await quote(app, cart)).spendable[0];
  t.match(await spendable(cartOf('ada', 10_000)), { maximum_points: 0, because: 'too_few_points', missing: 40 });
  await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 20_000));
  const card = { sku: 'card', categories: ['gifts'], quantity: 1, unit_price: 5_000, total: 5_000 };
  t.match(await spendable(cartOf('ada', 5_000, { lines: [card] })), {
    maximum_points: 0,
    because: 'cart',
    missing: null,
  });
  t.match(await spendable(cartOf('ada', 15_000)), { maximum_points: 260, maximum_amount: cents(260), because: null });
  await app.request(
    'PUT',
    '/v1/burn-rules/cash',
    { ...burnRule, condition: { field: 'spend', op: 'lt', value: 1 } },
    { 'if-match': '*' },
  );
  t.match(await spendable(cartOf('ada', 15_000)), { maximum_points: 0, because: 'no_burn_rule' });
  await app.request('POST', '/v1/members/ada/suspend');
  t.match(await spendable(cartOf('ada', 15_000)), { maximum_points: 0, because: 'member_suspended' });
});

test('a quote is honoured whatever is edited meanwhile, for its cart, once', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 1_000);
  await app.request('PUT', '/v1/burn-rules/cash', burnRule);
  const quoted = await quote(app, cartOf('ada', 10_000));
  const other = await quote(app, cartOf('ada', 10_000));
  const any = { 'if-match': '*' };
  await app.request('DELETE', '/v1/burn-rules/cash', null, any);
  await app.request('DELETE', '/v1/earn-rules/per-euro', null, any);
  const buying = (id: string, more: object = {}) =>
    app.request('POST', '/v1/purchases', { ...purchaseOf(id, 'ada', 10_000), quote: quoted.id, ...more });
  t.match(await buying('o-1', { total: 9_900, discount: 100 }), { status: 422, body: { code: 'quote_mismatch' } });
  const held = { id: 'h-1', member: 'ada', points: 300, capture: false };
  t.match((await app.request('POST', '/v1/redemptions', { ...held, quote: quoted.id })).body, {
    amount: cents(300),
    burn_rule: 'cash',
  });
  t.match((await app.request('POST', '/v1/redemptions', { ...held, id: 'h-2' })).body, { amount: null });
  const first = await buying('o-1', { capture_redemptions: ['h-1'] });
  t.match(first, { status: 201, body: { earned: [{ points: 97, rules: [{ rule: 'per-euro' }] }] } });
  t.equal((await buying('o-1', { capture_redemptions: ['h-1'] })).text, first.text, 'and again, the same bytes');
  t.match(await buying('o-2'), { status: 409, body: { code: 'quote_used', detail: /o-1/ } });
  t.match(await app.request('POST', '/v1/purchases', purchaseOf('o-3', 'ada', 10_000)), {
    status: 201,
    body: { earned: [] },
  });
  t.match((await app.request('GET', '/v1/purchases/o-1/explanation')).status, 200);
  const entry = first.body.earned[0].entry_id;
  t.match((await app.request('GET', `/v1/ledger-entries/${entry}`)).body, { revision: quoted.revision });
  t.equal((await app.request('GET', `/v1/ledger-entries/${entry}/explanation`)).status, 200);
  app.clock.now += 15 * 60_000 - 1;
  t.equal((await app.request('POST', '/v1/redemptions', { ...held, id: 'h-3', quote: other.id })).status, 201);
  app.clock.now += 1;
  const late = await app.request('POST', '/v1/purchases', { ...purchaseOf('o-4', 'ada', 10_000), quote: other.id });
  t.match(late, { status: 409, body: { code: 'quote_lapsed' } });
  t.strictSame(await auditFaults(app), []);
});

test('what was quoted in a happy hour and paid after it is given back as it was given', async (t) => {
  const app = await testApp(t, { now: '2026-03-02T16:50:00Z' });
  await withPoints(app, 'ada', 10);
  const happy = { name: 'Happy hour', trigger: 'purchase', effect: { type: 'fixed', points: 40 } };
  await app.request('PUT', '/v1/earn-rules/happy', {
    ...happy,
    schedule: { hours: { from: '17:00', until: '18:00' } },
  });
  const quoted = await quote(app, cartOf('ada', 10_000));
  app.clock.now += 14 * 60_000;
  const bought = await app.request('POST', '/v1/purchases', { ...purchaseOf('o-1', 'ada', 10_000), quote: quoted.id });
  t.match(bought.body, { earned: [{ points: 140 }] });
  const half = await app.request('POST', '/v1/purchases/o-1/returns', { id: 'b-1', amount: 5_000 });
  t.match(half.body, { taken_back: [{ points: 50 }] });
  t.match((await app.request('POST', '/v1/purchases/o-1/cancel')).body, { taken_back: [{ points: 90 }] });
});

test('a purchase by a quote returns by its revision', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 10);
  const quoted = await quote(app, cartOf('ada', 10_000));
  await app.request('DELETE', '/v1/earn-rules/per-euro', null, { 'if-match': '*' });
  await app.request('POST', '/v1/purchases', { ...purchaseOf('o-1', 'ada', 10_000), quote: quoted.id });
  const half = await app.request('POST', '/v1/purchases/o-1/returns', { id: 'b-1', amount: 5_000 });
  t.match(half.body, { taken_back: [{ points: 50 }], balances: [{ available: 60 }] });
});

test('a quote freezes the tier, and neither limits nor budgets nor who the member is', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 10);
  const gold = {
    name: 'Gold',
    rank: 1,
    entry: { field: 'attributes.vip', op: 'eq', value: true },
    benefits: { multiplier_percent: 200 },
  };
  await app.request('PUT', '/v1/attributes/vip', { name: 'VIP', type: 'boolean' });
  await app.request('PUT', '/v1/tiers/gold', gold);
  await app.request('PATCH', '/v1/members/ada', { attributes: { vip: true } });
  const bonus = { name: 'Second', trigger: 'purchase', effect: { type: 'fixed', points: 500 } };
  const condition = { field: 'purchases', op: 'eq', value: 1 };
  await app.request('PUT', '/v1/earn-rules/second', { ...bonus, condition });
  const [one, two] = [await quote(app, cartOf('ada', 1_000)), await quote(app, cartOf('ada', 1_000))];
  t.match(one.earned, [{ points: 1_020 }], 'the bonus and ten points, twice');
  await app.request('PATCH', '/v1/members/ada', { attributes: { vip: null } });
  const buy = (id: string, named: string) =>
    app.request('POST', '/v1/purchases', { ...purchaseOf(id, 'ada', 1_000), quote: named });
  t.match((await buy('o-1', one.id)).body, { earned: [{ points: 1_020 }], tiers: [{ tier: null }] });
  t.match((await buy('o-2', two.id)).body.earned, [{ points: 20 }], 'it is the third purchase by now');
});

test('a quote is the member’s own, and of this program', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 10);
  await withPoints(app, 'ben', 10);
  const quoted = await quote(app, cartOf('ada', 1_000));
  const notFound = { status: 404, body: { code: 'quote_not_found' } };
  for (const name of [quoted.id, 'quo_1_0000000000000', 'nonsense'])
    t.match(await app.request('POST', '/v1/purchases', { ...purchaseOf('o-1', 'ben', 1_000), quote: name }), notFound);
  const other = await app.program('other');
  await withPoints(other, 'ada', 10);
  t.match(
    await other.request('POST', '/v1/purchases', { ...purchaseOf('o-1', 'ada', 1_000), quote: quoted.id }),
    notFound,
  );
  t.match(await app.request('POST', '/v1/quotes', cartOf('nobody', 1)), {
    status: 404,
    body: { code: 'member_not_found' },
  });
  const wrong = cartOf('ada', 1_000, { total: 999 });
  t.match(await app.request('POST', '/v1/quotes', wrong), { status: 422, body: { code: 'sums_do_not_add_up' } });
  const long = cartOf('ada', 1_000, { expires_at: '2026-03-02T11:00:00.001Z' });
  t.match(await app.request('POST', '/v1/quotes', long), { status: 422, body: { code: 'quote_too_long' } });
});

test('one quote and many tills at once: one purchase is made by it', async (t) => {
  const app = await testApp(t);
  const second = await app.instance();
  await withPoints(app, 'ada', 1_000);
  const quoted = await quote(app, cartOf('ada', 1_000));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? app : second).request('POST', '/v1/purchases', {
        ...purchaseOf(`o-${index}`, 'ada', 1_000),
        quote: quoted.id,
      }),
    ),
  );
  t.equal(answers.filter(({ status }) => status === 201).length, 1);
  t.equal(answers.filter(({ body }) => body.code === 'quote_used').length, 19);
});

test('points redeemed with a purchase are a redemption like any other', async (t) => {
  const app = await testApp(t);
  const second = await app.instance();
  await withPoints(app, 'ada', 1_000);
  const paying = {
    ...purchaseOf('o-1', 'ada', 5_000),
    redeem: [
      { id: 'r-1', points: 300 },
      { id: 'r-2', points: 200 },
    ],
  };
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? app : second).request('POST', '/v1/purchases', paying)),
  );
  t.equal(new Set(answers.map(({ text }) => text)).size, 1, 'retried and raced, one purchase');
  t.match(answers[0]!.body, {
    redemptions: [
      { id: 'r-1', points: 300 },
      { id: 'r-2', points: 200 },
    ],
    balances: [{ available: 550 }],
  });
  t.match((await app.request('GET', '/v1/redemptions/r-2')).body, { status: 'captured', points: 200 });
  const conflict = { status: 409, body: { code: 'redemption_conflict' } };
  t.match(await app.request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 300 }), conflict);
  const again = {
    ...purchaseOf('o-2', 'ada', 5_000),
    redeem: [
      { id: 'r-3', points: 1 },
      { id: 'r-1', points: 1 },
    ],
  };
  t.match(await app.request('POST', '/v1/purchases', again), {
    ...conflict,
    body: { errors: [{ pointer: '/redeem/1/id' }] },
  });
  t.equal((await app.request('GET', '/v1/redemptions/r-3')).status, 404, 'all of it, or nothing');
  const tooMuch = {
    ...purchaseOf('o-3', 'ada', 5_000),
    redeem: [
      { id: 'r-4', points: 500 },
      { id: 'r-5', points: 51 },
    ],
  };
  t.match(await app.request('POST', '/v1/purchases', tooMuch), {
    status: 409,
    body: { code: 'insufficient_points', missing: 1 },
  });
  const twice = {
    ...purchaseOf('o-4', 'ada', 5_000),
    redeem: [
      { id: 'r-6', points: 5 },
      { id: 'r-6', points: 6 },
    ],
  };
  t.match(await app.request('POST', '/v1/purchases', twice), {
    status: 400,
    body: { errors: [{ pointer: '/redeem/1/id' }] },
  });
  await app.request('POST', '/v1/redemptions/r-1/refund', { points: 100 }, { 'idempotency-key': 'some' });
  t.match((await app.request('POST', '/v1/purchases/o-1/cancel')).body, {
    refunded: [
      { redemption: 'r-1', points: 200 },
      { redemption: 'r-2', points: 200 },
    ],
    balances: [{ available: 1_000 }],
  });
  t.strictSame(await auditFaults(app), []);
});

test('a purchase reported wrongly is replaced: once, by whoever comes first', async (t) => {
  const app = await testApp(t);
  const second = await app.instance();
  await withPoints(app, 'ada', 100);
  await withPoints(app, 'ben', 100);
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 50_000));
  const right = (id: string, member = 'ada') => ({ ...purchaseOf(id, member, 5_000), replaces: 'o-1' });
  t.match(await app.request('POST', '/v1/purchases', right('o-2', 'ben')), {
    status: 404,
    body: { code: 'not_found' },
  });
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      (index % 2 === 0 ? app : second).request('POST', '/v1/purchases', right(`o-2-${index}`)),
    ),
  );
  t.equal(answers.filter(({ status }) => status === 201).length, 1);
  t.equal(answers.filter(({ body }) => body.code === 'purchase_returned').length, 7);
  const made = answers.find(({ status }) => status === 201)!.body;
  t.match(made, { replaced: { id: 'o-1', taken_back: [{ points: 500 }] }, balances: [{ available: 150 }] });
  t.match((await app.request('GET', `/v1/purchases/${made.id}`)).body, { replaces: 'o-1' });
  t.match((await app.request('GET', '/v1/purchases/o-1')).body, { returns: [{ kind: 'cancellation', whole: true }] });
  t.match((await app.request('GET', '/v1/members/ada')).body, { totals: { purchases: 2, spend: 15_000 } });
  t.strictSame(await auditFaults(app), []);
});
