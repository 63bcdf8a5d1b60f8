import { sql } from 'kysely';
import { Client } from 'pg';
import { type Test, test } from 'tap';
import type { Command } from '../../src/model/command.ts';
import type { ProgramId } from '../../src/model/ids.ts';
import { clientConfig, type Role } from '../../src/store/connection.ts';
import { beginFor } from '../../src/store/lane.ts';
import { buy, give, openInstance, query, spend } from '../commands/instance.ts';
import { back, grant, redeemFor, report } from '../helpers/given.ts';
import { testDatabase } from '../helpers/postgres.ts';
import { createProgram, granting, perAmount, rewardAt, segmentOn, tier } from '../helpers/programs.ts';

/* One program's rows are out of reach of another's connections, by the database's own rules. */

const parts = {
  wallets: { points: { expiry: { after: 'P1M', round_up_to: null } } },
  rules: { euro: perAmount(1, 100, { budget: { points: 1_000_000, period: 'ever' } }), bag: granting('coffee') },
  tiers: { silver: tier(1, 'purchases', 1) },
  segments: { buyers: segmentOn({ field: 'purchases', op: 'gte', value: 1 }) },
  rewards: { coffee: rewardAt(1, { stock: 5, voucher: { codes: 'generated', valid_for: null } }) },
};

/** Two programs with at least a row each in every table. */
const twoPrograms = async (t: Test) => {
  const { url } = await testDatabase(t);
  const instance = openInstance(t, url);
  const programs: ProgramId[] = [];
  for (const name of ['a', 'b']) {
    const program = await createProgram(url, parts);
    programs.push(program);
    const ada = await instance.enrol(program, 'ada');
    const guest: Command = {
      kind: 'record_guest_purchase',
      member_id: null,
      report: report(100, { id: `guest-${name}` }),
    };
    await instance.submit(program, buy(ada, 'o', 5_000));
    await instance.submit(program, { ...back(1, { of: 'o' }), member_id: ada } as Command);
    await instance.submit(program, spend(ada, 's', 5));
    await instance.submit(program, give(ada, 3), { key: 'k' });
    await instance.submit(program, guest);
    await instance.submit(program, { ...redeemFor('coffee', 'c'), member_id: ada } as Command);
    await instance.submit(program, { ...grant('coffee'), member_id: ada } as Command);
    const visit = { id: 'v', member: 'ada', type: 'visit' };
    await instance.submit(program, { kind: 'record_activity', member_id: ada, report: visit });
    await query(url, `insert into follow_up values ($1, 0, $2, 'f', now(), now())`, [program, ada]);
    const request = { tier: 'silver', reason: 'Because', actor: 'me' };
    await instance.submit(program, { kind: 'set_tier', member_id: ada, scheme: 'status', request });
    const lots = [{ points: 1, earned_at: '2025-03-10T10:00:00Z' }];
    await instance.submit(program, { kind: 'open_balance', member_id: ada, request: { lots } });
    await query(url, `insert into transfer values ($1, 0, $2, 1, 0, 'points', 1, now())`, [program, ada]);
    await query(
      url,
      `insert into member_merge (program_id, shard, member_id, ordinal, survivor_id, recorded_at, kept, debts)
       values ($1, 0, $2, 1, 0, now(), '{}', '[]')`,
      [program, ada],
    );
    await query(url, `insert into merged_lot values ($1, 0, $2, 1, 1, 1, 1, 1)`, [program, ada]);
    await query(url, `insert into reassessment (program_id, revision, created_at) values ($1, 1, now())`, [program]);
    await query(url, `insert into clock_move values ($1, 1, now(), now(), 'done', 0, 0, null)`, [program]);
    await query(
      url,
      `insert into quote (program_id, shard, member_id, quote_id, revision, cart, created_at, expires_at, kept_until, tiers)
       values ($1, 0, $2, 'q', 1, '', now(), now(), now(), '{}')`,
      [program, ada],
    );
    await query(url, `insert into event values ($1, 1, 0, $2, 1, 'member.enrolled', now(), now(), now(), '{}')`, [
      program,
      ada,
    ]);
    await query(
      url,
      `insert into stream_standing (program_id, stream, status, position, next_at) values ($1, 's', 'running', 0, now())`,
      [program],
    );
    await query(url, `insert into stream_secret values ($1, 's', 'signature', '1', 'whsec_', now(), null)`, [program]);
    await query(
      url,
      `insert into delivery (program_id, shard, stream, member_id, number, position, status, created_at)
       values ($1, 0, 's', $2, 1, 1, 'dead', now())`,
      [program, ada],
    );
    await query(
      url,
      `insert into delivery_attempt (program_id, stream, message_id, events, at, duration_ms) values ($1, 's', 'm', 1, now(), 0)`,
      [program],
    );
    await query(
      url,
      `insert into import (program_id, number, kind, options, status, created_at, created_by, heard_at)
       values ($1, 1, 'members', '{}', 'done', now(), 'key_1', now())`,
      [program],
    );
    await query(url, `insert into import_chunk values ($1, 1, 1, '[]')`, [program]);
    await query(url, `insert into import_error values ($1, 1, 1, 0, '', 'x', 'x')`, [program]);
    await query(url, `insert into erased_identity values ($1, 0, '', $2, null)`, [program, ada]);
    await query(url, `insert into consent_change values ($1, 0, $2, 1, 'news', true, null, now(), now())`, [
      program,
      ada,
    ]);
    await query(url, `insert into key_burns values ($1, 'key_1', '{}')`, [program]);
    await query(url, `insert into api_key values ($1, $2, $3, 'key', '{read}', now())`, [
      name,
      program,
      Buffer.from(name),
    ]);
  }
  return { url, instance, programs: programs as [ProgramId, ProgramId] };
};

