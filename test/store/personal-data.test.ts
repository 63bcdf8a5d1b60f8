import { test } from 'tap';
import { exportSections } from '../../src/model/member-export.ts';
import { personalData } from '../../src/store/personal-data.ts';
import type { TableData } from '../../src/store/table-data.ts';
import type { DB } from '../../src/store/tables.ts';
import { query } from '../commands/instance.ts';
import { testDatabase } from '../helpers/postgres.ts';

/* The schema is walked: what holds something of a person is exported and erased, both or neither, column by column. */

interface Column {
  name: string;
  column: string;
}

const ALWAYS = ['program_id', 'shard', 'member_id'];
/** Values that are exported with the person they lead to. */
const SHOWN_ELSEWHERE = new Set(['identity.value']);

const declared = Object.entries(personalData) as [string, TableData<keyof DB>][];

const columnsOf = (url: string): Promise<Column[]> =>
  query<Column>(
    url,
    `select c.table_name as name, c.column_name as column
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name not like 'kysely%' order by 1, 2`,
  );

const exported = (table: TableData<keyof DB>): Set<string> =>
  new Set((table.sections ?? []).flatMap((section) => Object.keys(exportSections[section].properties)));

const erased = (table: TableData<keyof DB>, column: string): boolean =>
  typeof table.erase === 'string' || (table.erase !== undefined && column in table.erase);

/** What is wrong with the declarations, for a schema with these columns. */
const faultsOf = (columns: readonly Column[]): string[] => {
  const faults: string[] = [];
  const known = new Set(columns.map(({ name, column }) => `${name}.${column}`));
  for (const { name, column } of columns) {
    const table = personalData[name as keyof DB] as TableData<keyof DB> | undefined;
    const kinds = (['personal', 'record', 'internal'] as const).filter((kind) =>
      (table?.[kind] as readonly string[] | undefined)?.includes(column),
    );
    const times = kinds.length + (ALWAYS.includes(column) && table !== undefined ? 1 : 0);
    if (times !== 1) faults.push(`${name}.${column} is declared ${times} times`);
  }
  for (const [name, table] of declared) {
    const shown = exported(table);
    for (const column of (table.personal ?? []) as readonly string[]) {
      const place = `${name}.${column}`;
      if (!known.has(place)) faults.push(`${place} is not in the schema`);
      if (!shown.has(column) && !SHOWN_ELSEWHERE.has(place)) faults.push(`${place} is personal and not exported`);
      if (!erased(table, column)) faults.push(`${place} is personal and not erased`);
    }
    for (const column of (table.record ?? []) as readonly string[]) {
      if (!known.has(`${name}.${column}`)) faults.push(`${name}.${column} is not in the schema`);
      if (!shown.has(column)) faults.push(`${name}.${column} is about a person and not exported`);
    }
    for (const column of (table.internal ?? []) as readonly string[]) {
      if (!known.has(`${name}.${column}`)) faults.push(`${name}.${column} is not in the schema`);
      if (name !== 'identity' && shown.has(column)) faults.push(`${name}.${column} is internal and exported`);
    }
  }
  return faults;
};

test('every column of every table is declared once, and what is personal is both exported and erased', async (t) => {
  const { url } = await testDatabase(t);
  const columns = await columnsOf(url);
  t.strictSame(faultsOf(columns), []);
  const more = [
    { name: 'member_profile', column: 'shoe_size' },
    { name: 'diary', column: 'page' },
  ];
  t.strictSame(
    faultsOf([...columns, ...more]),
    ['member_profile.shoe_size is declared 0 times', 'diary.page is declared 0 times'],
    'a column that nobody declared is found',
  );
});

test('every section of an export shows a table', (t) => {
  const shown = new Set(declared.flatMap(([, { sections = [] }]) => sections));
  t.strictSame(
    Object.keys(exportSections).filter((section) => !shown.has(section as never)),
    [],
  );
  t.end();
});
