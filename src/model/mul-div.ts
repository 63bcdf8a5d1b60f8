import type { Rounding } from './points.ts';
import type { PointValue } from './wallet.ts';

/** `a / b` as a whole number, for `a >= 0` and `b > 0`. */
export const divideWhole = (a: bigint, b: bigint, rounding: Rounding): bigint => {
  const quotient = a / b;
  const rest = a % b;
  if (rest === 0n) return quotient;
  switch (rounding) {
    case 'floor':
      return quotient;
    case 'ceil':
      return quotient + 1n;
    case 'half_up':
      return rest * 2n >= b ? quotient + 1n : quotient;
    case 'half_even':
      return rest * 2n > b || (rest * 2n === b && quotient % 2n === 1n) ? quotient + 1n : quotient;
  }
};

/** `value × multiplier / divisor`, exact until the one rounding at its end. All are non-negative safe integers, the divisor positive. */
export const mulDiv = (value: number, multiplier: number, divisor: number, rounding: Rounding): number => {
  const product = value * multiplier;
  if (rounding === 'floor' && product <= Number.MAX_SAFE_INTEGER) return (product - (product % divisor)) / divisor;
  return Number(divideWhole(BigInt(value) * BigInt(multiplier), BigInt(divisor), rounding));
};

/** Minor units that points pay: rounded down. */
export const worthOf = (points: number, value: PointValue): number =>
  mulDiv(points, value.amount, value.points, 'floor');
