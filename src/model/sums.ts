interface Counted {
  readonly points: number;
}

export const sumPoints = (parts: readonly Counted[]): number => parts.reduce((sum, { points }) => sum + points, 0);

/** What items come to, by key, in the order of first appearance. */
export const sumBy = <T>(
  items: readonly T[],
  key: (item: T) => string,
  value: (item: T) => number,
): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(key(item), value(item) + (sums.get(key(item)) ?? 0));
  return sums;
};

/** Points by wallet. */
export const pointsByWallet = (items: readonly (Counted & { readonly wallet: string })[]): Map<string, number> =>
  sumBy(
    items,
    ({ wallet }) => wallet,
    ({ points }) => points,
  );

/** Points by earn rule. */
export const pointsByRule = (items: readonly (Counted & { readonly rule: string })[]): Map<string, number> =>
  sumBy(
    items,
    ({ rule }) => rule,
    ({ points }) => points,
  );
