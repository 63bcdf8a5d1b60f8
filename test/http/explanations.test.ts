import { test } from 'tap';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';

/* Why a tier, a segment, a rule, an entry: what was recorded then, and what holds now. */

const rule = (more: object) => ({ name: 'Rule', trigger: 'purchase', effect: { type: 'fixed', points: 5 }, ...more });

const prepared = async (app: TestApp): Promise<void> => {
  const { request } = app;
  const spend = (value: number) => ({ field: 'spend', window: '365d', op: 'gte', value });
  await request('PUT', '/v1/tiers/silver', {
    name: 'Silver',
    rank: 1,
    entry: spend(5_000),
    minimum_stay: { after: 'P1M' },
  });
  await request('PUT', '/v1/tiers/gold', {
    name: 'Gold',
    rank: 2,
    entry: spend(50_000),
    benefits: { multiplier_percent: 150 },
  });
  await request('PUT', '/v1/segments/recent', {
    name: 'Recent',
    condition: { field: 'last_purchase_at', op: 'within_last', value: '7d' },
  });
  await request('PUT', '/v1/wallets/points', { name: 'Points', expiry: { after: 'P12M' } }, { 'if-match': '*' });
  const per = { type: 'per_amount', points: 1, per: 300 };
  await request('PUT', '/v1/earn-rules/per-euro', rule({ effect: per }));
  await request('PUT', '/v1/earn-rules/silver-only', rule({ condition: { field: 'tier', op: 'eq', value: 'silver' } }));
  await request('PUT', '/v1/earn-rules/shoes', rule({ lines: { category_in: ['shoes'] } }));
  await request('PUT', '/v1/earn-rules/big', rule({ condition: { field: 'purchase.total', op: 'gte', value: 8_000 } }));
  await request('PUT', '/v1/earn-rules/once', rule({ limits: [{ period: 'ever', times: 1, points: null }] }));
  await request('PUT', '/v1/earn-rules/gone', rule({ until: '2026-01-01T00:00:00Z' }));
  await request('PUT', '/v1/earn-rules/joined', rule({ trigger: 'enrolment' }));
  await request('PUT', '/v1/members/ada', {});
};

const DAY = 86_400_000;

test('a tier is explained by the change that led there, and by what holds now', async (t) => {
  const app = await testApp(t);
  await prepared(app);
  const explain = async (query = '') =>
    (await app.request('GET', `/v1/members/ada/explain?tier=status${query}`)).body.tier;
  t.match(await explain(), { tier: null, since: null, decision: null, next: { tier: 'silver' }, history: [] });
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 6_000));
  const { revision } = (await app.request('GET', '/v1/program')).body;
  // What the condition says afterwards is not why it was entered.
  const later = { name: 'Silver', rank: 1, entry: { field: 'spend', window: '365d', op: 'gte', value: 4_000 } };
  await app.request('PUT', '/v1/tiers/silver', { ...later, minimum_stay: { after: 'P1M' } }, { 'if-match': '*' });
  t.match(await explain(), {
    tier: 'silver',
    since: '2026-03-02T10:00:00.000Z',
    decision: {
      from: null,
      to: 'silver',
      revision,
      because: 'entry',
      of: 'silver',
      condition: 'spend("365d") >= 5000',
      values: { 'spend("365d")': 6_000 },
      note: null,
    },
    entry: { clause: 'spend("365d") >= 4000', result: 'true' },
    exit: null,
    next: { tier: 'gold', entry: { result: 'false', shortfall: { missing: 44_000 } } },
    sentence: {
      en: 'silver since 2026-03-02; the entry of silver became true: spend("365d") >= 5000; to gold: spend over 365 days is 6000, 50000 needed: 44000 missing',
      fr: /^silver depuis le 2026-03-02 ; l’entrée de silver est devenue vraie/,
    },
  });

  app.clock.now += DAY;
  const note = { tier: 'gold', until: '2026-06-01T00:00:00Z', reason: 'Complaint 4711', actor: 'jane' };
  await app.request('PUT', '/v1/members/ada/tiers/status', note);
  t.match(await explain(), {
    tier: 'gold',
    decision: { because: 'manual', note: { reason: 'Complaint 4711', actor: 'jane' } },
    entry: { result: 'false' },
    kept_until: '2026-06-01T00:00:00.000Z',
    next: null,
    history: [{ to: 'gold' }, { to: 'silver' }],
    sentence: { en: /given by jane: Complaint 4711/ },
  });
  t.match(await explain('&at=2026-03-02T12:00:00Z'), {
    tier: 'silver',
    until: '2026-03-03T10:00:00.000Z',
    entry: null,
    next: null,
    history: [{ to: 'silver' }],
  });
  t.match(await explain('&at=2026-03-01T12:00:00Z'), { tier: null, until: '2026-03-02T10:00:00.000Z', history: [] });
});

