import { test } from 'tap';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { enrolled, people, type Somebody, spendOf } from './people.ts';

/* What helps to write conditions: fields, check, preview, explanation. */

const declared = async ({ request }: TestApp): Promise<void> => {
  const entry = { field: 'spend', op: 'gte', value: 50_000 };
  await request('PUT', '/v1/tiers/gold', { name: 'Gold', rank: 2, entry });
  await request('PUT', '/v1/tiers/silver', { name: 'Silver', rank: 1, entry: { ...entry, value: 10_000 } });
  await request('PUT', '/v1/attributes/shop', { name: 'Shop', type: 'string', values: ['lyon', 'paris'] });
  await request('PUT', '/v1/segments/vip', { name: 'VIP', condition: { text: 'spend >= 40000' } });
};

test('the fields of conditions are listed, and each example is a condition without fault', async (t) => {
  const app = await testApp(t);
  await declared(app);
  const places = [
    ['', {}],
    ['?trigger=purchase', { trigger: 'purchase' }],
    ['?trigger=activity&activity=review', { trigger: 'activity', activity: 'review' }],
  ] as const;
  for (const [query, place] of places) {
    const { body } = await app.request('GET', `/v1/condition-fields${query}`);
    for (const { name, example, subject } of body.data) {
      const text = subject === 'line' ? `lines.exists(line, ${example})` : example;
      const { body: check } = await app.request('POST', '/v1/conditions/check', { condition: { text }, for: place });
      t.ok(check.valid, `${query} ${name}: ${example} ${JSON.stringify(check.problems)}`);
    }
  }
  const { body } = await app.request('GET', '/v1/condition-fields');
  const named = (name: string) => body.data.find((field: { name: string }) => field.name === name);
  t.match(named('spend'), { type: 'integer', unit: 'minor_units', may_be_absent: false, example: 'spend >= 1' });
  t.match(named('spend').parameters, [{ name: 'window', required: false }]);
  t.match(named('attributes.shop'), { type: 'string', values: ['lyon', 'paris'], may_be_absent: true });
  t.match(named('activities').parameters[0], { name: 'activity', required: true });
  t.ok(named('consents.{purpose}'));
  t.notOk(named('purchase.total'));
  t.strictSame(body.schemes, [{ scheme: 'status', tiers: ['gold', 'silver'] }]);
  t.match(await app.request('GET', '/v1/condition-fields?trigger=activity'), {
    status: 400,
    body: { errors: [{ pointer: '/query/activity', code: 'required' }] },
  });
});

test('a check tells everything that is wrong, and refuses nothing', async (t) => {
  const app = await testApp(t);
  await declared(app);
  const check = async (condition: unknown, more: object = {}) =>
    (await app.request('POST', '/v1/conditions/check', { condition, ...more })).body;
  t.match(
    await check({
      any: [
        { field: 'purchases', op: 'gte', value: '3' },
        { field: 'tier', op: 'eq', value: 'glod' },
      ],
    }),
    {
      valid: false,
      problems: [
        { pointer: '/condition/any/0/value' },
        { pointer: '/condition/any/1/value', expected: /did you mean gold/ },
      ],
      condition: null,
      text: null,
    },
  );
  for (const nothing of [null, 3, 'spend', [], {}, { text: 'spend >=' }, { text: 3 }])
    t.match(await check(nothing), { valid: false }, JSON.stringify(nothing));
  let deep: unknown = {};
  for (let level = 0; level < 500; level++) deep = { not: deep };
  t.match(await check(deep), { problems: [{ code: 'too_deep' }] });
  const right = await check({ text: 'spend("90d") >= 5 && attributes.shop != "lyon" && "vip" in segments' });
  t.match(right, {
    valid: true,
    problems: [],
    warnings: [{ pointer: '/condition/all/1', code: 'absent_is_unknown' }],
    condition: { all: [{ field: 'spend', window: '90d', op: 'gte', value: 5 }, {}, {}] },
    dependencies: { windows: ['90d'], segments: ['vip'], person: true, time: true },
    weight: 4,
  });
  t.equal((await check({ text: right.text })).text, right.text, 'the text is read again');
  const channel = { field: 'purchase.channel', op: 'eq', value: 'web' };
  t.match(await check(channel), { valid: false });
  t.match(await check(channel, { for: { trigger: 'purchase' } }), { valid: true });
  t.match(await check(channel, { for: { trigger: 'activity', activity: 'reviw' } }), {
    valid: false,
    problems: [{ pointer: '/for/activity', expected: /did you mean review/ }],
  });
});

