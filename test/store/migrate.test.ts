import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { test } from 'tap';
import { migrate } from '../../src/store/migrate.ts';
import { emptyDatabase } from '../helpers/postgres.ts';

const directory = (path: string): URL => pathToFileURL(`${path}/`);

async function tables(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ tablename: string }>(
    `select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%' order by 1`,
  );
  await client.end();
  return rows.map((row) => row.tablename);
}

test('given eight instances that start at once on a fresh database, each migration is applied once', async (t) => {
  const { url } = await emptyDatabase(t);
  const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(url)));
  t.equal(applied.filter((names) => names.length > 0).length, 1);
  t.strictSame(applied.flat(), applied.flat().toSorted());
  t.strictSame(await migrate(url), [], 'and nothing is left for a ninth');
});

test('a file is applied whole, semicolons in it or not', async (t) => {
  const { url } = await emptyDatabase(t);
  const files = t.testdir({
    '0001_first.sql': `create table first (a int);\ndo $$ begin perform 1; perform 2; end $$;\ncreate table second (a int);`,
    'notes.md': 'not a migration',
  });
  t.strictSame(await migrate(url, directory(files)), ['0001_first']);
  t.strictSame(await tables(url), ['first', 'second']);
});

test('given a migration that fails, nothing of it stays and the message says where', async (t) => {
  const { url } = await emptyDatabase(t);
  const files = t.testdir({ '0001_broken.sql': 'create table first (a int);\n\nselect nonsense;' });
  await t.rejects(migrate(url, directory(files)), { message: /^migrations\/0001_broken\.sql, line 3: .*nonsense/ });
  t.strictSame(await tables(url), []);
});

test('given a database that a newer version has migrated, an older one says so', async (t) => {
  const { url } = await emptyDatabase(t);
  const newer = t.testdir({ '0001_first.sql': 'select 1', '0002_second.sql': 'select 1' });
  await migrate(url, directory(newer));
  const older = t.testdir({ '0001_first.sql': 'select 1' });
  await t.rejects(migrate(url, directory(older)), { message: /newer than this Tessera: it has migration 0002_second/ });
});
