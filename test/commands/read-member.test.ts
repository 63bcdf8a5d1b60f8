import { test } from 'tap';
import { MemberReader } from '../../src/commands/read-member.ts';
import type { ProgramId } from '../../src/model/ids.ts';
import type { Db } from '../../src/store/connection.ts';
import { Database } from '../../src/store/database.ts';
import { RulesCache } from '../../src/store/rules-cache.ts';
import { purchaseOf, testApp } from '../helpers/app.ts';
import { testDatabase } from '../helpers/postgres.ts';
import { createKey, createProgram, type ProgramParts, perAmount, tier } from '../helpers/programs.ts';
import { buy, openInstance } from './instance.ts';

/* Reads settle a member in memory: what they show is true now, whether or not a job has been by. */

const DAY = 86_400_000;
const parts: ProgramParts = {
  wallets: { points: { pending: 'P2D', expiry: { after: 'P9D', round_up_to: null } } },
  rules: { euro: perAmount(1, 100) },
  tiers: { silver: tier(1, 'purchases', 1, { window: '7d' }) },
};

test('a read shows what time has done: points released, a tier left, points expired', async (t) => {
  const app = await testApp(t, { now: '2026-03-02T10:00:00Z' });
  const program = await createProgram(app.databaseUrl, parts);
  const request = app.as(await createKey(app.databaseUrl, program));
  await request('PUT', '/v1/members/ada', {});
  await request('POST', '/v1/purchases', purchaseOf('o', 'ada', 1000));
  const seen: unknown[] = [];
  for (const days of [0, 2, 5, 5]) {
    app.clock.now += days * DAY;
    const { accounts, tiers } = (await request('GET', '/v1/members/ada')).body;
    seen.push([accounts[0].pending, accounts[0].available, accounts[0].lifetime.expired, tiers[0].tier]);
  }
  t.strictSame(seen, [
    [10, 0, 0, 'silver'],
    [0, 10, 0, 'silver'],
    [0, 10, 0, null],
    [0, 0, 10, null],
  ]);
});

test('points that were released are among those that expire soon, before a job has been by and after', async (t) => {
  const app = await testApp(t, { now: '2026-03-02T10:00:00Z' });
  const program = await createProgram(app.databaseUrl, parts);
  const request = app.as(await createKey(app.databaseUrl, program));
  const expiring = async () => (await request('GET', '/v1/members/ada')).body.accounts[0].expiring;
  await request('PUT', '/v1/members/ada', {});
  await request('POST', '/v1/purchases', purchaseOf('o', 'ada', 1000));
  t.strictSame(await expiring(), []);
  app.clock.now += 3 * DAY;
  const soon = [{ points: 10, expires_at: '2026-03-11T23:00:00.000Z' }];
  t.strictSame(await expiring(), soon, 'settled by the read');
  await request('PATCH', '/v1/members/ada', {});
  t.strictSame(await expiring(), soon, 'settled by a command');
});

/** A database in which something else happens after each read. */
class BusyDatabase extends Database {
  meanwhile: () => Promise<unknown> = async () => {};

  override async read<T>(program: ProgramId, reads: (db: Db) => Promise<T>): Promise<T> {
    const result = await super.read(program, reads);
    await this.meanwhile();
    return result;
  }
}

test('a read of a member that is settled at the same moment shows no state that never was', async (t) => {
  const { url } = await testDatabase(t);
  let now = Date.parse('2026-03-02T10:00:00Z');
  const program = await createProgram(url, parts);
  const { submit, enrol } = openInstance(t, url, { clock: () => now });
  const ada = await enrol(program, 'ada');
  await submit(program, buy(ada, 'o', 1000));
  now += 3 * DAY;
  const database = new BusyDatabase({ url, lanes: 1, readConnections: 1 });
  t.teardown(() => database.close());
  database.meanwhile = () => submit(program, { kind: 'settle_member', member_id: ada });
  const reader = new MemberReader(database, new RulesCache(), () => now, 1);
  const found = await reader.find(program, { kind: 'id', value: 'ada' });
  t.match(found?.state.accounts, { points: { pending: 0, available: 10 } });
});

test('the longest pending period and expiry that a wallet may have can be kept and read', async (t) => {
  const app = await testApp(t);
  const { request } = app;
  await request('PUT', '/v1/members/ada', {});
  const rule = { name: 'Euro', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  const expiry = (after: string) => ({ expiry: { after } });
  const taken: string[] = [];
  for (const life of [expiry('P9999Y'), expiry('P9999M'), expiry('P99Y'), { pending: 'P9999M' }, { pending: 'P99Y' }]) {
    const code = `far-${JSON.stringify(life).replace(/\W/g, '').toLowerCase()}`;
    if ((await request('PUT', `/v1/wallets/${code}`, { name: 'Far', ...life })).status >= 400) continue;
    taken.push(code);
    t.equal((await request('PUT', `/v1/earn-rules/${code}`, { ...rule, wallet: code })).status, 201);
    const { status, body } = await request('POST', '/v1/purchases', purchaseOf(code, 'ada', 1000));
    t.equal(status, 201, code);
    const entry = await request('GET', `/v1/ledger-entries/${body.earned.at(-1).entry_id}`);
    t.match([entry.status, entry.body.points], [200, 10]);
  }
  t.ok(taken.length >= 2, `${taken} were taken`);
  const last = { member: 'ada', points: 1, reason: 'test', actor: 'test', expires_at: '9999-12-31T23:59:59.999Z' };
  t.equal((await request('POST', '/v1/adjustments', last, { 'idempotency-key': 'k' })).status, 201);
  t.equal((await request('POST', '/v1/redemptions', { id: 'r', member: 'ada', points: 1 })).status, 201);
});