test('a segment is explained by when it was entered and left, on what', async (t) => {
  const app = await testApp(t);
  await prepared(app);
  const explain = async (query = '') =>
    (await app.request('GET', `/v1/members/ada/explain?segment=recent${query}`)).body.segment;
  t.match(await explain(), {
    inside: false,
    since: null,
    condition: { result: 'unknown', absent: ['last_purchase_at'] },
    history: [],
    sentence: { en: /^never in recent; now: first|last purchase is absent/ },
  });
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 6_000));
  t.match(await explain(), {
    inside: true,
    since: '2026-03-02T10:00:00.000Z',
    condition: { result: 'true' },
    history: [
      {
        entered: {
          because: 'condition',
          condition: 'within_last(last_purchase_at, "7d")',
          values: { last_purchase_at: '2026-03-02T10:00:00.000Z' },
        },
        left: null,
      },
    ],
  });
  app.clock.now += 10 * DAY;
  await app.request('PATCH', '/v1/members/ada', { profile: { language: 'fr' } });
  const left = await explain();
  t.match(left, { inside: false, history: [{ left: { because: 'condition' } }], condition: { result: 'false' } });
  t.match(left.since, /^2026-03-09T10:00:00/);
  t.match(await explain('&at=2026-03-05T00:00:00Z'), {
    inside: true,
    condition: null,
    history: [{ left: null }],
    sentence: { fr: /^dans recent depuis le 2026-03-02/ },
  });
});

test('a rule is explained for a purchase by what was recorded with it', async (t) => {
  const app = await testApp(t);
  await prepared(app);
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 6_000));
  await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 100));
  const explain = async (code: string, purchase?: string) => {
    const query = purchase === undefined ? '' : `&purchase=${purchase}`;
    return (await app.request('GET', `/v1/members/ada/explain?earn_rule=${code}${query}`)).body.earn_rule;
  };
  t.match(await explain('per-euro', 'o-1'), { result: 'gave', because: null, points: 20, counted: 6_000 });
  t.match(await explain('per-euro', 'o-2'), { result: 'gave_nothing', because: 'too_little' });
  t.match(await explain('silver-only', 'o-1'), {
    result: 'gave_nothing',
    because: 'condition',
    condition: { result: 'unknown', values: { tier: null } },
    sentence: { en: 'silver-only gave nothing: its condition is not true; tier is absent, silver needed' },
  });
  t.match(await explain('silver-only', 'o-2'), {
    result: 'gave',
    points: 5,
    condition: { values: { tier: 'silver' } },
  });
  t.match(await explain('shoes', 'o-1'), { because: 'lines' });
  t.match(await explain('big', 'o-1'), {
    because: 'condition',
    condition: { values: { 'purchase.total': 6_000 }, shortfall: { missing: 2_000 } },
  });
  t.match(await explain('once', 'o-1'), { result: 'gave', points: 5 });
  t.match(await explain('once', 'o-2'), { result: 'gave_nothing', because: 'limit' });
  t.match(await explain('gone', 'o-1'), { because: 'dates' });
  t.match(await explain('joined', 'o-1'), { because: 'other_trigger' });
  t.match(await explain('nothing', 'o-1'), { because: 'not_in_force' });

  t.match(await explain('per-euro'), { result: 'would_give', purchase: null });
  t.match(await explain('silver-only'), { result: 'would_give', condition: { result: 'true' } });
  t.match(await explain('shoes'), { result: 'depends' });
  t.match(await explain('big'), { result: 'depends', condition: { result: 'unknown' } });
  t.match(await explain('once'), { result: 'would_give_nothing', because: 'limit' });
  t.match(await explain('gone'), { result: 'would_give_nothing', because: 'dates' });

  t.match(await app.request('GET', '/v1/members/ada/explain?earn_rule=big&purchase=o-9'), { status: 404 });
  t.match(await app.request('GET', '/v1/members/ada/explain?tier=nothing'), { status: 404 });
  t.match(await app.request('GET', '/v1/members/ada/explain?segment=nothing'), { status: 404 });
  t.match(await app.request('GET', '/v1/members/ada/explain'), {
    status: 400,
    body: { errors: [{ pointer: '/query' }] },
  });
});

