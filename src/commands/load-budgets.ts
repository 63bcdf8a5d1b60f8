import type { Command } from '../model/command.ts';
import type { Instant } from '../model/instant.ts';
import { periodStart } from '../rules/periods.ts';
import type { Rules } from '../rules/rules.ts';
import type { Tx } from '../store/connection.ts';
import { type BudgetPeriod, lockBudgets } from '../store/earn-budgets.ts';
import type { World } from './world.ts';

/** The running periods of the budgets of some rules. */
export const budgetPeriods = (rules: Rules, budgeted: Rules['budgeted'], now: Instant): BudgetPeriod[] => {
  const day = rules.calendar.dayOf(now);
  return budgeted.flatMap(({ code, rule: { budget } }) =>
    budget === null ? [] : [{ rule: code, period: budget.period, from: periodStart(budget.period, day) }],
  );
};

/** Rules with a budget, those that have one only in the revision of a quote, or of a purchase that is returned, among them, in the order of their codes. */
const budgetedIn = (rules: Rules, quoted: readonly Rules[]): Rules['budgeted'] => {
  const codes = new Set(rules.budgeted.map(({ code }) => code));
  const others = quoted.flatMap(({ budgeted }) => budgeted).filter(({ code }) => !codes.has(code) && codes.add(code));
  return others.length === 0
    ? rules.budgeted
    : [...rules.budgeted, ...others].sort((a, b) => (a.code < b.code ? -1 : 1));
};

const OF_PURCHASES: ReadonlySet<Command['kind']> = new Set(['record_purchase', 'return_purchase', 'claim_purchase']);

/** Budgets the commands may use, in the order of rules: a purchase can enter tiers, and so can whatever settles a member. */
export const budgetsFor = (
  rules: Rules,
  commands: readonly Command[],
  now: Instant,
  quoted: readonly Rules[] = [],
): BudgetPeriod[] => {
  const budgeted = budgetedIn(rules, quoted);
  if (budgeted.length === 0 || commands.every(({ member_id, kind }) => member_id === null && kind !== 'put_member'))
    return [];
  const purchases = commands.some(({ kind }) => OF_PURCHASES.has(kind));
  const isSetOff = ({ rule: { trigger } }: Rules['budgeted'][number]): boolean =>
    purchases || (trigger !== 'purchase' && trigger !== 'milestone');
  return budgetPeriods(rules, budgeted.filter(isSetOff), now);
};

/** Locks the budgets that the commands may use, after the members, and takes what was used of them into the world. */
export const loadBudgets = async (tx: Tx, world: World, commands: readonly Command[]): Promise<void> => {
  const quoted = [...world.quotes.values(), ...world.returning.values()].map(({ rules }) => rules);
  const wanted = budgetsFor(world.rules, commands, world.now, quoted);
  if (wanted.length === 0) return;
  for (const row of await lockBudgets(tx, world.program, wanted)) world.budgets.set(row.rule, row);
};
