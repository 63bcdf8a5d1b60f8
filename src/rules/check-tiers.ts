import type { Configuration } from '../model/configuration.ts';
import type { Fault } from '../model/problem.ts';
import type { Tier } from '../model/tier.ts';
import { inForce } from './resources.ts';

type Coded = readonly [code: string, tier: Tier];

const misplacedWallet = ([code, { entry }]: Coded): Fault[] =>
  entry.wallet === undefined || entry.field === 'earned_points'
    ? []
    : [
        {
          pointer: `/tiers/${code}/entry/wallet`,
          code: 'not_applicable',
          detail: `${entry.field} is not counted by wallet`,
          expected: 'no wallet, or the field earned_points',
        },
      ];

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

/** What a threshold counts: tiers that count the same can be compared. */
const countedBy = ({ entry }: Tier): string =>
  JSON.stringify([entry.field, entry.window, entry.field === 'earned_points' ? (entry.wallet ?? 'points') : null]);

/** A tier that is entered no later than the one below it leaves that one without members. Told at both. */
const contradictions = (tiers: readonly Coded[]): Fault[] =>
  [...Map.groupBy(tiers, ([, tier]) => countedBy(tier)).values()].flatMap((group) => {
    const byRank = group.toSorted(([, a], [, b]) => a.rank - b.rank);
    return byRank.slice(1).flatMap(([higher, above], index): Fault[] => {
      const [lower, below] = byRank[index] ?? [higher, above];
      if (above.rank === below.rank || above.entry.value > below.entry.value) return [];
      const detail = `${higher} ranks above ${lower} and asks for ${above.entry.value}, ${lower} for ${below.entry.value}`;
      const fault = { code: 'contradiction', detail };
      return [
        { ...fault, pointer: `/tiers/${lower}/entry/value`, expected: `less than ${above.entry.value}` },
        { ...fault, pointer: `/tiers/${higher}/entry/value`, expected: `more than ${below.entry.value}` },
      ];
    });
  });

/** What is wrong with the tiers among themselves, scheme by scheme. */
export const checkTiers = (configuration: Configuration): Fault[] => {
  const tiers = inForce(configuration.tiers);
  const schemes = [...Map.groupBy(tiers, ([, tier]) => tier.scheme).values()];
  return [...tiers.flatMap(misplacedWallet), ...schemes.flatMap(sharedRanks), ...schemes.flatMap(contradictions)];
};
