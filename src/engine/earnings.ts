import type { Rounding } from '../model/points.ts';
import type { RuleFact } from '../model/purchase.ts';
import { pointsByRule } from '../model/sums.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import {
  type Contribution,
  isBase,
  isWithholding,
  type Occasion,
  outdone,
  type Withholding,
  weigh,
} from './contributions.ts';
import { multiplied, type Share } from './multiply.ts';
import { roundFraction, spreadOver, sumFractions } from './rounding.ts';

/** Points of one wallet that become available and expire together, and what each rule gave of them. */
export interface Earning {
  readonly wallet: string;
  /** A rule whose life they have. */
  readonly as: CompiledEarnRule;
  readonly points: number;
  readonly shares: readonly { readonly rule: string; readonly points: number }[];
}

/** What a rule gave: to be counted against its limits and its budget. */
export interface Counted {
  readonly rule: CompiledEarnRule;
  readonly times: number;
  readonly points: number;
}

/** What an occasion gives, and how that came about. */
export interface Earnings {
  readonly earnings: readonly Earning[];
  /** Rules that grant a reward, with how many. */
  readonly rewards: readonly { readonly rule: CompiledEarnRule; readonly times: number }[];
  readonly counted: readonly Counted[];
  readonly facts: readonly RuleFact[];
  /** Of every candidate that was held back, by what. Conditions and the like that do not hold say why by themselves. */
  readonly against: ReadonlyMap<string, Withholding>;
}

interface Weighed {
  readonly base: Contribution[];
  readonly multipliers: Contribution[];
  readonly rewards: Contribution[];
  readonly against: Map<string, Withholding>;
}

const weighAll = (occasion: Occasion): Weighed => {
  const against = new Map<string, Withholding>();
  const contributions: Contribution[] = [];
  for (const rule of occasion.candidates) {
    const weighed = weigh(occasion, rule);
    if (weighed.kind === 'contribution') contributions.push(weighed);
    else if (isWithholding(weighed)) against.set(rule.code, weighed);
  }
  for (const [loser, winner] of outdone(contributions)) against.set(loser, { kind: 'exclusive_group', won_by: winner });
  const left = contributions.filter(({ rule }) => !against.has(rule.code));
  const of = (type: 'multiplier' | 'reward') => left.filter(({ rule }) => rule.rule.effect.type === type);
  return { base: left.filter(isBase), multipliers: of('multiplier'), rewards: of('reward'), against };
};

const roundedBy = (occasion: Occasion, wallet: string): Rounding =>
  occasion.rules.wallets.get(wallet)?.rounding ?? 'floor';

/** Rounds what goes together once, and spreads it over the rules by largest remainder: each share is whole. */
const roundGroup = (occasion: Occasion, shares: readonly Share[], as: CompiledEarnRule): Earning => {
  const { wallet } = as.rule;
  const fractions = shares.map(({ fraction }) => fraction);
  const points = roundFraction(sumFractions(fractions), roundedBy(occasion, wallet));
  const parts = spreadOver(points, fractions);
  return {
    wallet,
    as,
    points,
    shares: shares.map(({ rule }, index) => ({ rule, points: parts[index] ?? 0 })),
  };
};

/** What was held back is told, in the order of the rules. */
const withheldFacts = (occasion: Occasion, against: ReadonlyMap<string, Withholding>): RuleFact[] =>
  against.size === 0
    ? []
    : occasion.candidates.flatMap(({ code }): RuleFact[] => {
        const withheld = against.get(code)?.kind;
        return withheld === undefined ? [] : [{ rule: code, counted: 0, points: 0, withheld }];
      });

const countedOf = ({ base, multipliers, rewards }: Weighed, points: ReadonlyMap<string, number>): Counted[] => [
  ...[...base, ...multipliers].flatMap(({ rule, times }): Counted[] => {
    const given = points.get(rule.code) ?? 0;
    return given === 0 ? [] : [{ rule, times, points: given }];
  }),
  ...rewards.map(({ rule, times }) => ({ rule, times, points: 0 })),
];

/**
 * What an occasion gives. Base rules add up, of an exclusive group only the best counts, after its own limits;
 * multipliers work on the base; what goes to the same wallet, becomes available and expires together is rounded once.
 */
export const earningsOf = (occasion: Occasion): Earnings => {
  const weighed = weighAll(occasion);
  const { base, multipliers, rewards, against } = weighed;
  const { shares, workedOn, capped } = multiplied(occasion, base, multipliers);
  const together = Map.groupBy(shares, ({ group }) => group);
  const earnings = [...together.values()].flatMap((some) =>
    some[0] === undefined ? [] : roundGroup(occasion, some, some[0].as),
  );
  const points = pointsByRule(earnings.flatMap(({ shares }) => shares));
  const limited = new Map([...base, ...multipliers].map((item) => [item.rule.code, item]));
  const factOf = (rule: string): RuleFact => {
    const item = limited.get(rule);
    const names = workedOn.get(rule);
    const given = points.get(rule) ?? 0;
    const limitedTo = item !== undefined && capped.has(rule) ? item.allowance : (item?.limitedTo ?? null);
    return {
      rule,
      counted: item?.counted ?? occasion.purchase?.spend ?? 0,
      points: given,
      ...(limitedTo === null ? {} : { limited_to: limitedTo }),
      ...(names === undefined ? {} : { multiplied: names }),
    };
  };
  return {
    earnings,
    rewards: rewards.map(({ rule, times }) => ({ rule, times })),
    counted: countedOf(weighed, points),
    facts: [...[...points.keys()].map(factOf), ...withheldFacts(occasion, against)],
    against,
  };
};
