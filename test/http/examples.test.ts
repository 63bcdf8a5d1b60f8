import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Test, test } from 'tap';
import { purchaseOf, type TestApp, type TestProgram, testApp } from '../helpers/app.ts';
import { eventually } from '../helpers/service-process.ts';

/* The programs under `examples/`: each is what the service takes, and does what the page about it says. */

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
const names = readdirSync(`${folder}programs`).map((file) => file.replace(/\.json$/, ''));

type Json = Record<string, unknown>;
const documentOf = (name: string): Json & { $schema: string } =>
  JSON.parse(readFileSync(`${folder}programs/${name}.json`, 'utf8'));

const load = ({ request }: TestProgram, name: string) =>
  request('PUT', '/v1/config', documentOf(name), { 'if-match': '"1"' });

/** What is said of a part is what is kept of it; what was written as text is kept as a tree. */
const keeps = (kept: unknown, said: unknown): boolean => {
  if (Array.isArray(said))
    return Array.isArray(kept) && kept.length === said.length && said.every((item, at) => keeps(kept[at], item));
  if (typeof said !== 'object' || said === null) return kept === said;
  if (typeof kept !== 'object' || kept === null) return false;
  if ('text' in said) return !('text' in kept);
  return Object.entries(said).every(([name, value]) => keeps((kept as Json)[name], value));
};

test('the page tells of each program', async (t) => {
  const page = readFileSync(`${folder}README.md`, 'utf8');
  const told = [...page.matchAll(/\(programs\/([a-z-]+)\.json\)/g)].map(([, name]) => name);
  t.strictSame(told.toSorted(), names.toSorted());
});

test('each fits the published schema, loads into a fresh program, and is there as it was written', async (t) => {
  const app = await testApp(t);
  const { body: schema } = await app.request('GET', '/v1/config/schema');
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  for (const name of names) {
    const { $schema, ...said } = documentOf(name);
    t.equal($schema, '/v1/config/schema', name);
    t.equal(validate(documentOf(name)), true, `${name}: ${JSON.stringify(validate.errors)}`);
    const fresh = await app.program(name);
    const loaded = await load(fresh, name);
    t.match(loaded, { status: 200, headers: { etag: '"2"' } }, `${name}: ${loaded.text}`);
    const kept = (await fresh.request('GET', '/v1/config')).body;
    t.strictSame(kept, loaded.body, name);
    t.ok(keeps(kept, said), name);
    // Policies that are not said are kept as well, as they are by default.
    for (const kind of Object.keys(said).filter((kind) => kind !== 'policies'))
      t.strictSame(Object.keys(kept[kind]).toSorted(), Object.keys(said[kind] as Json).toSorted(), `${name}: ${kind}`);
    t.match((await fresh.request('POST', '/v1/config/plan', documentOf(name))).body, {
      revision: 2,
      changes: [],
      faults: [],
    });
    t.match(await fresh.request('PUT', '/v1/config', kept, { 'if-match': '"2"' }), { headers: { etag: '"2"' } });
  }
});

