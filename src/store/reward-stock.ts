import { sql } from 'kysely';
import type { ProgramId } from '../model/ids.ts';
import { numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

export interface StockRow {
  readonly reward: string;
  readonly used: number;
}

const wanted = (rewards: readonly string[]) => sql`unnest(${texts(rewards)}::text[]) as wanted (reward)`;

/**
 * Locks the stock of rewards, in the order given, and reads what is used of it. Three statements that travel together, as
 * with budgets: rows are there before they are locked, and what a locking statement reads can be older than the lock.
 */
export const lockStock = async (tx: Tx, program: ProgramId, rewards: readonly string[]): Promise<StockRow[]> => {
  const [, , rows] = await Promise.all([
    tx.run(sql`
      insert into reward_stock (program_id, reward, used)
      select ${program}, wanted.reward, 0
      from ${wanted(rewards)}
      on conflict do nothing
    `),
    tx.run(sql`
      select locked.reward
      from ${wanted(rewards)}
      cross join lateral (
        select s.reward
        from reward_stock s
        where s.program_id = ${program} and s.reward = wanted.reward
        limit 1
        for update
      ) locked
    `),
    tx.run(sql<StockRow>`
      select found.reward, found.used
      from ${wanted(rewards)}
      cross join lateral (
        select s.reward, s.used
        from reward_stock s
        where s.program_id = ${program} and s.reward = wanted.reward
        limit 1
      ) found
    `),
  ]);
  return rows;
};

/** What is used of the stock of all rewards, without a lock: for whoever only wants to know. */
export const readStock = (db: Db, program: ProgramId): Promise<StockRow[]> =>
  db.run(sql<StockRow>`select reward, used from reward_stock where program_id = ${program}`);

/** What is used of the stock of one reward, without a lock. */
export const findStock = async (db: Db, program: ProgramId, reward: string): Promise<number> => {
  const [row] = await db.run(sql<{ used: number }>`
    select used from reward_stock where program_id = ${program} and reward = ${reward}
  `);
  return row?.used ?? 0;
};

/** Says what is used of the stock of rewards from now on. They are locked. */
export const saveStock = (tx: Tx, program: ProgramId, rows: readonly StockRow[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into reward_stock (program_id, reward, used)
    select ${program}, new.*
    from unnest(${texts(rows.map(({ reward }) => reward))}::text[], ${numbers(rows.map(({ used }) => used))}::bigint[]) as new
    on conflict (program_id, reward) do update set used = excluded.used
  `);