test('rewards, multipliers, milestones and groups are explained for a purchase', async (t) => {
  const app = await testApp(t);
  const put = (code: string, more: object) => app.request('PUT', `/v1/earn-rules/${code}`, rule(more));
  await put('five', { exclusive_group: 'fixed' });
  await put('four', { exclusive_group: 'fixed', effect: { type: 'fixed', points: 4 } });
  await put('double', { effect: { type: 'multiplier', percent: 200 } });
  await put('half-shoes', { effect: { type: 'multiplier', percent: 50 }, lines: { category_in: ['shoes'] } });
  await put('coffee', { effect: { type: 'reward', reward: 'coffee' } });
  await put('second', { trigger: 'milestone', milestone: { every_purchases: 2 } });
  await put('visit', { trigger: 'activity', activity: 'visit' });
  await app.request('PUT', '/v1/members/ada', {});
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 1_000));
  await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 1_000));
  const explain = async (code: string, purchase: string) =>
    (await app.request('GET', `/v1/members/ada/explain?earn_rule=${code}&purchase=${purchase}`)).body.earn_rule;
  t.match(await explain('five', 'o-1'), { result: 'gave', points: 5 });
  t.match(await explain('four', 'o-1'), { result: 'gave_nothing', because: 'exclusive_group' });
  t.match(await explain('double', 'o-1'), { result: 'gave', points: 5 });
  t.match(await explain('half-shoes', 'o-1'), { result: 'gave_nothing', because: 'lines' });
  t.match(await explain('coffee', 'o-1'), { result: 'gave', sentence: { en: 'coffee granted its reward' } });
  t.match(await explain('second', 'o-1'), { result: 'gave_nothing', because: 'milestone' });
  t.match(await explain('second', 'o-2'), { result: 'gave' });
  const whole = (await app.request('GET', '/v1/purchases/o-1/explanation')).body;
  t.strictSame(
    whole.rules.map((one: { rule: string; because: string | null }) => `${one.rule} ${one.because}`),
    ['coffee null', 'double null', 'five null', 'four exclusive_group', 'half-shoes lines', 'second milestone'],
    'every rule a purchase can set off',
  );
  for (const one of whole.rules) t.strictSame(one, await explain(one.rule, 'o-1'));
  await app.request('POST', '/v1/purchases', purchaseOf('g-1', null, 500));
  t.match((await app.request('GET', '/v1/purchases/g-1/explanation')).body, { member: null, rules: [] });
  await app.request('POST', '/v1/activities', { id: 'a-1', member: 'ada', type: 'visit' });
  const { data } = (await app.request('GET', '/v1/members/ada/ledger-entries')).body;
  const { body } = await app.request('GET', `/v1/ledger-entries/${data[0].id}/explanation`);
  t.match(body, {
    rules: [{ rule: 'visit', points: 5 }],
    sentence: { en: /^5 points earned with activity a-1; visit 5/ },
  });
});

test('an entry is explained by its rules, its facts and its lots', async (t) => {
  const app = await testApp(t);
  await prepared(app);
  const entries = async () => (await app.request('GET', '/v1/members/ada/ledger-entries')).body.data;
  const explain = async (movement: string) => {
    const entry = (await entries()).find((one: { movement: string }) => one.movement === movement);
    return (await app.request('GET', `/v1/ledger-entries/${entry.id}/explanation`)).body;
  };
  await app.request('PUT', '/v1/members/ada/tiers/status', { tier: 'gold', reason: 'r', actor: 'a' });
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 6_100));
  const earned = await explain('earn');
  t.match(earned, {
    entry: { movement: 'earn', cause_id: 'o-1' },
    rounding: 'floor',
    facts: { tier: 'gold' },
    lots: [{ points: earned.entry.points, expires_at: '2027-03-02T23:00:00.000Z' }],
  });
  const share = (code: string) => earned.rules.find((one: { rule: string }) => one.rule === code);
  t.match(share('per-euro'), { counted: 6_100, exact: '20.3333', effect: { type: 'per_amount', per: 300 } });
  t.match(share('once'), { points: 5, effect: { type: 'fixed' } });
  t.match(share('tier:gold'), { name: 'Gold', effect: { type: 'multiplier', percent: 150 } });
  t.match(earned.sentence.en, /points earned with purchase o-1; .*6100 × 1 \/ 300 = 20\.3333.*; expires on 2027-03-03/);
  t.match(earned.sentence.fr, /points gagnés avec l’achat o-1/);

  await app.request('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 3 });
  t.match(await explain('redeem'), { rules: [], sentence: { en: '3 points spent with redemption r-1' } });
  const adjustment = { member: 'ada', points: 4, reason: 'Sorry', actor: 'jane' };
  await app.request('POST', '/v1/adjustments', adjustment, { 'idempotency-key': 'k' });
  t.match(await explain('adjust'), { sentence: { en: /^4 points given by hand; given by jane: Sorry/ } });
  t.match(await app.request('GET', '/v1/ledger-entries/ent_1_zz/explanation'), { status: 404 });
});
