import type { EpochDay, Instant } from '../model/instant.ts';
import type { RuleCount, RuleCounts } from '../model/member-state.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import { periodStart } from '../rules/periods.ts';
import type { Draft } from './draft.ts';
import type { Gave } from './purchase-worth.ts';
import { countGiven, isCounted } from './rule-limits.ts';

/*
 * What a purchase counted against limits and budgets is given back with it. Where nothing else has counted since, the
 * counters are again what they were before, to the last detail; otherwise what they still keep is made smaller.
 */

const sameCount = (a: RuleCount, b: RuleCount | undefined): boolean =>
  a.from === b?.from && a.times === b.times && a.points === b.points;

const sameCounts = (a: RuleCounts | undefined, b: RuleCounts | undefined): boolean => {
  if (a === undefined || b === undefined) return a === b;
  const periods = Object.keys(a.periods) as (keyof RuleCounts['periods'])[];
  return (
    a.last_on === b.last_on &&
    periods.length === Object.keys(b.periods).length &&
    periods.every((period) => {
      const [one, other] = [a.periods[period], b.periods[period]];
      return (
        one !== undefined &&
        one.dropped === other?.dropped &&
        one.kept.length === other.kept.length &&
        one.kept.every((count, index) => sameCount(count, other.kept[index]))
      );
    })
  );
};

const gaveNothing = ({ times, points }: Gave): boolean => times === 0 && points === 0;

const counted = (rule: CompiledEarnRule, before: RuleCounts | undefined, day: EpochDay, gave: Gave) =>
  gaveNothing(gave) ? before : countGiven(rule, before, day, gave.times, gave.points);

/** Counters with less in the periods of a local day, as far as those are kept. */
export const lessened = (counts: RuleCounts, day: EpochDay, times: number, points: number): RuleCounts => ({
  ...counts,
  periods: Object.fromEntries(
    Object.entries(counts.periods).map(([period, { kept, dropped }]) => [
      period,
      {
        dropped,
        kept: kept.map((count) =>
          count.from === periodStart(period as keyof RuleCounts['periods'], day)
            ? { ...count, times: Math.max(0, count.times - times), points: Math.max(0, count.points - points) }
            : count,
        ),
      },
    ]),
  ),
});

/** Counts less of a rule for a local day: what it gave now instead of then. `before` is how it stood without either. */
export const undoCounted = (
  draft: Draft,
  rule: CompiledEarnRule,
  before: RuleCounts | undefined,
  day: EpochDay,
  then: Gave,
  now: Gave,
): void => {
  if (!isCounted(rule)) return;
  const { [rule.code]: current, ...others } = draft.state.limits ?? {};
  const next = sameCounts(current, counted(rule, before, day, then))
    ? counted(rule, before, day, now)
    : current && lessened(current, day, then.times - now.times, then.points - now.points);
  if (current === next) return;
  draft.state.limits = next === undefined ? others : { ...others, [rule.code]: next };
};

/** Counts less of a rule that gave so many points for something else on a local day. */
export const lessenCounted = (draft: Draft, code: string, day: EpochDay, points: number): void => {
  const counts = draft.state.limits?.[code];
  if (counts !== undefined) draft.state.limits = { ...draft.state.limits, [code]: lessened(counts, day, 1, points) };
};

/** Gives points back to a rule's budget, while the period in which they were given is not over. */
export const undoBudget = (draft: Draft, code: string, givenAt: Instant, points: number): void => {
  const { calendar, budgeted } = draft.rules;
  const budget = budgeted.find((rule) => rule.code === code)?.rule.budget;
  const used = draft.budgetsUsed.get(code);
  if (budget == null || used === undefined || points === 0) return;
  const periodOf = (at: Instant): EpochDay => periodStart(budget.period, calendar.dayOf(at));
  if (periodOf(givenAt) !== periodOf(draft.now)) return;
  const change = draft.budgets.get(code) ?? 0;
  draft.budgets.set(code, Math.max(change - points, -used));
};
