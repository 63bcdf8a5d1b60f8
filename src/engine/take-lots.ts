import type { Allocation } from '../model/ledger-entry.ts';
import { inSpendingOrder } from '../model/lot.ts';
import { type Draft, lotsAtHand } from './draft.ts';

/** Takes available points from lots: soonest to expire first, then oldest. The caller has checked that there are enough. */
export const takeLots = (draft: Draft, wallet: string, points: number): Allocation[] => {
  const allocations: Allocation[] = [];
  let left = points;
  for (const lot of lotsAtHand(draft)
    .filter((candidate) => candidate.wallet === wallet && candidate.available > 0)
    .sort(inSpendingOrder)) {
    if (left === 0) break;
    const part = Math.min(left, lot.available);
    allocations.push({ lot: lot.lot, points: part });
    left -= part;
  }
  if (left > 0) throw new Error(`lots of wallet ${wallet} fall ${left} points short of the balance`);
  return allocations;
};
