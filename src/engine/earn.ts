import type { Instant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { RuleFact } from '../model/purchase.ts';
import type { Wallet } from '../model/wallet.ts';
import { availableAt, expiresAt } from '../rules/points-life.ts';
import type { CompiledEarnRule, Rules } from '../rules/rules.ts';
import { apply } from './apply.ts';
import { accountOf, addEvent, type Draft } from './draft.ts';
import type { SpreadPurchase } from './purchase-sums.ts';
import { type Fraction, mulDiv, roundFraction, spreadByWeight, spreadOver, sumFractions } from './rounding.ts';

/** Points of one wallet that a purchase gives, and what each rule gave of them. */
export interface Earning {
  readonly wallet: string;
  readonly points: number;
  readonly facts: readonly RuleFact[];
}

/** The money a rule looks at, or null when no line of the purchase matches. */
const countedBy = (rule: CompiledEarnRule, purchase: SpreadPurchase): number | null => {
  const { matches } = rule;
  if (matches === null) return purchase.spend;
  const lines = purchase.lines.filter(matches);
  return lines.length === 0 ? null : lines.reduce((sum, line) => sum + line.counted, 0);
};

const whole = (points: number): Fraction => ({ numerator: BigInt(points), denominator: 1n });

const contribution = ({ rule }: CompiledEarnRule, counted: number): Fraction => {
  const { effect, rounding } = rule;
  if (effect.type === 'fixed') return whole(effect.points);
  if (rounding !== null) return whole(mulDiv(counted, effect.points, effect.per, rounding));
  return { numerator: BigInt(counted) * BigInt(effect.points), denominator: BigInt(effect.per) };
};

interface Contribution {
  readonly rule: string;
  readonly wallet: string;
  readonly counted: number;
  readonly fraction: Fraction;
}

const contributionsTo = (rules: Rules, purchase: SpreadPurchase, occurredAt: Instant): Contribution[] =>
  rules.earnRules.flatMap((rule) => {
    if (occurredAt < rule.from || occurredAt >= rule.until) return [];
    const counted = countedBy(rule, purchase);
    return counted === null
      ? []
      : [{ rule: rule.code, wallet: rule.rule.wallet, counted, fraction: contribution(rule, counted) }];
  });

/**
 * What a purchase earns: what the rules give is added up exactly, rounded once per wallet, and spread back over the
 * rules by largest remainder, so that each one's share is a whole number.
 */
export const earningsOf = (rules: Rules, purchase: SpreadPurchase, occurredAt: Instant): Earning[] =>
  [...Map.groupBy(contributionsTo(rules, purchase, occurredAt), (item) => item.wallet)].map(([wallet, items]) => {
    const fractions = items.map((item) => item.fraction);
    const points = roundFraction(sumFractions(fractions), rules.wallets.get(wallet)?.rounding ?? 'floor');
    const shares = spreadOver(points, fractions);
    return {
      wallet,
      points,
      facts: items.map((item, index) => ({ rule: item.rule, counted: item.counted, points: shares[index] ?? 0 })),
    };
  });

/** What giving points came to. */
export interface Given {
  readonly entry: LedgerEntry;
  readonly recovered: number;
  readonly availableAt: Instant;
  readonly expiresAt: Instant | null;
}

type Shares = LedgerEntry['rules'];

/** Splits the rules' shares between what pays back debt and the rest, in proportion. */
const splitShares = (shares: Shares, recovered: number): [recovered: Shares, rest: Shares] => {
  const parts = spreadByWeight(
    recovered,
    shares.map((share) => share.points),
  );
  return [
    shares.map((share, index) => ({ rule: share.rule, points: parts[index] ?? 0 })).filter((share) => share.points > 0),
    shares
      .map((share, index) => ({ rule: share.rule, points: share.points - (parts[index] ?? 0) }))
      .filter((share) => share.points > 0),
  ];
};

/**
 * Gives points to a wallet: a share of them pays back debt first, the rest becomes a lot, pending or available.
 * `expiry` overrides the wallet's policy.
 */
export const givePoints = (
  draft: Draft,
  movement: 'earn' | 'adjust',
  walletCode: string,
  wallet: Wallet,
  points: number,
  at: Instant,
  options: {
    readonly rules?: LedgerEntry['rules'];
    readonly expiresAt?: Instant | null;
    readonly atOnce?: boolean;
  } = {},
): Given => {
  const { calendar, policies } = draft.rules;
  const available = options.atOnce === true ? at : availableAt(calendar, wallet, at);
  const policy = options.expiresAt === undefined ? expiresAt(calendar, wallet, at) : options.expiresAt;
  const expires = policy === null ? null : Math.max(policy, available);
  const recovered = Math.min(
    accountOf(draft.state, walletCode).debt,
    mulDiv(points, policies.debt_recovery_percent, 100, 'floor'),
  );
  const [recoveredRules, restRules] = splitShares(options.rules ?? [], recovered);
  let entry: LedgerEntry | null = null;
  if (recovered > 0) {
    entry = apply(draft, {
      movement: 'recover',
      wallet: walletCode,
      from: 'issued',
      to: 'debt',
      points: recovered,
      occurredAt: at,
      rules: recoveredRules,
    });
    addEvent(draft, 'points.debt_recovered', at, { wallet: walletCode, points: recovered, entry: entry.sequence });
  }
  const rest = points - recovered;
  if (rest > 0) {
    const to = available > draft.now ? 'pending' : 'available';
    entry = apply(draft, {
      movement,
      wallet: walletCode,
      from: 'issued',
      to,
      points: rest,
      occurredAt: at,
      rules: restRules,
      makes: { value: wallet.value, availableAt: available, expiresAt: expires },
    });
  }
  if (entry === null) throw new Error('points are given only when there are some');
  return { entry, recovered, availableAt: available, expiresAt: expires };
};