test('previews count what a look at each member finds', async (t) => {
  const app = await testApp(t);
  const { request } = app;
  const everybody = people(300);
  await enrolled(app, everybody);
  const cases: [string, (one: Somebody) => boolean][] = [
    ['spend("90d") >= 20000', (one) => spendOf(one, 90) >= 20_000],
    ['purchases >= 2 && country == "FR"', ({ purchases, country }) => purchases.length >= 2 && country === 'FR'],
    ['country != "FR"', ({ country }) => country !== null && country !== 'FR'],
    ['!(country == "FR") || spend < 1', (one) => one.country === 'BE' || spendOf(one, 999) < 1],
    [
      'older_than(last_purchase_at, "60d")',
      ({ purchases }) => purchases.length > 0 && purchases.every(({ day }) => day > 60),
    ],
  ];
  for (const [text, naive] of cases) {
    const expected = everybody.filter(naive).map(({ id }) => id);
    const { body } = await request('POST', '/v1/conditions/preview', { condition: { text } });
    t.match(body, { count: expected.length, total: 300 }, text);
    t.ok(expected.length > 20 && expected.length < 300, `${text} tells members apart`);
    const sampled: string[] = body.sample.map(({ member }: { member: string }) => member);
    t.equal(sampled.length, 20);
    t.strictSame(
      sampled.filter((id) => !expected.includes(id)),
      [],
      'the sample is of those',
    );
  }

  const segment = { name: 'Big', condition: { text: 'spend >= 20000' } };
  await request('PUT', '/v1/segments/big', segment);
  const tried = { condition: { text: 'spend >= 60000' }, exit: { text: 'country == "FR"' } };
  const outside = await request('POST', '/v1/segments/big/preview', tried);
  const big = everybody.filter((one) => spendOf(one, 999) >= 20_000);
  const huge = everybody.filter((one) => spendOf(one, 999) >= 60_000);
  t.match(
    outside.body,
    { now: 0, count: huge.length, would_enter: huge.length, would_leave: 0 },
    'nobody is in it yet',
  );

  // Whatever is written of a member brings them under the rules.
  await Promise.all(everybody.map(({ id }) => request('PATCH', `/v1/members/${id}`, { profile: { language: 'fr' } })));
  const leaving = big.filter((one) => spendOf(one, 999) < 60_000 && one.country === 'FR');
  const { body } = await request('POST', '/v1/segments/big/preview', tried);
  t.match(body, { now: big.length, count: big.length - leaving.length, would_enter: 0, would_leave: leaving.length });
  t.ok(leaving.some(({ id }) => id === body.leaving[0].member));
  const stands = await request('POST', '/v1/segments/big/preview', {});
  t.match(stands.body, { now: big.length, count: big.length, would_enter: 0, would_leave: 0, entering: [] });
  const wider = await request('POST', '/v1/segments/big/preview', { condition: { text: 'spend >= 10000' }, limit: 0 });
  const more = everybody.filter((one) => spendOf(one, 999) >= 10_000);
  t.match(wider.body, { count: more.length, would_enter: more.length - big.length, entering: [] });
});

test('a preview refuses what cannot select members, with every fault', async (t) => {
  const app = await testApp(t);
  await declared(app);
  const preview = (condition: object) => app.request('POST', '/v1/conditions/preview', { condition });
  t.match(await preview({ field: 'purchase.total', op: 'gte', value: 1 }), {
    status: 422,
    body: { code: 'invalid_condition', errors: [{ pointer: '/condition/field' }] },
  });
  t.match(await preview({ lines: 'some', where: { field: 'line.sku', op: 'eq', value: 'a' } }), { status: 422 });
  t.match(await app.request('POST', '/v1/segments/nothing/preview', {}), { status: 404 });
  const exit = { field: 'spnd', op: 'gte', value: 1 };
  t.match(await app.request('POST', '/v1/segments/vip/preview', { exit }), {
    status: 422,
    body: { errors: [{ pointer: '/exit/field' }] },
  });
});

test('an explanation tells what was read, what was absent and what is missing', async (t) => {
  const app = await testApp(t);
  await declared(app);
  await app.request('PUT', '/v1/members/ada', {});
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 4_200));
  const explain = async (text: string) =>
    (await app.request('POST', '/v1/conditions/explain', { condition: { text }, member: 'ada' })).body;
  t.match(await explain('spend("60d") >= 5000 && attributes.shop == "lyon"'), {
    member: 'ada',
    result: 'false',
    explanation: {
      result: 'false',
      clauses: [
        {
          clause: 'spend("60d") >= 5000',
          result: 'false',
          decisive: true,
          values: { 'spend("60d")': 4_200 },
          shortfall: { current: 4_200, needed: 5_000, missing: 800 },
        },
        { result: 'unknown', decisive: false, values: { 'attributes.shop': null }, absent: ['attributes.shop'] },
      ],
    },
    sentence: {
      en: 'spend over 60 days is 4200, 5000 needed: 800 missing',
      fr: 'montant dépensé sur 60 jours : 4200, 5000 requis : il manque 800',
    },
  });
  const recent = await explain('within_last(last_purchase_at, "30d") && spend("calendar_year") > 1');
  t.match(recent, {
    result: 'true',
    explanation: { clauses: [{ values: { last_purchase_at: '2026-03-02T10:00:00.000Z' } }, { result: 'true' }] },
  });
  t.match(await app.request('POST', '/v1/conditions/explain', { condition: { text: 'spend > 1' }, member: 'bob' }), {
    status: 404,
    body: { code: 'member_not_found', errors: [{ pointer: '/member' }] },
  });
});
