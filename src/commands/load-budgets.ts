import type { Command } from '../model/command.ts';
import type { Instant } from '../model/instant.ts';
import { periodStart } from '../rules/periods.ts';
import type { Rules } from '../rules/rules.ts';
import type { Tx } from '../store/connection.ts';
import { type BudgetPeriod, lockBudgets } from '../store/earn-budgets.ts';
import type { World } from './world.ts';

const OF_PURCHASES: ReadonlySet<Command['kind']> = new Set(['record_purchase', 'return_purchase', 'claim_purchase']);

/** Budgets the commands may use, in the order of rules: a purchase can enter tiers, and so can whatever settles a member. */
export const budgetsFor = (rules: Rules, commands: readonly Command[], now: Instant): BudgetPeriod[] => {
  if (
    rules.budgeted.length === 0 ||
    commands.every(({ member_id, kind }) => member_id === null && kind !== 'put_member')
  )
    return [];
  const day = rules.calendar.dayOf(now);
  const purchases = commands.some(({ kind }) => OF_PURCHASES.has(kind));
  return rules.budgeted.flatMap(({ code, rule }): BudgetPeriod[] => {
    const { budget, trigger } = rule;
    if (budget === null || (!purchases && (trigger === 'purchase' || trigger === 'milestone'))) return [];
    return [{ rule: code, period: budget.period, from: periodStart(budget.period, day) }];
  });
};

/** Locks the budgets that the commands may use, after the members, and takes what was used of them into the world. */
export const loadBudgets = async (tx: Tx, world: World, commands: readonly Command[]): Promise<void> => {
  const wanted = budgetsFor(world.rules, commands, world.now);
  if (wanted.length === 0) return;
  for (const row of await lockBudgets(tx, world.program, wanted)) world.budgets.set(row.rule, row);
};
