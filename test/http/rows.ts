import { asOwner } from '../helpers/programs.ts';

/** Everything the database holds, table by table, but for when keys were last used: to show that nothing has changed. */
export const rowsOf = (url: string, where = 'true'): Promise<Record<string, string[]>> =>
  asOwner(url, async (client) => {
    const tables = await client.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%' order by 1`,
    );
    const rows: Record<string, string[]> = {};
    for (const { name } of tables.rows) {
      const found = await client.query<{ row: string }>(
        `select (to_jsonb(t) - 'last_used_at')::text as row from ${name} t where ${where} order by 1`,
      );
      rows[name] = found.rows.map(({ row }) => row);
    }
    return rows;
  });
