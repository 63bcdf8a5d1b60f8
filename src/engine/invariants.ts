import { ACCOUNT_BUCKETS } from '../model/ledger-entry.ts';
import { sumPoints } from '../model/sums.ts';
import type { Draft } from './draft.ts';
import { slidingOf } from './sliding.ts';

/** Whether a number of the draft grew beyond what is counted exactly. */
export const overflows = (draft: Draft): boolean => {
  const { state } = draft;
  const numbers = [state.totals.spend, ...Object.values(state.totals.earned)];
  for (const account of Object.values(state.accounts))
    numbers.push(account.pending, account.available, account.held, account.debt, account.redeemed, account.expired);
  return numbers.some((number) => !Number.isSafeInteger(number));
};

/** What does not hold in a draft; empty when all is well. Checked on every decision: a fault here is ours, never the caller's. */
export const brokenInvariants = (draft: Draft): string[] => {
  const broken: string[] = [];
  for (const [wallet, account] of Object.entries(draft.state.accounts)) {
    for (const bucket of ACCOUNT_BUCKETS)
      if (account[bucket] < 0) broken.push(`${bucket} of ${wallet} is ${account[bucket]}`);
    const { at, pending, available } = slidingOf(account);
    if (pending < 0 || pending > account.pending || available < 0 || available > account.available)
      broken.push(`${pending} pending and ${available} available points of ${wallet} slide`);
    if (at === null && pending + available > 0) broken.push(`points of ${wallet} slide nowhere`);
    if (draft.state.merged !== undefined && account.pending + account.available + account.held + account.debt > 0)
      broken.push(`a merged member has points of ${wallet}`);
  }
  for (const lot of draft.lots.values()) {
    const left = lot.pending + lot.available + lot.held;
    if (lot.pending < 0 || lot.available < 0 || lot.held < 0 || left > lot.original)
      broken.push(`lot ${lot.lot} holds ${left} of ${lot.original}`);
  }
  for (const entry of draft.entries) {
    const allocated = sumPoints(entry.allocations);
    const touchesLots = entry.from_bucket !== 'debt' && entry.to_bucket !== 'debt';
    if (allocated !== (touchesLots ? entry.points : 0))
      broken.push(`entry ${entry.sequence} moves ${entry.points} points and allocates ${allocated}`);
  }
  return broken;
};
