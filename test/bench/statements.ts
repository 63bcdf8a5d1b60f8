import { withClient } from './bench-server.ts';
import { milliseconds, table } from './table.ts';

/** What one statement cost, over all its calls. */
export interface StatementCost {
  readonly query: string;
  readonly calls: number;
  readonly milliseconds: number;
  readonly rows: number;
  /** Buffers touched: found in shared memory, or read. */
  readonly buffers: number;
}

/** Settings that a server needs for what follows. */
export const statementSettings = { shared_preload_libraries: 'pg_stat_statements' };

/** Throws when the server does not count what statements cost. */
export const enableStatements = (url: string): Promise<void> =>
  withClient(url, async (client) => {
    await client.query('create extension if not exists pg_stat_statements');
    await client.query('select 1 from pg_stat_statements limit 1');
  }).catch((error: Error) => {
    throw new Error(
      `This benchmark needs pg_stat_statements in shared_preload_libraries of the server: ${error.message}`,
    );
  });

export const resetStatements = (url: string): Promise<void> =>
  withClient(url, async (client) => {
    await client.query('select pg_stat_statements_reset()');
  });

/** The service's statements since the last reset, the dearest first. */
export const statementCosts = (url: string): Promise<StatementCost[]> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<StatementCost>(`
      select
        trim(regexp_replace(s.query, '\\s+', ' ', 'g')) as query,
        sum(s.calls)::float as calls,
        sum(s.total_exec_time)::float as milliseconds,
        sum(s.rows)::float as rows,
        sum(s.shared_blks_hit + s.shared_blks_read)::float as buffers
      from pg_stat_statements s
      join pg_database d on d.oid = s.dbid
      join pg_roles r on r.oid = s.userid
      where d.datname = current_database() and r.rolname like 'tessera%'
      group by 1
      order by milliseconds desc
    `);
    return rows;
  });

const sum = (costs: readonly StatementCost[], of: 'calls' | 'milliseconds' | 'buffers'): number =>
  costs.reduce((total, cost) => total + cost[of], 0);

/** Buffers touched by a statement, on average over all statements that touch any. */
export const buffersPerStatement = (costs: readonly StatementCost[]): number => {
  const touching = costs.filter((cost) => cost.buffers > 0);
  return sum(touching, 'buffers') / sum(touching, 'calls');
};

/** `select …` or `insert into purchase …`, short enough for a table. */
export const shortQuery = (query: string): string => (query.length <= 90 ? query : `${query.slice(0, 89)}…`);

/** Statements whose cost differs by less are not worth a line. */
const WORTH_SHOWING = 1.5;

/** The statements that touch more buffers a row than elsewhere, as a table; nothing when there are none. */
export function dearerStatements(
  what: string,
  here: readonly StatementCost[],
  elsewhere: readonly StatementCost[],
): string[] {
  const aRow = (cost: StatementCost): number => cost.buffers / Math.max(1, cost.rows);
  const rows = here.flatMap((cost) => {
    const other = elsewhere.find((candidate) => candidate.query === cost.query);
    if (other === undefined || aRow(cost) <= WORTH_SHOWING * aRow(other)) return [];
    return [
      [
        shortQuery(cost.query),
        aRow(cost).toFixed(1),
        aRow(other).toFixed(1),
        milliseconds(cost.milliseconds / cost.calls),
        milliseconds(other.milliseconds / other.calls),
      ],
    ];
  });
  return rows.length === 0
    ? []
    : [table([`${what}: dearer statements`, 'buffers a row', 'elsewhere', 'a call', 'elsewhere'], rows)];
}
