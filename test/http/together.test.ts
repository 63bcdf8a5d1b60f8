import assert from 'node:assert/strict';
import { test } from 'tap';
import { type Answer, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';

/*
 * Everything at once: members who buy, quote, hold, capture, void, let lapse, refund, return, correct and let expire, by
 * many clients on two instances, with time moving on. Whatever comes of it, the audit finds nothing, no answer is our
 * fault, and when all is returned, refunded and voided no point is left that nobody else gave.
 */

const MEMBERS = ['ada', 'bea', 'cem', 'dov', 'eva'];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Numbers that look random and are the same every time (xorshift32). */
const numbersFrom = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};
type Numbers = ReturnType<typeof numbersFrom>;

/** What clients know of, so that they name the same things. */
interface Known {
  readonly purchases: string[];
  readonly redemptions: string[];
  readonly quotes: { readonly id: string; readonly cart: object }[];
}

const cartOf = (member: string, random: Numbers) => {
  const lines = Array.from({ length: 1 + random(3) }, () => {
    const [quantity, unit_price] = [1 + random(3), random(4_000)];
    const categories = random(4) === 0 ? ['gifts'] : [];
    return { sku: `sku-${random(5)}`, categories, quantity, unit_price, total: quantity * unit_price };
  });
  return { member, currency: 'EUR', lines, total: lines.reduce((sum, { total }) => sum + total, 0) };
};

const anyOf = <T>(list: readonly T[], random: Numbers): T | undefined => list[random(Math.max(1, list.length))];

/** One deed of a client. Most can be refused; which are is not foreseen here. */
const act = async (app: TestApp, known: Known, id: string, random: Numbers): Promise<Answer> => {
  const { request } = app;
  const member = MEMBERS[random(MEMBERS.length)]!;
  const cart = cartOf(member, random);
  const purchase = anyOf(known.purchases, random) ?? 'none';
  const redemption = anyOf(known.redemptions, random) ?? 'none';
  const key = { 'idempotency-key': id };
  switch (random(14)) {
    case 0:
    case 1:
    case 2: {
      known.purchases.push(id);
      const redeem = random(3) === 0 ? { redeem: [{ id: `${id}-r`, points: 10 * (1 + random(8)) }] } : {};
      if (random(3) === 0) known.redemptions.push(`${id}-r`);
      return request('POST', '/v1/purchases', { id, ...cart, ...redeem });
    }
    case 3:
      known.purchases.push(id);
      return request('POST', '/v1/purchases', { id, ...cart, capture_redemptions: [redemption] });
    case 4: {
      const quoted = await request('POST', '/v1/quotes', cart);
      if (quoted.status === 201) known.quotes.push({ id: quoted.body.id, cart });
      return quoted;
    }
    case 5: {
      const quoted = anyOf(known.quotes, random);
      known.purchases.push(id);
      return request('POST', '/v1/purchases', { id, ...(quoted?.cart ?? cart), quote: quoted?.id ?? 'none' });
    }
    case 6:
    case 7:
      known.redemptions.push(id);
      return request('POST', '/v1/redemptions', {
        id,
        member,
        points: 10 * (1 + random(15)),
        capture: random(3) === 0,
      });
    case 8:
      return request(
        'POST',
        `/v1/redemptions/${redemption}/capture`,
        random(2) === 0 ? {} : { points: 1 + random(40) },
        key,
      );
    case 9:
      return request('POST', `/v1/redemptions/${redemption}/void`);
    case 10:
      return request(
        'POST',
        `/v1/redemptions/${redemption}/refund`,
        random(2) === 0 ? {} : { points: 1 + random(40) },
        key,
      );
    case 11:
      return request('POST', `/v1/purchases/${purchase}/returns`, { id, lines: [{ line: random(2), quantity: 1 }] });
    case 12:
      return request('POST', `/v1/purchases/${purchase}/returns`, { id, amount: 1 + random(3_000) });
    default:
      known.purchases.push(id);
      return random(3) === 0
        ? request('POST', '/v1/purchases', { id, ...cart, replaces: purchase })
        : request('POST', `/v1/purchases/${purchase}/cancel`);
  }
};

const program = {
  wallets: {
    points: { name: 'Points', expiry: { after: 'P45D' }, pending: 'P3D', value: { points: 100, amount: 100 } },
  },
  earn_rules: {
    euro: { name: 'Euro', trigger: 'purchase', effect: { type: 'per_amount', points: 3, per: 100 } },
    third: {
      name: 'Third',
      trigger: 'milestone',
      milestone: { every_purchases: 3 },
      effect: { type: 'fixed', points: 25 },
    },
    day: {
      name: 'Daily',
      trigger: 'purchase',
      effect: { type: 'fixed', points: 7 },
      limits: [{ period: 'day', times: 2 }],
    },
    budget: {
      name: 'Shared',
      trigger: 'purchase',
      effect: { type: 'fixed', points: 5 },
      budget: { points: 300, period: 'month' },
    },
    silver: { name: 'Silver', trigger: 'tier.entered', tier: 'silver', effect: { type: 'fixed', points: 60 } },
  },
  tiers: {
    silver: {
      name: 'Silver',
      rank: 1,
      entry: { field: 'spend', window: '30d', op: 'gte', value: 20_000 },
      benefits: { multiplier_percent: 150 },
    },
  },
  burn_rules: {
    cash: {
      name: 'Cash',
      value: { points: 1, amount: 3 },
      step_points: 5,
      lines: { category_not_in: ['gifts'] },
      maximum_percent: 90,
    },
  },
  policies: { late_report_days: null, expired_refund_grace_days: 5 },
};