const tables = async (url: string): Promise<string[]> => {
  const rows = await query<{ name: string }>(
    url,
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname not like 'kysely%' order by 1`,
  );
  return rows.map(({ name }) => name);
};

const connected = async (t: Test, url: string, role: Role): Promise<Client> => {
  const client = new Client(clientConfig(url, role, false));
  await client.connect();
  t.teardown(() => client.end());
  return client;
};

/** How many rows a statement touched, or the SQLSTATE that refused it. The statement is undone. */
const attempt = async (client: Client, program: ProgramId | null, statement: string): Promise<number | string> => {
  await client.query('begin');
  if (program !== null) await client.query(`set local app.program_id = '${program}'`);
  const result = await client.query(statement).catch((error: { code: string }) => error.code);
  await client.query('rollback');
  return typeof result === 'string' ? result : (result.rowCount ?? 0);
};

const DENIED = '42501';

test('every table has a program, forces row-level security and has its policy', async (t) => {
  const { url } = await testDatabase(t);
  const rows = await query<{ name: string; forced: boolean; bound: boolean; policies: string }>(
    url,
    `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
       exists (select from pg_attribute where attrelid = c.oid and attname = 'program_id' and attnotnull) as bound,
       (select string_agg(p.polname || ' ' || p.polcmd::text || ' ' || r.rolname || ' ' || pg_get_expr(p.polqual, p.polrelid), '; ' order by p.polname)
        from pg_policy p join pg_roles r on r.oid = any (p.polroles) where p.polrelid = c.oid) as policies
     from pg_class c where c.relname = any ($1) and c.relkind in ('r', 'p') order by 1`,
    [await tables(url)],
  );
  t.ok(rows.length >= 18);
  for (const { name, ...found } of rows) {
    t.strictSame(
      found,
      {
        forced: true,
        bound: true,
        policies: `every_program r tessera_observer true; one_program * tessera_service (program_id = (NULLIF(current_setting('app.program_id'::text, true), ''::text))::integer)`,
      },
      name,
    );
  }
});

test('every connection works under a role that owns nothing and cannot pass the policies', async (t) => {
  const { url, instance, programs } = await twoPrograms(t);
  const who = sql<{ current_user: string }>`select current_user`;
  const lane = instance.database.lanes[0]!;
  t.strictSame(await lane.transaction(programs[0], (tx) => tx.run(who)), [{ current_user: 'tessera_service' }]);
  t.strictSame(await instance.database.read(programs[0], (db) => db.run(who)), [{ current_user: 'tessera_service' }]);
  t.strictSame(await instance.database.transaction(programs[0], (tx) => tx.run(who)), [
    { current_user: 'tessera_service' },
  ]);
  t.strictSame(await instance.database.observe((db) => db.run(who)), [{ current_user: 'tessera_observer' }]);
  const roles = await query(
    url,
    `select rolsuper, rolbypassrls, rolcanlogin, (select count(*)::integer from pg_class where relowner = r.oid) as owned
     from pg_roles r where rolname in ('tessera_service', 'tessera_observer')`,
  );
  t.strictSame(roles, Array(2).fill({ rolsuper: false, rolbypassrls: false, rolcanlogin: false, owned: 0 }));
});

test('with no program set there is no row; with one, only its rows, and no other’s can be written', async (t) => {
  const { url, programs } = await twoPrograms(t);
  const [own, other] = programs;
  const client = await connected(t, url, 'tessera_service');
  for (const table of await tables(url)) {
    const all = await query<{ count: number }>(url, `select count(*)::integer from ${table} where program_id = $1`, [
      own,
    ]);
    t.ok(all[0]!.count > 0, `${table} has rows`);
    t.equal(await attempt(client, null, `select * from ${table}`), 0, `${table} without a program`);
    t.equal(await attempt(client, own, `select * from ${table}`), all[0]!.count, `${table} with one`);
    t.equal(await attempt(client, own, `select * from ${table} where program_id = ${other}`), 0);
    const smuggled = `insert into ${table} overriding system value
      select (jsonb_populate_record(null::${table}, to_jsonb(mine) || '{"program_id": ${other}}')).* from ${table} mine limit 1`;
    t.equal(await attempt(client, own, smuggled), DENIED, `no row of another program goes into ${table}`);
    t.equal(await attempt(client, own, `update ${table} set program_id = ${other}`), DENIED, `none is moved there`);
    t.match(
      await attempt(client, own, `update ${table} set program_id = program_id where program_id = ${other}`),
      /^(0|42501)$/,
    );
    t.match(await attempt(client, own, `delete from ${table} where program_id = ${other}`), /^(0|42501)$/);
    t.equal(await attempt(client, own, `truncate ${table}`), DENIED);
  }
});

test('what is written once cannot be changed or deleted by the service', async (t) => {
  const { url, programs } = await twoPrograms(t);
  const client = await connected(t, url, 'tessera_service');
  const updates = {
    ledger_entry: 'points = 1',
    tier_transition: 'number = 1',
    program_revision: 'revision = 1',
    purchase: 'total = 1',
    purchase_return: 'spend = 1',
    transfer: 'points = 1',
    opening_balance: 'points = 1',
    member_merge: 'survivor_id = 1',
    merged_lot: 'points = 1',
    audit_log: `action = ''`,
  };
  for (const [table, change] of Object.entries(updates)) {
    t.equal(await attempt(client, programs[0], `update ${table} set ${change}`), DENIED, `update ${table}`);
    t.equal(await attempt(client, programs[0], `delete from ${table}`), DENIED, `delete from ${table}`);
  }
});

test('the observer sees every program and writes to none', async (t) => {
  const { url } = await twoPrograms(t);
  const client = await connected(t, url, 'tessera_observer');
  for (const table of await tables(url)) {
    const [all] = await query<{ count: number }>(url, `select count(*)::integer from ${table}`);
    // Secrets are nobody's to observe.
    const seen = table === 'stream_secret' ? DENIED : all!.count;
    t.equal(await attempt(client, null, `select * from ${table}`), seen, table);
    t.equal(await attempt(client, null, `update ${table} set program_id = program_id`), DENIED);
    t.equal(await attempt(client, null, `delete from ${table}`), DENIED);
    t.equal(
      await attempt(client, null, `insert into ${table} overriding system value select (null::${table}).* limit 0`),
      DENIED,
    );
  }
});

test('a connection forgets its program with the transaction, committed, rolled back or failed', async (t) => {
  const { url, instance, programs } = await twoPrograms(t);
  const client = await connected(t, url, 'tessera_service');
  const left = async () =>
    (
      await client.query(
        `select current_setting('app.program_id', true) as program, (select count(*)::integer from member_state) as seen`,
      )
    ).rows;
  t.strictSame(await left(), [{ program: null, seen: 0 }], 'before any transaction');
  for (const end of ['commit', 'rollback', 'select 1 / 0; commit']) {
    await client.query(beginFor(programs[0]));
    t.equal((await client.query('select * from member_state')).rowCount, 1);
    await client.query(end).catch(() => client.query('rollback'));
    t.strictSame(await left(), [{ program: '', seen: 0 }], `after ${end}`);
  }
  // Every pooled connection has carried one program: another finds its own rows on them, and nothing else.
  const on = (program: ProgramId) =>
    instance.database.transaction(program, (tx) =>
      tx.run(sql<{ program_id: ProgramId }>`select program_id from member_state`),
    );
  const turns = Array.from({ length: 24 }, (_, index) => programs[index % 2]!);
  const found = await Promise.all(turns.map(on));
  t.strictSame(
    found.map((rows) => rows.map((row) => row.program_id)),
    turns.map((program) => [program]),
  );
});
