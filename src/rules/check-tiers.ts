import type { Configuration } from '../model/configuration.ts';
import type { Fault } from '../model/problem.ts';
import type { Tier } from '../model/tier.ts';
import { keyOf } from './conditions/label.ts';
import { inForce } from './resources.ts';

type Coded = readonly [code: string, tier: Tier];

/** Told at each of the tiers, as either can be the one to change. */
const sharedRanks = (tiers: readonly Coded[]): Fault[] =>
  [...Map.groupBy(tiers, ([, tier]) => tier.rank)].flatMap(([rank, group]) =>
    group.length === 1
      ? []
      : group.map(([code, tier]) => ({
          pointer: `/tiers/${code}/rank`,
          code: 'not_unique',
          detail: `${group
            .map(([other]) => other)
            .filter((other) => other !== code)
            .join(', ')} of scheme ${tier.scheme} has rank ${rank} too`,
          expected: `a rank that no other tier of scheme ${tier.scheme} has`,
        })),
  );

/** A tier entered from a number on: what is counted, so that tiers that count the same can be compared, and the number. */
const thresholdOf = (tier: Tier): { readonly counted: string; readonly value: number } | null => {
  const { entry } = tier;
  if (!('field' in entry) || (entry.op !== 'gte' && entry.op !== 'gt') || typeof entry.value !== 'number') return null;
  const { op, value, ...reference } = entry;
  return { counted: `${op} ${keyOf({ ...reference, wallet: reference.wallet ?? 'points' })}`, value };
};

/** A tier that is entered no later than the one below it leaves that one without members. Told at both. */
const contradictions = (tiers: readonly Coded[]): Fault[] => {
  const thresholds = tiers.flatMap(([code, tier]) => {
    const threshold = thresholdOf(tier);
    return threshold === null ? [] : [{ code, rank: tier.rank, ...threshold }];
  });
  return [...Map.groupBy(thresholds, ({ counted }) => counted).values()].flatMap((group) => {
    const byRank = group.toSorted((a, b) => a.rank - b.rank);
    return byRank.slice(1).flatMap((above, index): Fault[] => {
      const below = byRank[index] ?? above;
      if (above.rank === below.rank || above.value > below.value) return [];
      const detail = `${above.code} ranks above ${below.code} and asks for ${above.value}, ${below.code} for ${below.value}`;
      const fault = { code: 'contradiction', detail };
      return [
        { ...fault, pointer: `/tiers/${below.code}/entry/value`, expected: `less than ${above.value}` },
        { ...fault, pointer: `/tiers/${above.code}/entry/value`, expected: `more than ${below.value}` },
      ];
    });
  });
};

/** What is wrong with the tiers among themselves, scheme by scheme. */
export const checkTiers = (configuration: Configuration): Fault[] => {
  const tiers = inForce(configuration.tiers);
  const schemes = [...Map.groupBy(tiers, ([, tier]) => tier.scheme).values()];
  return [...schemes.flatMap(sharedRanks), ...schemes.flatMap(contradictions)];
};
