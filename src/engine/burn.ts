import { type Burn, type Refusal, refuse } from '../model/decision.ts';
import type { Limit } from '../model/earn-limits.ts';
import type { EpochDay } from '../model/instant.ts';
import { mulDiv, worthOf } from '../model/mul-div.ts';
import { POINTS_MAX } from '../model/points.ts';
import type { Fault } from '../model/problem.ts';
import type { PointValue } from '../model/wallet.ts';
import type { CompiledBurnRule } from '../rules/burn-rules.ts';
import type { Draft } from './draft.ts';
import { type Pricing, pricedSubject } from './pricing.ts';
import { countIn, leftOfLimits } from './rule-limits.ts';
import { lessened } from './undo-limits.ts';

/*
 * Points as money. While a wallet has burn rules in force its points are redeemed by one of them: of those that hold for
 * the member the one of highest priority. What points pay is kept with the redemption and never reckoned anew.
 */

const inForce = ({ rules, at }: Pricing, wallet: string): CompiledBurnRule[] =>
  rules.burnRules.filter(({ rule, from, until }) => rule.wallet === wallet && at >= from && at < until);

/** The burn rule that holds for the member; null: none does, although the wallet has some; undefined: it has none. */
export const burnRuleFor = (draft: Draft, pricing: Pricing, wallet: string): CompiledBurnRule | null | undefined => {
  const candidates = inForce(pricing, wallet);
  if (candidates.length === 0) return undefined;
  const subject = pricedSubject(draft, pricing);
  return candidates.find(({ condition }) => condition === null || condition.test(subject) === true) ?? null;
};

/** Points that the limits of a rule leave for a redemption; 0: none. */
export const leftToSpend = (draft: Draft, { code, rule }: CompiledBurnRule): number => {
  const left = leftOfLimits(rule.limits, draft.state.burn_limits?.[code], draft.rules.calendar.dayOf(draft.now));
  return left.kind === 'allowance' ? left.points : 0;
};

const violated = (pointer: string, { code }: CompiledBurnRule, fault: Pick<Fault, 'code' | 'detail' | 'expected'>) =>
  refuse('burn_rule_violated', `burn rule ${code} does not allow it`, { errors: [{ pointer, ...fault }] });

/** Why a redemption does not go by the rule, whatever it pays for. */
const refuseByRule = (draft: Draft, burnRule: CompiledBurnRule, points: number, pointer: string): Refusal | null => {
  const { code, rule } = burnRule;
  const { minimum_points: least, maximum_points: most, step_points: step } = rule;
  const detail = `${points}`;
  if (points < (least ?? 1))
    return violated(pointer, burnRule, { code: 'minimum_points', detail, expected: `at least ${least}` });
  if (points > (most ?? points))
    return violated(pointer, burnRule, { code: 'maximum_points', detail, expected: `at most ${most}` });
  if (points % step !== 0)
    return violated(pointer, burnRule, { code: 'step_points', detail, expected: `a multiple of ${step}` });
  const left = leftToSpend(draft, burnRule);
  if (points <= left) return null;
  return refuse('burn_rule_limit_reached', `burn rule ${code} leaves ${left} points to the member for now`, {
    available: left,
  });
};

/** By which burn rule points are redeemed, or why they are not; null: the wallet has no burn rules. */
export const burnBy = (
  draft: Draft,
  pricing: Pricing,
  wallet: string,
  points: number,
  pointer: string,
): Burn | Refusal | null => {
  const burnRule = burnRuleFor(draft, pricing, wallet);
  if (burnRule === undefined) return null;
  if (burnRule === null) return refuse('burn_not_allowed', `no burn rule of wallet ${wallet} holds for the member`);
  const refusal = refuseByRule(draft, burnRule, points, pointer);
  return refusal ?? { rule: burnRule.code, value: burnRule.rule.value, currency: pricing.rules.currency };
};

const limitsOf = ({ rules }: Pick<Draft, 'rules'>, code: string): readonly Limit[] =>
  rules.burnRules.find((one) => one.code === code)?.rule.limits ?? [];

/** Counts a redemption against the limits of its rule, as the program has it now. */
export const countBurn = (draft: Draft, rule: string, points: number): void => {
  const limits = limitsOf(draft, rule);
  if (limits.length === 0) return;
  const { burn_limits: counts = {} } = draft.state;
  const day = draft.rules.calendar.dayOf(draft.now);
  draft.state.burn_limits = { ...counts, [rule]: countIn(limits, counts[rule], day, 1, points) };
};

/** What is released or refunded counts no more; `times` is 1 with the last of it. */
export const uncountBurn = (draft: Draft, rule: string, on: EpochDay, points: number, times: 0 | 1): void => {
  const counts = draft.state.burn_limits?.[rule];
  if (counts === undefined) return;
  draft.state.burn_limits = { ...draft.state.burn_limits, [rule]: lessened(counts, on, times, points) };
};

/** The most points that an amount takes: those that pay all of it, none of them for nothing, and never more than it. */
const pointsFor = (amount: number, value: PointValue): number => {
  const enough = mulDiv(amount, value.points, value.amount, 'ceil');
  return worthOf(enough, value) <= amount ? enough : mulDiv(amount, value.points, value.amount, 'floor');
};

/** What a rule allows to be spent on a cart. */
export interface SpendableBy {
  /** The fewest points that can be spent at once, in multiples of the step. */
  readonly least: number;
  /** In multiples of the step; 0: none can be spent. */
  readonly most: number;
  /** Why it is none. */
  readonly because: 'too_few_points' | 'limit' | 'cart' | null;
}

/** What can be spent by a rule of so many available points, on a cart of which so many minor units may be paid. */
export const spendableBy = (
  draft: Draft,
  burnRule: CompiledBurnRule,
  available: number,
  payable: number,
): SpendableBy => {
  const { minimum_points, maximum_points, step_points: step, value } = burnRule.rule;
  const least = Math.ceil((minimum_points ?? 1) / step) * step;
  const bounds: readonly { readonly because: NonNullable<SpendableBy['because']>; readonly points: number }[] = [
    { because: 'too_few_points', points: available },
    { because: 'limit', points: Math.min(leftToSpend(draft, burnRule), maximum_points ?? POINTS_MAX) },
    { because: 'cart', points: pointsFor(payable, value) },
  ];
  const tightest = bounds.reduce((a, b) => (b.points < a.points ? b : a));
  const most = Math.floor(tightest.points / step) * step;
  return most < least ? { least, most: 0, because: tightest.because } : { least, most, because: null };
};