/** A sandbox with the program, from a day on, and the deeds of a story. */
const story = async (t: Test, name: string, clock: string) => {
  const app: TestApp = await testApp(t);
  const play = await app.program('play', { sandbox: true, clock });
  t.match(await load(play, name), { status: 200 });
  let count = 0;
  const taken = async (method: string, path: string, body: object) => {
    const answer = await play.request(method, path, body);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.text}`);
    return answer.body;
  };
  const earnedIn = ({ earned }: { earned: { points: number }[] }) =>
    earned.reduce((sum: number, { points }: { points: number }) => sum + points, 0);
  const read = async (member = 'ada') => (await play.request('GET', `/v1/members/${member}`)).body;
  return {
    ...play,
    enrol: (member: string, body: object = {}) => taken('PUT', `/v1/members/${member}`, body),
    /** Points earned by a purchase of so many cents. */
    buys: async (cents: number, more: object = {}): Promise<number> =>
      earnedIn(await taken('POST', '/v1/purchases', purchaseOf(`p-${count++}`, 'ada', cents, more))),
    /** Points earned by an activity. */
    does: async (type: string, more: object = {}): Promise<number> =>
      earnedIn(await taken('POST', '/v1/activities', { id: `a-${count++}`, member: 'ada', type, ...more })),
    until: (to: string) => taken('POST', '/v1/sandbox/clock', { to }),
    tier: async (): Promise<string | null> => (await read()).tiers[0].tier,
    segments: async (): Promise<string[]> => (await read()).segments.map(({ segment }: { segment: string }) => segment),
    account: async (member = 'ada') => (await read(member)).accounts[0],
    rewards: async (): Promise<string[]> =>
      (await play.request('GET', '/v1/members/ada/entitlements')).body.data.map(
        ({ reward }: { reward: string }) => reward,
      ),
  };
};

test('points shop: points that wait for the returns, a double month, a tenth purchase, and who comes back', async (t) => {
  const shop = await story(t, 'points-shop', '2026-10-05T10:00:00Z');
  await shop.enrol('ada', { profile: { birth_date: '1990-12-24' } });
  t.match(await shop.account(), { available: 100, pending: 0 }, 'a welcome');
  t.equal(await shop.buys(4_990), 49);
  const giftCard = {
    lines: [{ sku: 'card', categories: ['gift-cards'], quantity: 1, unit_price: 5_000, total: 5_000 }],
  };
  t.equal(await shop.buys(5_000, giftCard), 0);
  t.match(await shop.account(), { available: 100, pending: 49 });
  await shop.until('2026-11-10T10:00:00Z');
  t.match(await shop.account(), { available: 149, pending: 0 }, 'two weeks later');
  t.equal(await shop.buys(4_990), 99, 'in November, twice 49.90');
  await shop.until('2026-12-25T10:00:00Z');
  t.match(await shop.account(), { available: 149 + 99 + 50 }, 'a birthday');
  t.equal(await shop.buys(4_990), 49);
  for (let number = 5; number < 10; number++) t.equal(await shop.buys(1_000), 10);
  t.equal(await shop.buys(1_000), 260, 'the tenth');
  t.strictSame(await shop.segments(), []);
  await shop.until('2027-03-31T10:00:00Z');
  t.strictSame(await shop.segments(), ['win-back']);
  t.equal(await shop.buys(2_500), 25 + 150, 'welcome back');
  t.strictSame(await shop.segments(), []);
  await shop.until('2027-07-31T10:00:00Z');
  t.equal(await shop.buys(2_500), 25, 'once a year');
});

test('three statuses: Silver with the third purchase, a quarter more points, kept for a year, then a step down', async (t) => {
  const club = await story(t, 'three-statuses', '2026-03-02T10:00:00Z');
  await club.enrol('ada');
  t.equal(await club.tier(), null);
  t.equal(await club.buys(10_000), 100);
  t.equal(await club.tier(), 'bronze');
  t.equal(await club.buys(10_000), 100);
  t.equal(await club.buys(10_000), 100, 'the third earns as it was before');
  t.equal(await club.tier(), 'silver');
  t.equal(await club.buys(10_000), 125);
  await club.until('2027-03-15T10:00:00Z');
  t.equal(await club.tier(), 'silver', 'the purchases are out of the window, the stay holds until the end of March');
  await club.until('2027-04-20T10:00:00Z');
  t.equal(await club.tier(), 'silver', 'and a grace of 30 days');
  await club.until('2027-05-10T10:00:00Z');
  t.equal(await club.tier(), 'bronze');
  t.equal(await club.buys(10_000), 100);
});

test('three statuses: Gold is entered by purchases and spend, gives points once, and is left at a lower bound', async (t) => {
  const club = await story(t, 'three-statuses', '2026-03-02T10:00:00Z');
  await club.enrol('ada');
  const earned: number[] = [];
  for (let number = 1; number <= 7; number++) earned.push(await club.buys(10_000));
  t.strictSame(earned, [100, 100, 100, 125, 125, 625, 150], 'the sixth with the points that Gold gives');
  t.equal(await club.tier(), 'gold');
  t.match(await club.account(), { available: 825 + 500 }, 'a welcome to Gold');
  await club.until('2027-03-03T10:00:00Z');
  t.match(await club.account(), { available: 1_325 + 200 }, 'an anniversary in Gold');
  await club.until('2027-05-10T10:00:00Z');
  t.equal(await club.tier(), 'silver', 'one level');
});

test('spend and benefits: statuses of the year, credit by status, gifts for each 500 euros', async (t) => {
  const house = await story(t, 'spend-and-benefits', '2026-03-02T10:00:00Z');
  await house.enrol('ada');
  t.equal(await house.buys(30_000), 600, '2 %');
  t.equal(await house.tier(), 'insider');
  t.strictSame(await house.rewards(), []);
  t.equal(await house.buys(25_000), 500);
  t.strictSame(await house.rewards(), ['gift']);
  t.equal(await house.buys(70_000), 1_400);
  t.equal(await house.tier(), 'icon');
  t.strictSame((await house.rewards()).toSorted(), ['gift', 'gift', 'styling-session']);
  t.equal(await house.buys(10_000), 400, '4 %');
  t.equal(await house.buys(300_000), 9_600, 'of which what is left of the month');
  t.match(await house.account(), { wallet: 'credit', pending: 12_500, available: 0 });
  await house.until('2027-12-31T10:00:00Z');
  t.equal(await house.tier(), 'icon', 'until the end of the next year');
  await house.until('2028-01-01T10:00:00Z');
  t.equal(await house.tier(), 'insider', 'one level');
});

test('flags: a segment for each status, entered and left with it', async (t) => {
  const shop = await story(t, 'status-flags', '2026-03-02T10:00:00Z');
  await shop.enrol('ada');
  t.strictSame(await shop.segments(), ['no-status']);
  await shop.buys(10_000);
  t.strictSame(await shop.segments(), ['status-bronze']);
  await shop.buys(20_000);
  t.strictSame(await shop.segments(), ['big-baskets', 'status-silver']);
  await shop.buys(50_000);
  t.strictSame([await shop.tier(), await shop.segments()], ['gold', ['big-baskets', 'status-gold']]);
  await shop.until('2026-09-01T10:00:00Z');
  t.strictSame(await shop.segments(), ['big-baskets', 'dormant', 'status-gold']);
  await shop.buys(1_000);
  t.strictSame(await shop.segments(), ['big-baskets', 'dormant', 'status-gold'], 'one purchase does not wake up');
  await shop.buys(31_000);
  t.strictSame(await shop.segments(), ['big-baskets', 'status-gold']);
  await shop.until('2027-04-02T10:00:00Z');
  t.strictSame(await shop.tier(), 'silver', '320 euros within the year, and 30 days of grace are over');
  t.ok((await shop.segments()).includes('status-silver'));
  t.notOk((await shop.segments()).includes('status-gold'));
  await shop.until('2028-03-02T10:00:00Z');
  t.strictSame(await shop.segments(), ['no-status']);
});

test('flags: who works there has no status', async (t) => {
  const shop = await story(t, 'status-flags', '2026-03-02T10:00:00Z');
  await shop.enrol('ada', { attributes: { staff: true } });
  await shop.buys(10_000);
  t.strictSame(await shop.segments(), ['no-status']);
  await shop.enrol('ada', { attributes: { staff: false } });
  t.strictSame(await shop.segments(), ['status-bronze']);
});

test('engagement: games, reviews, surveys, visits and shares give points, within limits', async (t) => {
  // A Monday.
  const club = await story(t, 'engagement', '2026-03-02T10:00:00Z');
  await club.enrol('ada', { profile: { birth_date: '1990-03-12' } });
  const game = (score: number) => ({ fields: { campaign: 'spring', score }, context: { channel: 'app' } });
  t.equal(await club.does('game_played', game(7)), 10);
  t.equal(await club.does('game_played', game(10)), 15, 'the second of the day, with every answer right');
  t.equal(await club.does('game_played', game(10)), 0);
  t.equal(await club.does('review', { fields: { rating: 5 } }), 30);
  t.equal(await club.does('review', { fields: { rating: 1 } }), 30);
  t.equal(await club.does('review', { fields: { rating: 3 } }), 0, 'two a month');
  t.equal(await club.does('visit'), 5);
  t.equal(await club.does('visit'), 0);
  t.equal(await club.does('social_share', { fields: { network: 'instagram' } }), 10);
  t.equal(await club.does('social_share', { fields: { network: 'tiktok' } }), 0, 'once a week');
  t.equal(await club.buys(1_000), 10);
  t.strictSame(await club.segments(), ['active']);
  await club.until('2026-03-07T10:00:00Z');
  t.equal(await club.buys(1_000), 20, 'on a Saturday');
  await club.until('2026-03-11T10:00:00Z');
  t.equal(await club.does('social_share', { fields: { network: 'post office' } }), 0);
  t.equal(await club.does('social_share', { fields: { network: 'tiktok' } }), 10, 'another week');
  const { available } = await club.account();
  await club.until('2026-03-12T10:00:00Z');
  t.match(await club.account(), { available: available + 100 }, 'a birthday');
  await club.until('2026-06-10T10:00:00Z');
  t.strictSame(await club.segments(), ['win-back']);
  await club.does('game_played', game(7));
  t.strictSame(await club.segments(), []);
});

test('engagement: an answered survey gives points once in 90 days, and says who recommends', async (t) => {
  const club = await story(t, 'engagement', '2026-03-02T10:00:00Z');
  await club.enrol('ada');
  t.equal(await club.does('survey'), 0, 'no answer');
  t.equal(await club.does('survey', { fields: { nps: 10 } }), 50);
  t.strictSame(await club.segments(), ['promoter']);
  t.strictSame(await club.rewards(), ['friends-code']);
  await club.until('2026-05-30T10:00:00Z');
  t.equal(await club.does('survey', { fields: { nps: 3 } }), 0, 'the day before');
  t.strictSame(await club.segments(), ['detractor']);
  await club.until('2026-05-31T10:00:00Z');
  t.equal(await club.does('survey', { fields: { nps: 9 } }), 50);
  t.strictSame([await club.segments(), await club.rewards()], [['promoter'], ['friends-code']], 'once a year');
});

test('engagement: a friend’s first purchase of 20 euros gives to both', async (t) => {
  const club = await story(t, 'engagement', '2026-03-02T10:00:00Z');
  await club.enrol('bea');
  const { body } = await club.request('POST', '/v1/members/bea/referral-code');
  await club.enrol('ada', { referred_by: body.referral_code });
  t.equal(await club.buys(1_999), 19);
  t.equal(await club.buys(2_000), 120);
  await eventually(async () => (await club.account('bea')).available === 200);
  t.equal(await club.buys(2_000), 20);
});
