import { type Test, test } from 'tap';
import { followUpSubmission } from '../../src/commands/follow-up.ts';
import { doFollowUps } from '../../src/jobs/follow-up.ts';
import type { OpenFollowUp } from '../../src/store/follow-ups.ts';
import { lanesWaiting } from '../commands/instance.ts';
import { type Answer, purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { asOwner } from '../helpers/programs.ts';
import { eventually } from '../helpers/service-process.ts';

/* A guest's purchase becomes the member's who is given its identity: once, with what came back of it. */

const DAY = 86_400_000;
const card = { kind: 'card', value: '2099' };

const shop = async (t: Test, policies: object = {}): Promise<TestApp> => {
  const app = await testApp(t);
  const rule = { name: 'A point per euro', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  const answers = [
    await app.request('PUT', '/v1/earn-rules/per-euro', rule),
    await app.request('PATCH', '/v1/program', { policies }),
  ];
  for (const { status, text } of answers) if (status >= 400) throw new Error(text);
  return app;
};

const buy = ({ request }: Pick<TestApp, 'request'>, id: string, cents: number, more: object = {}): Promise<Answer> =>
  request('POST', '/v1/purchases', purchaseOf(id, null, cents, { guest: { identity: card }, ...more }));

const returnOf = (
  { request }: Pick<TestApp, 'request'>,
  purchase: string,
  id: string,
  amount: number,
): Promise<Answer> => request('POST', `/v1/purchases/${purchase}/returns`, { id, amount });

const enrol = ({ request }: Pick<TestApp, 'request'>, member: string, identities: object[] = [card]): Promise<Answer> =>
  request('PUT', `/v1/members/${member}`, { identities });

const open = ({ databaseUrl }: TestApp): Promise<number> =>
  asOwner(databaseUrl, async (client) => {
    const { rows } = await client.query<{ open: number }>(
      'select count(*)::integer as open from follow_up where done_at is null',
    );
    return rows[0]!.open;
  });

/** Lets nothing be saved, so that two that have loaded at once are there at once. */
const heldUp = async <T>({ databaseUrl }: TestApp, waiting: number, work: () => readonly Promise<T>[]): Promise<T[]> =>
  asOwner(databaseUrl, async (client) => {
    await client.query('begin; lock table operation_reference in share row exclusive mode');
    const done = Promise.all(work());
    await lanesWaiting(client, waiting);
    await client.query('commit');
    return done;
  });

/** Hands the claims of members in, each at another instance. */
const claimAt = async (apps: readonly TestApp[]): Promise<(() => Promise<unknown>)[]> => {
  const rows = await asOwner(apps[0]!.databaseUrl, async (client) => {
    const found = await client.query<OpenFollowUp>(
      'select program_id, member_id::integer, id from follow_up where done_at is null',
    );
    return found.rows;
  });
  return rows.map(({ program_id, ...followUp }, index) => () => {
    const { queue } = apps[index % apps.length]!.service.services;
    return queue.submit(followUpSubmission(program_id, { ...followUp, at: 0 }));
  });
};

const losingClaims = ({ service: { services } }: TestApp): (() => void) => {
  const submit = services.queue.submit.bind(services.queue);
  services.queue.submit = (submission) =>
    submission.command.kind === 'claim_purchase' ? Promise.reject(new Error('ended')) : submit(submission);
  return () => {
    services.queue.submit = submit;
  };
};

const settled = (app: TestApp) => eventually(async () => (await open(app)) === 0);

const accountOf = async ({ request }: TestApp, member: string): Promise<{ available: number; debt: number }> => {
  const { available, debt } = (await request('GET', `/v1/members/${member}`)).body.accounts[0];
  return { available, debt };
};

const eventsOf = ({ databaseUrl }: TestApp): Promise<string[]> =>
  asOwner(databaseUrl, async (client) => {
    const { rows } = await client.query<{ type: string }>(
      `select event ->> 'type' as type from outbox cross join lateral json_array_elements(events) event order by outbox_id`,
    );
    return rows.map(({ type }) => type);
  });

test('with enrolment, and with a card that is added later, come the purchases made with it, as old as they are', async (t) => {
  const app = await shop(t, { late_report_days: 1 });
  const first = await buy(app, 'o-1', 3_000);
  t.equal((await app.request('POST', '/v1/purchases', purchaseOf('o-2', null, 5_000))).status, 201, 'of nobody at all');
  app.clock.now += 40 * DAY;
  const enrolled = await enrol(app, 'ada');
  t.match(enrolled, { status: 201, body: { accounts: [{ available: 30 }] } }, 'the answer shows them');
  t.strictSame(await accountOf(app, 'ada'), { available: 30, debt: 0 });
  t.match((await app.request('GET', '/v1/members/ada')).body, {
    totals: { purchases: 1, spend: 3_000 },
  });
  t.match((await app.request('GET', '/v1/purchases/o-1')).body, {
    member: 'ada',
    occurred_at: '2026-03-02T10:00:00.000Z',
  });
  t.match((await app.request('GET', '/v1/purchases/o-2')).body, { member: null });
  const explained = await app.request('GET', '/v1/members/ada/explain?earn_rule=per-euro&purchase=o-1');
  t.match(explained, { status: 200, body: { earn_rule: { counted: 3_000, points: 30 } } });
  t.match(await app.request('GET', '/v1/purchases/o-1/explanation'), { status: 200, body: { member: 'ada' } });
  const again = await buy(app, 'o-1', 3_000);
  t.equal(again.text, first.text, 'the guest’s answer, byte for byte');
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.equal((await buy(app, 'o-1', 3_001)).body.code, 'purchase_conflict');
  t.match((await app.request('GET', '/v1/members/ada/ledger-entries')).body.data, [
    { movement: 'earn', points: 30, cause: 'purchase', cause_id: 'o-1', occurred_at: '2026-03-02T10:00:00.000Z' },
  ]);

  const other = { kind: 'email', value: 'Ada@Example.com' };
  await buy(app, 'o-3', 700, { guest: { identity: { ...other, value: 'ada@example.com' } } });
  await buy(app, 'o-4', 900);
  await enrol(app, 'ada');
  await settled(app);
  t.equal((await accountOf(app, 'ada')).available, 30, 'a card that was there brings nothing');
  await enrol(app, 'ada', [card, other]);
  await settled(app);
  t.equal((await accountOf(app, 'ada')).available, 37);
  t.strictSame(
    (await eventsOf(app)).filter((type) => type.startsWith('purchase')),
    ['purchase.claimed', 'purchase.claimed'],
  );
  t.strictSame(await auditFaults(app), []);
});

test('beyond the days of the program nothing is claimed, nor where nothing is', async (t) => {
  const app = await shop(t, { guest_claim_days: 10 });
  await buy(app, 'o-1', 1_000);
  app.clock.now += DAY;
  await buy(app, 'o-2', 2_000);
  app.clock.now += 10 * DAY;
  await enrol(app, 'ada');
  await settled(app);
  t.equal((await accountOf(app, 'ada')).available, 20);
  await app.request('PATCH', '/v1/program', { policies: { guest_claim_days: null } });
  const phone = { kind: 'phone', value: '+33612345678' };
  await buy(app, 'o-3', 2_000, { guest: { identity: phone } });
  await enrol(app, 'bob', [phone]);
  await settled(app);
  t.equal((await accountOf(app, 'bob')).available, 0);
});

test('a card that passes from one member to another brings its purchases to the first, once', async (t) => {
  const app = await shop(t);
  await buy(app, 'o-1', 3_000);
  await enrol(app, 'ada');
  await settled(app);
  await enrol(app, 'ada', []);
  await buy(app, 'o-2', 500);
  await enrol(app, 'bob');
  await settled(app);
  await enrol(app, 'bob', []);
  await enrol(app, 'ada');
  await settled(app);
  t.strictSame([(await accountOf(app, 'ada')).available, (await accountOf(app, 'bob')).available], [30, 5]);
  t.strictSame(await auditFaults(app), []);
});

test('two instances that lose what follows: the job claims, once, for whoever gets to it first', async (t) => {
  const app = await shop(t);
  const other = await app.instance();
  await buy(app, 'o-1', 3_000);
  const found = losingClaims(app);
  for (const [member, identities] of [
    ['ada', [card]],
    ['ada', []],
    ['ada', [card]],
    ['ada', []],
    ['bob', [card]],
  ] as const)
    t.ok((await enrol(app, member, [...identities])).status < 300);
  t.equal(await open(app), 2, 'one of each');
  t.equal((await accountOf(app, 'ada')).available + (await accountOf(app, 'bob')).available, 0);
  found();
  const jobs = [app, other, app, other].map(({ service: { services } }) =>
    doFollowUps(services.database, services.queue),
  );
  await Promise.all(jobs);
  t.equal(await open(app), 0);
  t.equal((await accountOf(app, 'ada')).available + (await accountOf(app, 'bob')).available, 30);
  t.strictSame(await auditFaults(app), []);
});

test('what comes back before a claim and after it comes to the same', async (t) => {
  const app = await shop(t);
  const silver = { field: 'spend', op: 'gte', value: 9_000 };
  await app.request('PUT', '/v1/tiers/silver', { name: 'Silver', rank: 1, entry: silver });
  const welcome = { name: 'Welcome', trigger: 'tier.entered', effect: { type: 'fixed', points: 7 } };
  await app.request('PUT', '/v1/earn-rules/welcome', welcome);
  const bag = {
    name: 'Bag',
    trigger: 'purchase',
    effect: { type: 'reward', reward: 'bag' },
    condition: { text: 'purchase.spend >= 8000' },
  };
  t.equal((await app.request('PUT', '/v1/earn-rules/bag', bag)).status, 201);
  const views: unknown[] = [];
  for (const [index, before] of [0, 1, 2, 3].entries()) {
    const [purchase, member] = [`o-${index}`, `m-${index}`];
    const identity = { kind: 'card', value: `${index}` };
    await buy(app, purchase, 10_000, { guest: { identity } });
    const parts = [500, 1_800, 1_000];
    const send = (some: readonly number[], from: number) =>
      some.reduce(async (sent, amount, part) => {
        await sent;
        const { status } = await returnOf(app, purchase, `ret-${index}-${from + part}`, amount);
        t.equal(status, 201);
      }, Promise.resolve());
    await send(parts.slice(0, before), 0);
    await enrol(app, member, [identity]);
    await settled(app);
    await send(parts.slice(before), before);
    const { accounts, totals, tiers, segments } = (await app.request('GET', `/v1/members/${member}`)).body;
    const { data } = (await app.request('GET', `/v1/members/${member}/entitlements`)).body;
    views.push({
      accounts,
      totals,
      tiers,
      segments,
      rewards: data.map((one: { revoked_at: string | null }) => one.revoked_at !== null),
    });
    const { data: returns } = (await app.request('GET', `/v1/purchases/${purchase}/returns`)).body;
    t.equal(returns.length, 3);
  }
  t.match(views[0], {
    accounts: [{ available: 67, debt: 0 }],
    totals: { spend: 6_700 },
    tiers: [{ tier: null }],
    rewards: [true],
  });
  for (const view of views.slice(1)) t.strictSame(view, views[0]);
  t.strictSame(await auditFaults(app), []);
});

test('a purchase of which nothing is left stays the guest’s; after a claim all of it may come back', async (t) => {
  const app = await shop(t);
  for (const id of ['o-1', 'o-2', 'o-3']) await buy(app, id, 1_000);
  const cancelled = await app.request('POST', '/v1/purchases/o-1/cancel');
  t.match(cancelled, { status: 201, body: { member: null, whole: true } });
  t.equal((await returnOf(app, 'o-2', 'ret-1', 300)).status, 201);
  const partial = await returnOf(app, 'o-2', 'ret-1', 300);
  await enrol(app, 'ada');
  await settled(app);
  t.equal((await accountOf(app, 'ada')).available, 17);
  t.match((await app.request('GET', '/v1/purchases/o-1')).body, { member: null });
  t.equal((await app.request('POST', '/v1/purchases/o-1/cancel')).text, cancelled.text);
  t.equal((await returnOf(app, 'o-2', 'ret-1', 300)).text, partial.text, 'a repetition gets the guest’s answer');
  t.match(await app.request('POST', '/v1/purchases/o-2/cancel'), {
    status: 201,
    body: { member: 'ada', taken_back: [{ points: 7 }] },
  });
  t.equal((await accountOf(app, 'ada')).available, 10);
  t.match((await app.request('GET', '/v1/members/ada')).body, { totals: { purchases: 1, spend: 1_000 } });
  t.strictSame(await auditFaults(app), []);
});

test('a claim while returns are being recorded, at two instances: each counts once, whichever comes first', async (t) => {
  const app = await shop(t);
  const apps = [app, await app.instance()];
  for (let round = 0; round < 6; round++) {
    const identity = { kind: 'card', value: `c-${round}` };
    await buy(app, `o-${round}`, 10_000, { guest: { identity } });
    const answers = await Promise.all([
      ...[0, 1, 2, 3].map((part) => returnOf(apps[part % 2]!, `o-${round}`, `ret-${round}-${part}`, 1_000)),
      enrol(apps[round % 2]!, `m-${round}`, [identity]),
      ...[4, 5].map((part) => returnOf(apps[part % 2]!, `o-${round}`, `ret-${round}-${part}`, 1_000)),
    ]);
    for (const { status, text } of answers) t.equal(status, 201, status === 201 ? '' : text);
    await settled(app);
    t.equal((await accountOf(app, `m-${round}`)).available, 40);
  }
  t.strictSame(await auditFaults(app), []);
});

test('a member who is closed by then claims nothing; a friend’s purchase qualifies a referral', async (t) => {
  const app = await shop(t);
  const thanks = {
    name: 'Thanks',
    trigger: 'referral.qualified',
    effect: { type: 'fixed', points: 100 },
    condition: { field: 'activity.side', op: 'eq', value: 'referrer' },
  };
  await app.request('PUT', '/v1/earn-rules/thanks', thanks);
  await app.request('PUT', '/v1/members/ref', {});
  const { referral_code } = (await app.request('POST', '/v1/members/ref/referral-code')).body;
  await buy(app, 'o-1', 1_000);
  await app.request('PUT', '/v1/members/ada', { identities: [card], referred_by: referral_code });
  await settled(app);
  t.strictSame([(await accountOf(app, 'ref')).available, (await accountOf(app, 'ada')).available], [100, 10]);

  const other = { kind: 'card', value: '1' };
  await buy(app, 'o-2', 1_000, { guest: { identity: other } });
  const found = losingClaims(app);
  await enrol(app, 'bob', [other]);
  await app.request('POST', '/v1/members/bob/close');
  found();
  await doFollowUps(app.service.services.database, app.service.services.queue);
  t.equal(await open(app), 0);
  t.match((await app.request('GET', '/v1/purchases/o-2')).body, { member: null });
  t.strictSame(await auditFaults(app), []);
});

test('two claims at the very same moment, each at another instance, or a claim and a return: both are decided on what is', async (t) => {
  const app = await shop(t);
  const apps = [app, await app.instance()];
  await buy(app, 'o-1', 3_000);
  const found = losingClaims(app);
  await enrol(app, 'ada');
  await enrol(app, 'ada', []);
  await enrol(app, 'bob');
  found();
  const claims = await claimAt(apps);
  t.equal(claims.length, 2);
  await heldUp(app, 2, () => claims.map((claim) => claim()));
  t.equal(await open(app), 0);
  t.equal((await accountOf(app, 'ada')).available + (await accountOf(app, 'bob')).available, 30);

  await enrol(app, 'bob', []);
  // A return and a claim: whichever comes second knows of the first.
  for (const id of ['o-2', 'o-3']) {
    await buy(app, id, 3_000);
    const found = losingClaims(app);
    await enrol(app, `m-${id}`);
    await enrol(app, `m-${id}`, []);
    found();
    const [claim] = await claimAt(apps);
    const back = () => returnOf(apps[1]!, id, `ret-${id}`, 1_000);
    await heldUp(app, 2, () => (id === 'o-2' ? [claim!(), back()] : [back(), claim!()]));
    t.equal((await accountOf(app, `m-${id}`)).available, 20, id);
    t.equal((await app.request('GET', `/v1/purchases/${id}`)).body.returns.length, 1);
  }
  t.strictSame(await auditFaults(app), []);
});

test('what came back of points that have expired by the claim is taken from others, as after it', async (t) => {
  const app = await shop(t);
  const { headers } = await app.request('GET', '/v1/wallets/points');
  const life = { name: 'Points', expiry: { after: 'P1W' } };
  t.equal((await app.request('PUT', '/v1/wallets/points', life, { 'if-match': `${headers['etag']}` })).status, 200);
  const available: number[] = [];
  for (const [index, before] of [true, false].entries()) {
    const [purchase, member, identity] = [`o-${index}`, `m-${index}`, { kind: 'card', value: `${index}` }];
    await buy(app, purchase, 3_000, { guest: { identity } });
    app.clock.now += 20 * DAY;
    await enrol(app, member, []);
    const given = { member, points: 50, reason: 'r', actor: 'a', expires_at: null };
    await app.request('POST', '/v1/adjustments', given, { 'idempotency-key': 'given' });
    if (before) await returnOf(app, purchase, `ret-${index}`, 1_000);
    await enrol(app, member, [identity]);
    await settled(app);
    if (!before) await returnOf(app, purchase, `ret-${index}`, 1_000);
    available.push((await accountOf(app, member)).available);
  }
  t.strictSame(available, [40, 40]);
  t.strictSame(await auditFaults(app), []);
});
