import { readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'tap';
import { whyBalance } from '../../tools/compare/balance-causes.ts';
import { CAUSES, type Cause } from '../../tools/compare/causes.ts';
import { whyExpiries } from '../../tools/compare/expiry-causes.ts';
import { readCsv, readNdjson } from '../../tools/compare/old-records.ts';
import { readOptions } from '../../tools/compare/options.ts';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { startProcess } from '../helpers/service-process.ts';

/* A file of the old system against a service: every difference that is planted is found, under its cause. */

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

test('CSV and NDJSON say the same: accounts, expiries, tiers', async (t) => {
  const csv = [
    'member,wallet,available,pending,points,expires_at,tier.status,tier.status.until',
    'ada,points,300,20,100,2026-06-30T22:00:00Z,gold,2026-12-31T23:00:00Z',
    'ada,points,300,20,200,,gold,2026-12-31T23:00:00Z',
    'ada,miles,7,,,,gold,2026-12-31T23:00:00Z',
    'bob,,-5,,,,,',
  ].join('\n');
  const lines = [
    {
      member: 'ada',
      accounts: [
        {
          wallet: 'points',
          available: 300,
          pending: 20,
          expiries: [
            { points: 100, expires_at: '2026-06-30T22:00:00Z' },
            { points: 200, expires_at: null },
          ],
        },
        { wallet: 'miles', available: 7, expiries: [] },
      ],
      tiers: { status: { tier: 'gold', until: '2026-12-31T23:00:00Z' } },
    },
    { member: 'bob', available: -5, expiries: [], tiers: { status: null } },
  ];
  const [one, other] = await Promise.all([
    all(readCsv(linesOf(csv))),
    all(readNdjson(linesOf(lines.map((line) => JSON.stringify(line)).join('\n\n')))),
  ]);
  const withoutRows = (members: typeof one) => members.map(({ row: _, ...rest }) => rest);
  t.strictSame(withoutRows(one), withoutRows(other));
  t.strictSame(
    one.map(({ row }) => row),
    [2, 5],
  );
});

test('a row that cannot be read is named', async (t) => {
  for (const [text, what] of [
    ['member,points\nada,1', /^row 1: expected a header/],
    ['member,available,more\nada,1,2', /^row 1: expected a header/],
    ['member,available\nada,1.5', /^row 2: available is not a whole number/],
    ['member,available\nada,1\n b c,1', /^row 3: the member is not an id/],
    ['member,available\nada', /^row 2: expected 2 fields/],
    ['member,available,points,expires_at\nada,1,1,2026', /^row 2: expires_at is not an instant/],
  ] as const)
    await t.rejects(all(readCsv(linesOf(text))), { message: what }, text);
  await t.rejects(all(readNdjson(linesOf('{"member": "ada"}\n{'))), { message: /^row 2: not JSON/ });
});

test('options: what is wrong is said before anything is asked', async (t) => {
  const key = { TESSERA_KEY: 'k' };
  t.match(readOptions(['--file', 'a.csv', '--as-of', '2026-03-01T02:00:00+01:00'], key), {
    asOf: '2026-03-01T01:00:00.000Z',
    rounding: 1,
  });
  for (const [args, environment, message] of [
    [[], key, /--file/],
    [['--file', 'a'], {}, /TESSERA_KEY/],
    [['--file', 'a', '--as-of', '2026-03-01'], key, /an instant/],
    [['--file', 'a', '--accept', 'tier,nothing'], key, /one of moved_since/],
    [['--file', 'a', '--clients', '0'], key, /whole number/],
    [['--file', 'a', '--url', 'ftp://x'], key, /http/],
    [['--nothing'], key, /nothing/],
  ] as const)
    t.throws(() => readOptions(args, environment), { name: 'UsageError', message });
  t.equal(readOptions(['--help'], {}), null);
});

test('a cause is told only where it comes out to the point', async (t) => {
  const there = { wallet: 'points', available: 100, pending: 0, debt: null, expiries: null };
  const around = { at: Date.parse('2026-03-01T00:00:00Z'), entries: [], expiries: { dated: [], never: 0 } };
  const why = (here: object, old = {}) =>
    whyBalance({ ...there, ...old }, { ...around, here: { available: 0, pending: 0, debt: 0, ...here } }, 1).cause;
  t.equal(why({ available: 101 }), 'rounding');
  t.equal(why({ available: 102 }), 'balance');
  t.equal(why({ available: 60, pending: 40 }), 'pending');
  t.equal(why({ available: 60, pending: 41 }), 'balance');
  t.equal(why({ available: 120, debt: 20 }), 'debt');
  t.equal(why({ available: 120, debt: 20 }, { debt: 0 }), 'balance');
});

test('expiries are the same, within a day, or others', async (t) => {
  const at = Date.parse('2026-03-01T00:00:00Z');
  const dated = (points: number, expires_at: string) => ({ points, expires_at, pending: 0, sliding: 0 });
  const ours = { dated: [dated(10, '2026-06-30T22:00:00Z'), dated(5, '2026-07-31T22:00:00Z')], never: 7 };
  const cause = (...there: [number, string | null][]) =>
    whyExpiries(
      there.map(([points, expires_at]) => ({ points, expires_at })),
      ours,
      at,
    )?.cause ?? null;
  t.equal(cause([10, '2026-06-30T22:00:00Z'], [5, '2026-07-31T22:00:00Z']), null);
  t.equal(
    cause([4, '2026-06-30T22:00:00Z'], [6, '2026-06-30T22:00:00Z'], [5, '2026-07-31T22:00:00Z'], [7, null]),
    null,
  );
  t.equal(cause([10, '2026-07-01T00:00:00Z'], [5, '2026-08-01T00:00:00Z']), 'expiry_day');
  t.equal(cause([10, '2026-07-03T00:00:00Z'], [5, '2026-08-01T00:00:00Z']), 'expiries');
  t.equal(cause([9, '2026-06-30T22:00:00Z'], [6, '2026-07-31T22:00:00Z']), 'expiries');
  t.equal(cause([10, '2026-06-30T22:00:00Z'], [5, '2026-07-31T22:00:00Z'], [8, null]), 'expiries');
});

/** The instant that the file shows, two days after the openings. */
const AS_OF = '2026-03-04T12:00:00Z';
const EXPIRY = '2026-06-30T22:00:00Z';
const LATER = '2026-09-30T22:00:00Z';

/** What the file says of a member who is the same on both sides. */
const same = {
  available: 150,
  pending: 0,
  expiries: [
    { points: 100, expires_at: EXPIRY },
    { points: 50, expires_at: null },
  ],
  tiers: { status: { tier: 'silver', until: '2026-12-31T23:00:00Z' } },
};
const expiring = (expires_at: string) => ({ expiries: [{ points: 100, expires_at }, same.expiries[1]!] });

/** Of each member what the file says otherwise, and the cause it must be found under. */
const planted: Record<string, readonly [cause: Cause | null, old?: object]> = {
  same: [null],
  held: [null],
  pending: ['pending', { available: 140, pending: 10 }],
  debt: ['debt', { available: 130 }],
  lag: ['not_yet_there'],
  since: ['moved_since', { available: 163 }],
  late: ['reported_later', { available: 170 }],
  moved: [null],
  expiry: ['expiry'],
  rounding: ['rounding', { available: 151 }],
  only: ['only_here'],
  balance: ['balance', { available: 999 }],
  tier: ['tier'],
  'tier-since': ['tier_since', { tiers: { status: null } }],
  'tier-date': ['tier_date', { tiers: { status: { tier: 'silver', until: '2027-06-30T22:00:00Z' } } }],
  'expiry-day': ['expiry_day', expiring('2026-07-01T00:00:00Z')],
  expiries: ['expiries', expiring(LATER)],
  nobody: ['missing_here'],
};

/** Who is here and not in the file. */
const stranger = { member: 'stranger', cause: 'missing_there' };

const fileOf = (changes: Record<string, object> = {}): string =>
  Object.entries(planted)
    .map(([member, [, old]]) => JSON.stringify({ member, ...same, ...old, ...changes[member] }))
    .join('\n');

/** Members come over, and go on here. */
const moveIn = async (app: TestApp): Promise<void> => {
  const send = async (method: string, path: string, body: object) => {
    const answer = await app.request(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
  };
  const buy = (member: string, total: number, more: object = {}) =>
    send('POST', '/v1/purchases', purchaseOf(`o-${member}-${total}`, member, total, more));
  const rule = { name: 'Rule', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  await send('PUT', '/v1/earn-rules/base', rule);
  const entry = { field: 'spend', window: '365d', op: 'gte', value: 100_000 };
  await send('PUT', '/v1/tiers/silver', { name: 'Silver', rank: 1, entry });
  const lots = [
    { points: 100, earned_at: '2025-06-01T10:00:00Z', expires_at: EXPIRY },
    { points: 50, earned_at: '2025-07-01T10:00:00Z', expires_at: null },
  ];
  const soon = { points: 9, earned_at: '2025-07-01T10:00:00Z', expires_at: '2026-03-06T10:00:00Z' };
  const tiers = { status: { tier: 'silver', since: '2025-01-01T00:00:00Z', until: '2026-12-31T23:00:00Z' } };
  for (const member of [...Object.keys(planted), 'stranger'].filter((one) => one !== 'nobody')) {
    await send('PUT', `/v1/members/${member}`, {});
    await send('POST', `/v1/members/${member}/opening-balance`, {
      lots: member === 'expiry' ? [...lots, soon] : lots,
      ...(member === 'debt' ? { debt: 20 } : {}),
      ...(member.startsWith('tier') && member !== 'tier-date' ? {} : { tiers }),
    });
  }
  await buy('only', 3_000);
  await send('POST', '/v1/redemptions', { id: 'r-held', member: 'held', points: 10, capture: false });
  app.clock.now = Date.parse('2026-03-04T11:00:00Z');
  const hold = { expires_at: '2026-03-20T10:00:00Z' };
  await send('POST', '/v1/redemptions', { id: 'r-2', member: 'held', points: 20, capture: false, hold });
  await buy('lag', 1_000);
  app.clock.now = Date.parse('2026-03-04T13:00:00Z');
  await send('PUT', '/v1/members/newcomer', {});
  await buy('since', 1_300);
  await buy('late', 500);
  await buy('late', 2_000, { occurred_at: '2026-03-04T09:00:00Z' });
  await buy('moved', 700);
  await buy('tier-since', 100_000);
};

test('every difference that is planted is found by its cause, again and again', async (t) => {
  const app = await testApp(t);
  await moveIn(app);
  await app.service.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.service.app.server.address() as AddressInfo;
  const folder = t.testdir({ 'old.ndjson': fileOf() });
  const environment = { TESSERA_URL: `http://127.0.0.1:${port}`, TESSERA_KEY: await app.keyWith('read') };
  const run = async (...more: string[]) => {
    const args = ['--file', join(folder, 'old.ndjson'), '--as-of', AS_OF, ...more];
    const running = startProcess(t, 'tools/compare.ts', args, { environment });
    const { code } = await running.ended;
    return { code, output: running.output() };
  };
  const out = join(folder, 'first.ndjson');
  const first = await run('--whole', '--out', out);
  t.equal(first.code, 1, first.output);
  const found = (await readFile(out, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { member: string; cause: string });
  t.strictSame(
    Object.fromEntries(found.map(({ member, cause }) => [member, cause]).sort()),
    Object.fromEntries(
      Object.entries(planted)
        .flatMap(([member, [cause]]) => (cause === null ? [] : [[member, cause]]))
        .concat([[stranger.member, stranger.cause]])
        .sort(),
    ),
  );
  t.match(first.output, /^Compared 18 members, 18 accounts and 18 tiers in /);
  t.match(
    first.output,
    /only_here +1 {2}OPEN, \+30 points here\n.*\n +only points \(row 11\): there 150; here 180 \(\+30\) — purchase o-only-3000\n/,
  );
  t.match(
    first.output,
    /tier +1 {2}OPEN\n.*\n +tier status \(row 13\): there silver until .*; here none — no tier of status; to silver: spend/,
  );
  t.match(first.output, /late points .*there 170; here 150 \(-20\) — purchase o-late-2000\n/);
  t.match(first.output, /7 differences are open\.\n$/);

  const mended = Object.fromEntries(['balance', 'tier', 'expiries'].map((member) => [member, { ...same, tiers: {} }]));
  await writeFile(join(folder, 'old.ndjson'), fileOf(mended));
  const second = await run('--before', out, '--accept', 'only_here,missing_here,tier_date', '--samples', '0');
  t.equal(second.code, 0, second.output);
  t.match(second.output, /only_here +1 {2}accepted, \+30 points here, 0 new\n/);
  t.match(second.output, /4 differences of the run before are gone\.\nAll of it is explained or accepted\.\n$/);
  t.equal((await run('--key', 'tsr_none')).code, 2);
  t.strictSame(
    CAUSES.filter((cause) => !found.some((one) => one.cause === cause)),
    [],
    'every cause is planted',
  );
});
