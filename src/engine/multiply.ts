import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import { lifeKey } from '../rules/points-life.ts';
import type { Contribution, Occasion } from './contributions.ts';
import { atMost, type Fraction, minusFraction, noFraction, scaled, sumFractions } from './rounding.ts';

/*
 * Multipliers work on portions: what one rule gives on lines on which the same multipliers work. A factor below one
 * makes a portion smaller; one above leaves it as it is and adds what it adds under its own name, so that an entry says
 * what the tier was worth. What one multiplier added, the next one multiplies too.
 */

interface Factor {
  readonly name: string;
  readonly percent: number;
  /** The rule it is of; null: a tier's. */
  readonly of: Contribution | null;
  /** What it can still add. Whole, or infinite. */
  left: number;
  capped: boolean;
}

/** What a rule or a multiplier gives to one wallet that becomes available and expires at the same time. */
export interface Share {
  readonly rule: string;
  readonly group: string;
  /** A rule whose wallet, pending and expiry the points have. */
  readonly as: CompiledEarnRule;
  readonly fraction: Fraction;
}

interface Portion {
  readonly as: CompiledEarnRule;
  readonly group: string;
  readonly factors: readonly Factor[];
  fraction: Fraction;
}

/** Points are rounded together where they go to the same wallet, become available and expire together. */
const groupOf = ({ rules, at }: Occasion, { rule }: Contribution): string => {
  const wallet = rules.wallets.get(rule.rule.wallet);
  const life = rule.life ?? wallet;
  if (life === undefined) return rule.rule.wallet;
  return `${rule.rule.wallet} ${lifeKey(rules.calendar, life, at)}`;
};

const factorsOf = (occasion: Occasion, multipliers: readonly Contribution[]): Factor[] => [
  ...multipliers.flatMap((of): Factor[] => {
    const { effect } = of.rule.rule;
    return effect.type === 'multiplier'
      ? [{ name: of.rule.code, percent: effect.percent, of, left: of.allowance, capped: false }]
      : [];
  }),
  ...occasion.tierMultipliers.map(({ name, percent }) => ({
    name,
    percent,
    of: null,
    left: Number.POSITIVE_INFINITY,
    capped: false,
  })),
];

/** Those that count of the factors that work on a portion. A factor of 100 % is none. */
const combined = (factors: readonly Factor[], policy: 'best' | 'product'): Factor[] => {
  const working = factors.filter(({ percent }) => percent !== 100);
  if (policy === 'product' || working.length < 2) return working;
  return [working.reduce((best, factor) => (factor.percent > best.percent ? factor : best))];
};

const worksOn = (factor: Factor, { rule }: Contribution): boolean =>
  rule.rule.trigger === 'purchase' && (factor.of === null || factor.of.rule.rule.wallet === rule.rule.wallet);

/** What of a rule's money lies on lines that the same factors work on, with those factors. */
const partsOf = (
  { purchase }: Occasion,
  contribution: Contribution,
  factors: readonly Factor[],
): (readonly [counted: number, factors: readonly Factor[]])[] => {
  const onLines = factors.filter(({ of }) => of !== null && of.rule.matches !== null);
  const onAll = factors.filter((factor) => !onLines.includes(factor));
  if (onLines.length === 0 || contribution.rule.rule.effect.type !== 'per_amount' || purchase === null)
    return [[contribution.counted, onAll]];
  const parts = new Map<string, [number, Factor[]]>();
  const add = (counted: number, working: Factor[]): void => {
    const key = working.map(({ name }) => name).join(' ');
    const part = parts.get(key) ?? [0, working];
    part[0] += counted;
    parts.set(key, part);
  };
  for (const line of contribution.lines ?? purchase.lines)
    add(
      line.counted,
      factors.filter(({ of }) => of === null || of.rule.matches === null || of.rule.matches(line)),
    );
  if (contribution.lines === null) add(purchase.shipping_counted, onAll);
  return [...parts.values()];
};

const portionsOf = (occasion: Occasion, contribution: Contribution, factors: readonly Factor[]): Portion[] => {
  const group = groupOf(occasion, contribution);
  const { rule, counted, fraction } = contribution;
  const working = factors.filter((factor) => worksOn(factor, contribution));
  const parts = partsOf(occasion, contribution, working);
  return parts.map(([part, some]) => ({
    as: rule,
    group,
    factors: combined(some, occasion.rules.policies.multipliers),
    fraction: parts.length === 1 || counted === 0 ? fraction : scaled(fraction, part, counted),
  }));
};

/**
 * What a factor adds to the portions of one group, at most what it has left. What is not whole may be rounded up, so
 * it is taken off whole: over all groups together the factor never adds more than it may.
 */
const addExtra = (factor: Factor, portions: readonly Portion[]): Fraction => {
  let sum = noFraction;
  for (const portion of portions) {
    const extra = scaled(portion.fraction, factor.percent - 100, 100);
    const before = sum;
    const wanted = sumFractions([before, extra]);
    sum = atMost(wanted, factor.left);
    factor.capped ||= sum !== wanted;
    portion.fraction = sumFractions([portion.fraction, minusFraction(sum, before)]);
  }
  factor.left -= Number((sum.numerator + sum.denominator - 1n) / sum.denominator);
  return sum;
};

export interface Multiplied {
  readonly shares: Share[];
  /** By rule. */
  readonly workedOn: ReadonlyMap<string, readonly string[]>;
  /** Multipliers that would have added more than they had left. */
  readonly capped: ReadonlySet<string>;
}

/** Most purchases have nothing to be multiplied by. */
const unmultiplied = (occasion: Occasion, base: readonly Contribution[]): Multiplied => ({
  shares: base.map((contribution) => ({
    rule: contribution.rule.code,
    group: groupOf(occasion, contribution),
    as: contribution.rule,
    fraction: contribution.fraction,
  })),
  workedOn: new Map(),
  capped: new Set(),
});

/** What every rule and multiplier gives, by group, before rounding; and which multipliers worked on which rule. */
export const multiplied = (
  occasion: Occasion,
  base: readonly Contribution[],
  multipliers: readonly Contribution[],
): Multiplied => {
  const factors = factorsOf(occasion, multipliers);
  if (factors.length === 0) return unmultiplied(occasion, base);
  const portions = base.flatMap((contribution) => portionsOf(occasion, contribution, factors));
  for (const portion of portions)
    for (const { percent } of portion.factors)
      if (percent < 100) portion.fraction = scaled(portion.fraction, percent, 100);
  const byRule = Map.groupBy(portions, ({ as }) => as);
  const shares = [...byRule].map(
    ([as, some]): Share => ({
      rule: as.code,
      group: some[0]?.group ?? '',
      as,
      fraction: sumFractions(some.map(({ fraction }) => fraction)),
    }),
  );
  for (const factor of factors) {
    if (factor.percent <= 100) continue;
    const worked = portions.filter((portion) => portion.factors.includes(factor));
    for (const [group, some] of Map.groupBy(worked, (portion) => portion.group)) {
      const fraction = addExtra(factor, some);
      const [first] = some;
      if (first !== undefined && fraction.numerator > 0n)
        shares.push({ rule: factor.name, group, as: first.as, fraction });
    }
  }
  const workedOn = new Map<string, readonly string[]>();
  for (const [{ code }, some] of byRule) {
    const names = new Set(some.flatMap((portion) => portion.factors.map(({ name }) => name)));
    if (names.size > 0) workedOn.set(code, [...names]);
  }
  return { shares, workedOn, capped: new Set(factors.filter(({ capped }) => capped).map(({ name }) => name)) };
};
