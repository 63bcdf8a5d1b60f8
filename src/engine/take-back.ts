import type { Instant } from '../model/instant.ts';
import type { Allocation } from '../model/ledger-entry.ts';
import { sumPoints } from '../model/sums.ts';
import type { TakenBack } from '../model/taken-back.ts';
import { apply } from './apply.ts';
import { accountOf, type Draft } from './draft.ts';
import { takeLots } from './take-lots.ts';

/** Points to be taken back, and the lots they were given as. */
export interface Taking {
  readonly points: number;
  readonly lots: readonly number[];
  /** How many of them had paid back debt, and are not in the lots: they are owed again before others pay. */
  readonly recovered: number;
}

/** Takes from lots as they stand, up to so many points; together with what was taken of them before. */
const fromLots = (
  draft: Draft,
  lots: readonly number[],
  bucket: 'pending' | 'available',
  points: number,
  taken: Map<number, number>,
): number => {
  let left = points;
  for (const number of lots) {
    const lot = draft.lots.get(number) ?? draft.loaded.lots.get(number);
    const part = Math.min(left, (lot?.[bucket] ?? 0) - (taken.get(number) ?? 0));
    if (part <= 0) continue;
    taken.set(number, part + (taken.get(number) ?? 0));
    left -= part;
  }
  return points - left;
};

const allocationsOf = (taken: ReadonlyMap<number, number>): Allocation[] =>
  [...taken].map(([lot, points]) => ({ lot, points }));

export interface Took {
  readonly told: TakenBack;
  /** Of each taking, how many points are owed again. */
  readonly owedAgain: readonly number[];
}

/** Where points go that are taken back: out of the program, or to a merged member whose purchase is returned. */
interface Goes {
  readonly movement: 'return' | 'merge';
  readonly to: 'reversed' | 'transferred';
}

const returned: Goes = { movement: 'return', to: 'reversed' };

/**
 * Takes points of one wallet back: from what is pending of the very lots, from what is available of them, what had paid
 * back debt is owed again, then from other lots, those soonest to expire first; what is missing is owed, or let go, as
 * the program says. Held points stay held: others pay.
 */
export const takeBack = (
  draft: Draft,
  wallet: string,
  takings: readonly Taking[],
  at: Instant,
  { movement, to }: Goes = returned,
): Took => {
  const pending = new Map<number, number>();
  const own = new Map<number, number>();
  const owedAgain: number[] = [];
  let short = 0;
  for (const { points, lots, recovered } of takings) {
    let left = points - fromLots(draft, lots, 'pending', points, pending);
    left -= fromLots(draft, lots, 'available', left, own);
    const again = Math.min(left, recovered);
    owedAgain.push(again);
    short += left - again;
  }
  const reverse = (
    from: 'pending' | 'available' | 'debt',
    points: number,
    allocations: readonly Allocation[],
  ): void => {
    if (points > 0) apply(draft, { movement, wallet, from, to, points, occurredAt: at, allocations });
  };
  const fromPending = allocationsOf(pending);
  const fromOwn = allocationsOf(own);
  reverse('pending', sumPoints(fromPending), fromPending);
  reverse('available', sumPoints(fromOwn), fromOwn);
  // What a merged member falls short of, the one it is merged into pays, out of the points that were its own first.
  const isMerged = draft.state.merged !== undefined;
  const others = isMerged ? 0 : Math.min(short, accountOf(draft.state, wallet).available);
  if (others > 0) reverse('available', others, takeLots(draft, wallet, others));
  const missing = short - others;
  const again = owedAgain.reduce((total, points) => total + points, 0);
  reverse('debt', again + missing, []);
  if (isMerged && missing > 0)
    draft.owing.set(wallet, [...(draft.owing.get(wallet) ?? []), ...takings.flatMap(({ lots }) => lots)]);
  const isOwed = isMerged || draft.rules.policies.return_shortfall !== 'write_off';
  const letGo = isOwed ? 0 : missing;
  if (letGo > 0)
    apply(draft, { movement: 'write_off', wallet, from: 'issued', to: 'debt', points: letGo, occurredAt: at });
  return {
    owedAgain,
    told: {
      wallet,
      points: sumPoints(takings),
      from_pending: sumPoints(fromPending),
      from_lots: sumPoints(fromOwn),
      from_other_lots: others,
      debt: again + missing - letGo,
      written_off: letGo,
    },
  };
};
