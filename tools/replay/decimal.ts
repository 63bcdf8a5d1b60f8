/** A number exactly as it is written: `digits` × 10^−`scale`. Money never passes through a float. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Null when the text is not digits with an optional sign and an optional decimal point. */
export function parseDecimal(text: string): Decimal | null {
  const match = /^(-?\d{1,15})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) return null;
  const [, whole = '', fraction = ''] = match;
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

export const times = ({ digits, scale }: Decimal, factor: number): Decimal => ({
  digits: digits * BigInt(factor),
  scale,
});

/** Hundredths (cents, pence), or null when something smaller than one is left. */
export function exactHundredths({ digits, scale }: Decimal): number | null {
  const scaled = digits * 100n;
  const unit = 10n ** BigInt(scale);
  return scaled % unit === 0n ? Number(scaled / unit) : null;
}

/** Hundredths of a number that is not negative, half a hundredth rounded up. */
export function roundedHundredths({ digits, scale }: Decimal): number {
  const unit = 10n ** BigInt(scale);
  return Number((digits * 200n + unit) / (2n * unit));
}
