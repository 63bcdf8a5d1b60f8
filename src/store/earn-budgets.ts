import { sql } from 'kysely';
import type { Period } from '../model/earn-limits.ts';
import type { ProgramId } from '../model/ids.ts';
import { dayText, type EpochDay } from '../model/instant.ts';
import { days, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/** A period of a rule's budget. */
export interface BudgetPeriod {
  readonly rule: string;
  readonly period: Period;
  /** Its first local day. */
  readonly from: EpochDay;
}

export interface BudgetRow extends BudgetPeriod {
  /** Points given in it. */
  readonly used: number;
}

const periods = (wanted: readonly BudgetPeriod[]) => sql`unnest(
      ${texts(wanted.map(({ rule }) => rule))}::text[],
      ${texts(wanted.map(({ period }) => period))}::text[],
      ${days(wanted.map(({ from }) => from))}::date[]
    ) as wanted (rule, period, period_from)`;

/**
 * Locks budgets, in the order given, and reads what was used of them. Three statements that travel together: rows are
 * there before they are locked, and what a locking statement reads can be older than the lock.
 */
export const lockBudgets = async (
  tx: Tx,
  program: ProgramId,
  wanted: readonly BudgetPeriod[],
): Promise<BudgetRow[]> => {
  const [, , rows] = await Promise.all([
    tx.run(sql`
      insert into earn_budget (program_id, rule, period, period_from, used)
      select ${program}, wanted.rule, wanted.period, wanted.period_from, 0
      from ${periods(wanted)}
      on conflict do nothing
    `),
    tx.run(sql`
      select locked.rule
      from ${periods(wanted)}
      cross join lateral (
        select b.rule
        from earn_budget b
        where b.program_id = ${program} and b.rule = wanted.rule and b.period = wanted.period and b.period_from = wanted.period_from
        limit 1
        for update
      ) locked
    `),
    tx.run(sql<BudgetRow>`
      select wanted.rule, wanted.period, wanted.period_from as from, found.used
      from ${periods(wanted)}
      cross join lateral (
        select b.used
        from earn_budget b
        where b.program_id = ${program} and b.rule = wanted.rule and b.period = wanted.period and b.period_from = wanted.period_from
        limit 1
      ) found
    `),
  ]);
  return rows;
};

/** Says what is used of budgets from now on. They are locked. */
export const saveBudgets = (tx: Tx, program: ProgramId, rows: readonly BudgetRow[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into earn_budget (program_id, rule, period, period_from, used)
    select ${program}, new.*
    from unnest(
      ${texts(rows.map(({ rule }) => rule))}::text[],
      ${texts(rows.map(({ period }) => period))}::text[],
      ${days(rows.map(({ from }) => from))}::date[],
      ${numbers(rows.map(({ used }) => used))}::bigint[]
    ) as new
    on conflict (program_id, rule, period, period_from) do update set used = excluded.used
  `);

/** Points used of budgets so far, without a lock: for whoever only wants to know. */
export const readBudgets = (db: Db, program: ProgramId, wanted: readonly BudgetPeriod[]): Promise<BudgetRow[]> =>
  db.run(sql<BudgetRow>`
    select wanted.rule, wanted.period, wanted.period_from as from, b.used
    from ${periods(wanted)}
    join earn_budget b
      on b.program_id = ${program} and b.rule = wanted.rule and b.period = wanted.period and b.period_from = wanted.period_from
  `);

/** Points used of one budget so far. */
export const readBudget = async (db: Db, program: ProgramId, { rule, period, from }: BudgetPeriod): Promise<number> => {
  const [row] = await db.run(sql<{ used: number }>`
    select used
    from earn_budget
    where program_id = ${program} and rule = ${rule} and period = ${period} and period_from = ${dayText(from)}::date
  `);
  return row?.used ?? 0;
};
