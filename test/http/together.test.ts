import assert from 'node:assert/strict';
import { test } from 'tap';
import { doFollowUps } from '../../src/jobs/follow-up.ts';
import { type Answer, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { eventFaults, numberAll, readAll } from '../helpers/told.ts';

/*
 * Everything at once: members who buy, quote, hold, capture, void, let lapse, refund, return, correct, let expire, pass
 * points on, get some from a person, redeem rewards with vouchers, claim what they bought as guests, and are merged and
 * parted, by many clients on two instances, with time moving on. Whatever comes of it, the audit finds nothing, no answer is our fault, and when
 * all is returned, refunded and voided no point is left that no person gave, and no reward that was not had.
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
  readonly vouchers: string[];
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

const remember = ({ vouchers }: Known, { body }: Answer): void => {
  if (body?.voucher) vouchers.push(body.voucher.id);
};

/** What has to do with other people, and with rewards. */
const actBesides = async (app: TestApp, known: Known, id: string, random: Numbers): Promise<Answer> => {
  const { request } = app;
  const [member, other] = [random, random].map((some) => MEMBERS[some(MEMBERS.length)]!) as [string, string];
  const key = { 'idempotency-key': id };
  switch (random(8)) {
    case 7:
      return random(2) === 0
        ? request('POST', `/v1/members/${member}/merge`, { into: other }, key)
        : request('POST', `/v1/members/${member}/unmerge`, {}, key);
    case 0:
      return request('POST', '/v1/transfers', { from: member, to: other, points: 1 + random(120) }, key);
    case 1: {
      const points = random(2) === 0 ? 1 + random(30) : -1 - random(30);
      return request('POST', '/v1/adjustments', { member, points, reason: 'r', actor: 'a' }, key);
    }
    case 2: {
      known.purchases.push(id);
      const { member: _, ...cart } = cartOf(member, random);
      const guest = { identity: { kind: 'card', value: `card-${random(6)}` } };
      return request('POST', '/v1/purchases', { id, ...cart, guest });
    }
    case 3: {
      const identities = [{ kind: 'card', value: `card-${random(6)}` }];
      return request('PATCH', `/v1/members/${member}`, { identities });
    }
    case 4: {
      const { data } = (await request('GET', `/v1/members/${member}/entitlements`)).body;
      const open = anyOf(
        data.filter(({ status }: { status: string }) => status === 'open') as { id: string }[],
        random,
      );
      known.redemptions.push(id);
      const had = open === undefined ? {} : { entitlement: open.id };
      const capture = random(3) > 0;
      const redeemed = await request('POST', '/v1/redemptions', { id, member, reward: 'mug', capture, ...had });
      remember(known, redeemed);
      return redeemed;
    }
    case 5: {
      known.purchases.push(id);
      known.redemptions.push(`${id}-r`);
      return request('POST', '/v1/purchases', {
        ...{ id, ...cartOf(member, random) },
        redeem: [{ id: `${id}-r`, reward: 'mug' }],
      });
    }
    default: {
      const voucher = anyOf(known.vouchers, random) ?? 'vou_1_1';
      return random(3) === 0
        ? request('POST', `/v1/vouchers/${voucher}/cancel`, { reason: 'r', actor: 'a' }, key)
        : request('POST', `/v1/vouchers/${voucher}/use`, {}, key);
    }
  }
};

/** One deed of a client. Most can be refused; which are is not foreseen here. */
const act = async (app: TestApp, known: Known, id: string, random: Numbers): Promise<Answer> => {
  const { request } = app;
  const member = MEMBERS[random(MEMBERS.length)]!;
  const cart = cartOf(member, random);
  const purchase = anyOf(known.purchases, random) ?? 'none';
  const redemption = anyOf(known.redemptions, random) ?? 'none';
  const key = { 'idempotency-key': id };
  switch (random(20)) {
    case 14:
    case 15:
    case 16:
    case 17:
    case 18:
    case 19:
      return actBesides(app, known, id, random);
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
    mug: {
      name: 'Mug',
      trigger: 'milestone',
      milestone: { every_purchases: 2 },
      effect: { type: 'reward', reward: 'mug' },
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
  rewards: {
    mug: {
      ...{ name: 'Mug', benefit: { type: 'custom' }, price: 60, stock: 12 },
      ...{ limits: [{ period: 'month', times: 3 }], voucher: { codes: 'generated', valid_for: 'P10D' } },
    },
  },
  policies: { late_report_days: null, expired_refund_grace_days: 5, transfers: true },
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

/** What commands left to be done for others. */
const settleFollowUps = ({ service: { services } }: TestApp): Promise<unknown> =>
  doFollowUps(services.database, services.queue);

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

interface Entry {
  readonly cause: string;
  readonly movement: string;
  readonly from: string;
  readonly to: string;
  readonly points: number;
}

/** Points that expired were the member's: some do on their way back. */
const OWN = ['pending', 'available', 'held', 'debt', 'expired'];

/** What entries put into what is or was the member's, less what they took out of it, by movement; and what expired. */
const movedBy = async ({ request }: TestApp, member: string): Promise<Map<string, number>> => {
  const sums = new Map<string, number>();
  for (let cursor = ''; ; ) {
    const { body } = await request('GET', `/v1/members/${member}/ledger-entries?limit=100${cursor}`);
    for (const { cause, movement, from, to, points } of body.data as Entry[]) {
      const moved = (OWN.includes(to) ? points : 0) - (OWN.includes(from) ? points : 0);
      // What a person gives pays back a debt first, as what rules give does.
      const what = cause === 'adjustment' ? 'adjust' : movement;
      sums.set(what, moved + (sums.get(what) ?? 0));
      const expired = (to === 'expired' ? points : 0) - (from === 'expired' ? points : 0);
      sums.set('expired', expired + (sums.get('expired') ?? 0));
    }
    if (!body.has_more) return sums;
    cursor = `&cursor=${body.next_cursor}`;
  }
};

/** Points paid for rewards whose vouchers were used: nothing else stays redeemed. By member, and how many. */
const hadOf = async ({ request }: TestApp, { redemptions }: Known) => {
  const paid = new Map<string, number>();
  let count = 0;
  for (const id of redemptions) {
    const { status, body } = await request('GET', `/v1/redemptions/${id}`);
    if (status === 404 || body.status !== 'captured') continue;
    assert.equal(body.voucher?.status, 'used', `${id} stays redeemed: ${JSON.stringify(body)}`);
    paid.set(body.member, body.points + (paid.get(body.member) ?? 0));
    count += 1;
  }
  return { paid, count };
};

const nothingLeft = async (app: TestApp, known: Known): Promise<void> => {
  const had = await hadOf(app, known);
  let transferred = 0;
  /** What members have to have, those merged into one together. */
  const owned = new Map<string, number>();
  for (const member of MEMBERS) {
    const sums = await movedBy(app, member);
    const of = (...movements: string[]) => movements.reduce((sum, one) => sum + (sums.get(one) ?? 0), 0);
    const paid = had.paid.get(member) ?? 0;
    assert.equal(of('earn', 'recover', 'return', 'write_off'), 0, `${member}: what rules gave was taken back`);
    assert.equal(of('redeem', 'capture', 'refund') + paid, 0, `${member}: what was redeemed came back`);
    assert.equal(of('hold', 'void', 'lapse', 'release', 'grace'), 0, member);
    const { id } = (await app.request('GET', `/v1/members/${member}`)).body;
    owned.set(id, of('adjust', 'transfer', 'merge', 'unmerge') - of('expired') - paid + (owned.get(id) ?? 0));
    transferred += of('transfer', 'merge', 'unmerge');
  }
  for (const [member, given] of owned) {
    const { accounts, totals } = (await app.request('GET', `/v1/members/${member}`)).body;
    assert.deepEqual([totals.spend, totals.purchases, totals.last_purchase_at], [0, 0, null], member);
    const [{ pending, available, held, debt }] = accounts;
    assert.deepEqual([pending, held], [0, 0], member);
    assert.equal(available - debt, given, `${member}: what people gave, less what expired`);
  }
  assert.equal(transferred, 0, 'what one sent another received');
  const { used } = (await app.request('GET', '/v1/rewards/mug/stock')).body;
  assert.equal(used, had.count, 'of the stock only what was had is used');
};

const run = async (apps: readonly TestApp[], clients: number, rounds: number, seed: number) => {
  const [app] = apps as [TestApp];
  const known: Known = { purchases: [], redemptions: [], vouchers: [], quotes: [] };
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
  await settleFollowUps(app);
  assert.deepEqual(await auditFaults(app), []);
  await undoAll(app, known);
  await settleFollowUps(app);
  assert.deepEqual(await auditFaults(app), []);
  await nothingLeft(app, known);
  await numberAll(app);
  assert.deepEqual(eventFaults((await readAll(app, null)).events), []);
  assert.deepEqual(await auditFaults(app), []);
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