const begin = async (app: TestApp): Promise<void> => {
  const put = await app.request('PUT', '/v1/config', program, { 'if-match': '*' });
  assert.equal(put.status, 200, put.text);
  for (const [index, name] of MEMBERS.entries()) {
    await app.request('PUT', `/v1/members/${name}`, {});
    const gift = { member: name, points: 400, reason: 'r', actor: 'a', expires_at: null };
    await app.request('POST', '/v1/adjustments', gift, { 'idempotency-key': `gift-${index}` });
  }
};

/** Voids what is held, returns what is left of every purchase, and refunds what is captured. */
const undoAll = async (app: TestApp, known: Known): Promise<void> => {
  for (const id of known.redemptions) await app.request('POST', `/v1/redemptions/${id}/void`);
  for (const id of known.purchases) {
    const cancelled = await app.request('POST', `/v1/purchases/${id}/cancel`);
    assert.ok(
      cancelled.status === 201 || cancelled.status === 404 || cancelled.body.code === 'return_conflict',
      cancelled.text,
    );
  }
  for (const id of known.redemptions)
    await app.request('POST', `/v1/redemptions/${id}/refund`, {}, { 'idempotency-key': `undo-${id}` });
};

/** What entries of a member come to, by movement. */
const movementsOf = async ({ request }: TestApp, member: string): Promise<Map<string, number>> => {
  const sums = new Map<string, number>();
  for (let cursor = ''; ; ) {
    const { body } = await request('GET', `/v1/members/${member}/ledger-entries?limit=100${cursor}`);
    for (const { movement, points } of body.data) sums.set(movement, points + (sums.get(movement) ?? 0));
    if (!body.has_more) return sums;
    cursor = `&cursor=${body.next_cursor}`;
  }
};

const nothingLeft = async (app: TestApp): Promise<void> => {
  for (const member of MEMBERS) {
    const sums = await movementsOf(app, member);
    const of = (...movements: string[]) => movements.reduce((sum, one) => sum + (sums.get(one) ?? 0), 0);
    assert.equal(of('earn', 'recover'), of('return'), `${member}: what rules gave was taken back, to the point`);
    assert.equal(of('redeem', 'capture'), of('refund'), `${member}: what was redeemed came back, to the point`);
    assert.equal(of('hold'), of('capture', 'void', 'lapse'), `${member}: nothing is held`);
    const { accounts, totals } = (await app.request('GET', `/v1/members/${member}`)).body;
    assert.deepEqual([totals.spend, totals.purchases, totals.last_purchase_at], [0, 0, null], member);
    const [{ pending, available, held, debt, lifetime }] = accounts;
    assert.deepEqual([pending, held], [0, 0], member);
    assert.equal(
      available - debt + lifetime.expired,
      400,
      `${member}: what there was in the beginning, less what expired`,
    );
  }
};

const run = async (apps: readonly TestApp[], clients: number, rounds: number, seed: number) => {
  const [app] = apps as [TestApp];
  const known: Known = { purchases: [], redemptions: [], quotes: [] };
  const random = numbersFrom(seed);
  const met = new Map<string, number>();
  await begin(app);
  for (let round = 0; round < rounds; round++) {
    const acts = Array.from({ length: clients }, (_, client) => {
      const own = numbersFrom(1 + random(2 ** 31 - 1));
      return act(apps[client % apps.length]!, known, `x-${round}-${client}`, own);
    });
    for (const { status, body, text } of await Promise.all(acts)) {
      assert.ok(status < 500, text);
      const name = status < 300 ? `${status}` : (body as { code: string }).code;
      met.set(name, 1 + (met.get(name) ?? 0));
    }
    app.clock.now += [0, MINUTE, 20 * MINUTE, DAY, 6 * DAY][random(5)]!;
  }
  assert.deepEqual(await auditFaults(app), []);
  await undoAll(app, known);
  assert.deepEqual(await auditFaults(app), []);
  await nothingLeft(app);
  return met;
};

test('one after another: whatever is done and undone, nothing is gained', async (t) => {
  for (const seed of [11, 12, 13]) {
    const app = await testApp(t);
    const met = await run([app], 1, 150, seed);
    t.ok((met.get('201') ?? 0) > 40, `seed ${seed}: ${JSON.stringify([...met])}`);
  }
});

test('many clients on two instances: whatever is raced, nothing is gained', async (t) => {
  for (const seed of [21, 22]) {
    const app = await testApp(t);
    const met = await run([app, await app.instance()], 24, 14, seed);
    t.ok((met.get('201') ?? 0) > 80, `seed ${seed}: ${JSON.stringify([...met])}`);
  }
});
