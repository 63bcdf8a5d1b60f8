import type { EpochDay, Instant } from '../model/instant.ts';
import { mulDiv } from '../model/mul-div.ts';
import type { StoredLine } from '../model/purchase.ts';
import type { Subject } from '../rules/conditions/subject.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import type { Rules } from '../rules/rules.ts';
import type { SpreadPurchase } from './purchase-sums.ts';
import { atMost, compareFractions, type Fraction, scaled, wholeFraction } from './rounding.ts';
import type { Allowance, Exhausted } from './rule-limits.ts';

/** What sets rules off, and everything that says what they give. */
export interface Occasion {
  readonly rules: Rules;
  /** The rules that it sets off, those of higher priority first. */
  readonly candidates: readonly CompiledEarnRule[];
  /** The member before anything is given, and what happened. */
  readonly subject: Subject;
  /** When it happened, and on which local day. */
  readonly at: Instant;
  readonly day: EpochDay;
  /** What a rule's limits, its cool-down and its budget leave. */
  readonly allowance: (rule: CompiledEarnRule) => Allowance | Exhausted;
  /** Null: it is something other than a purchase. */
  readonly purchase: SpreadPurchase | null;
  /** Codes of the tiers held before, with the multiplier of each, in per cent. */
  readonly tierMultipliers: readonly { readonly name: string; readonly percent: number }[];
  /** How often the purchase reaches a milestone. */
  readonly reached: (rule: CompiledEarnRule) => number;
}

/** Why a rule that was set off, and whose condition holds, gives nothing. */
export type Withholding = Exhausted | { readonly kind: 'exclusive_group'; readonly won_by: string };

/** Why a rule gives nothing. */
export type Because =
  | { readonly kind: 'dates' }
  | { readonly kind: 'schedule' }
  | { readonly kind: 'milestone' }
  | { readonly kind: 'lines' }
  | { readonly kind: 'condition' }
  | Withholding;

export interface Contribution {
  readonly kind: 'contribution';
  readonly rule: CompiledEarnRule;
  /** Minor units the rule looks at. */
  readonly counted: number;
  /** The lines that match; null: the whole purchase, or none. */
  readonly lines: readonly StoredLine[] | null;
  /** How often the rule gives: several times where a purchase reaches several milestones. */
  readonly times: number;
  /** Points of the rule by itself, capped. None of multipliers and rewards. */
  readonly fraction: Fraction;
  /** What is left of limits and budget: of points, not yet taken off with multipliers. */
  readonly allowance: number;
  /** Set where `fraction` was capped. */
  readonly limitedTo: number | null;
}

const DATES: Because = { kind: 'dates' };
const SCHEDULE: Because = { kind: 'schedule' };
const MILESTONE: Because = { kind: 'milestone' };
const LINES: Because = { kind: 'lines' };
const CONDITION: Because = { kind: 'condition' };

/** What holds for most rules most of the time, and can be found again from the rule alone. */
const PASSING: ReadonlySet<Contribution | Because> = new Set([DATES, SCHEDULE, MILESTONE, LINES, CONDITION]);
export const isWithholding = (because: Because): because is Withholding => !PASSING.has(because);

const sumOf = (lines: readonly StoredLine[]): number => lines.reduce((sum, line) => sum + line.counted, 0);

/** Points of a rule by itself, for each time it gives. */
const pointsOf = ({ rule: { effect, rounding } }: CompiledEarnRule, counted: number, times: number): Fraction => {
  switch (effect.type) {
    case 'fixed':
      return scaled(wholeFraction(effect.points), times, 1);
    case 'per_amount':
      return rounding === null
        ? scaled(wholeFraction(counted), effect.points, effect.per)
        : wholeFraction(mulDiv(counted, effect.points, effect.per, rounding));
    case 'multiplier':
    case 'reward':
      return wholeFraction(0);
    default:
      return effect satisfies never;
  }
};

/** What one rule gives by itself, or why it does not. The first of several reasons is told. */
export const weigh = (occasion: Occasion, rule: CompiledEarnRule): Contribution | Because => {
  const { at, purchase } = occasion;
  if (at < rule.from || at >= rule.until) return DATES;
  if (rule.scheduled !== null && !rule.scheduled(at)) return SCHEDULE;
  const reached = rule.rule.trigger === 'milestone' ? occasion.reached(rule) : 1;
  if (reached === 0) return MILESTONE;
  const { matches } = rule;
  const lines = matches === null || purchase === null ? null : purchase.lines.filter(matches);
  if (lines !== null && lines.length === 0) return LINES;
  if (rule.condition !== null && rule.condition.test(occasion.subject) !== true) return CONDITION;
  const allowance = occasion.allowance(rule);
  if (allowance.kind !== 'allowance') return allowance;
  const counted = lines === null ? (purchase?.spend ?? 0) : sumOf(lines);
  const times = Math.min(reached, allowance.times);
  const uncapped = pointsOf(rule, counted, times);
  const fraction = atMost(uncapped, allowance.points);
  return {
    kind: 'contribution',
    rule,
    counted,
    lines,
    times,
    fraction,
    allowance: allowance.points,
    limitedTo: fraction === uncapped ? null : allowance.points,
  };
};

/** Codes of the rules that another one of their exclusive group outdoes, with that one's. */
export const outdone = (contributions: readonly Contribution[]): Map<string, string> => {
  const best = new Map<string, Contribution>();
  const losers = new Map<string, string>();
  for (const contribution of contributions) {
    const group = contribution.rule.rule.exclusive_group;
    if (group === null) continue;
    const leader = best.get(group);
    // Of equals the first stays: they come by priority, then by code.
    if (leader === undefined || compareFractions(contribution.fraction, leader.fraction) > 0)
      best.set(group, contribution);
  }
  for (const { rule } of contributions) {
    const winner = rule.rule.exclusive_group === null ? undefined : best.get(rule.rule.exclusive_group);
    if (winner !== undefined && winner.rule !== rule) losers.set(rule.code, winner.rule.code);
  }
  return losers;
};

export const isBase = ({ rule: { rule } }: Contribution): boolean =>
  rule.effect.type === 'per_amount' || rule.effect.type === 'fixed';
