import { divideWhole } from '../model/mul-div.ts';
import type { Rounding } from '../model/points.ts';

/** A non-negative rational number. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

const added = (a: Fraction, b: Fraction): Fraction => {
  if (a.denominator === b.denominator) return { numerator: a.numerator + b.numerator, denominator: a.denominator };
  // Over the least common denominator: the product of those of hundreds of rules would have thousands of digits.
  const common = gcd(a.denominator, b.denominator);
  return {
    numerator: a.numerator * (b.denominator / common) + b.numerator * (a.denominator / common),
    denominator: a.denominator * (b.denominator / common),
  };
};

export const noFraction: Fraction = { numerator: 0n, denominator: 1n };

export const sumFractions = (fractions: readonly Fraction[]): Fraction => fractions.reduce(added, noFraction);

/** `a − b`, for `a` not less than `b`. */
export const minusFraction = (a: Fraction, b: Fraction): Fraction => added(a, { ...b, numerator: -b.numerator });

export const wholeFraction = (value: number): Fraction => ({ numerator: BigInt(value), denominator: 1n });

/** `fraction × multiplier / divisor`, for non-negative safe integers, the divisor positive. */
export const scaled = (fraction: Fraction, multiplier: number, divisor: number): Fraction =>
  multiplier === divisor
    ? fraction
    : { numerator: fraction.numerator * BigInt(multiplier), denominator: fraction.denominator * BigInt(divisor) };

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export const compareFractions = (a: Fraction, b: Fraction): number => {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference === 0n ? 0 : difference > 0n ? 1 : -1;
};

/** The fraction, or a whole number (possibly infinite) where that is less. */
export const atMost = (fraction: Fraction, most: number): Fraction => {
  if (most === Number.POSITIVE_INFINITY) return fraction;
  const bound = wholeFraction(most);
  return compareFractions(fraction, bound) > 0 ? bound : fraction;
};

export const roundFraction = (fraction: Fraction, rounding: Rounding): number =>
  Number(divideWhole(fraction.numerator, fraction.denominator, rounding));

/**
 * Spreads a whole number over shares by largest remainder (Hamilton's method): each share is rounded down, and what is
 * left goes one by one to those that lost most, the first of equals first. The shares add up to `total`.
 */
export const spreadOver = (total: number, shares: readonly Fraction[]): number[] => {
  const floors = shares.map((share) => share.numerator / share.denominator);
  const left = total - Number(floors.reduce((sum, floor) => sum + floor, 0n));
  const byRest = shares
    .map((share, index) => ({ index, rest: share.numerator % share.denominator, denominator: share.denominator }))
    .sort((a, b) => {
      const difference = b.rest * a.denominator - a.rest * b.denominator;
      return difference === 0n ? a.index - b.index : difference > 0n ? 1 : -1;
    });
  const extra = new Set(byRest.slice(0, left).map((share) => share.index));
  return floors.map((floor, index) => Number(floor) + (extra.has(index) ? 1 : 0));
};

/** Spreads an amount in proportion to weights, by largest remainder. Weights that are all zero count as equal. */
export const spreadByWeight = (amount: number, weights: readonly number[]): number[] => {
  if (amount === 0) return weights.map(() => 0);
  const sum = weights.reduce((total, weight) => total + BigInt(weight), 0n);
  const [effective, divisor] = sum === 0n ? [weights.map(() => 1), BigInt(weights.length)] : [weights, sum];
  return spreadOver(
    amount,
    effective.map((weight) => ({ numerator: BigInt(amount) * BigInt(weight), denominator: divisor })),
  );
};
