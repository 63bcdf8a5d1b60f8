import type { Instant } from '../model/instant.ts';
import type { Cause, LedgerEntry } from '../model/ledger-entry.ts';
import { noTotals } from '../model/member-state.ts';
import type { ReturnRow } from '../model/purchase-return.ts';
import { pointsByRule, pointsByWallet } from '../model/sums.ts';
import type { TakenBack } from '../model/taken-back.ts';
import { minus } from '../model/totals.ts';
import type { Draft } from './draft.ts';
import { disqualifyReferral } from './referrals.ts';
import type { Returning } from './returning.ts';
import { revoke } from './revoke.ts';
import { type Taking, takeBack } from './take-back.ts';
import { addToDay } from './totals.ts';
import { lessenCounted, undoBudget } from './undo-limits.ts';

/** What entries count as earned on their day, and against limits and budgets, is undone. */
const uncountEntries = (draft: Draft, entries: readonly LedgerEntry[]): void => {
  for (const [givenAt, some] of Map.groupBy(entries, (entry) => entry.occurred_at)) {
    const day = draft.rules.calendar.dayOf(givenAt);
    const earned = Object.fromEntries(pointsByWallet(some));
    addToDay(draft, day, minus(noTotals, { ...noTotals, earned }));
    const shares = some.flatMap(({ rules }) => rules);
    for (const [code, points] of pointsByRule(shares)) {
      lessenCounted(draft, code, day, points);
      undoBudget(draft, code, some[0]?.recorded_at ?? givenAt, points);
    }
  }
};

/** What entries gave, to be taken back whole. */
export const takingOf = ({ movement, sequence, points }: LedgerEntry): Taking =>
  movement === 'recover' ? { points, lots: [], recovered: points } : { points, lots: [sequence], recovered: 0 };

/** Takes back what entries gave, whole: points, and what they count for. */
export const takeEntries = (draft: Draft, entries: readonly LedgerEntry[], at: Instant): TakenBack[] => {
  uncountEntries(draft, entries);
  return [...Map.groupBy(entries, ({ wallet }) => wallet)].map(
    ([wallet, some]) => takeBack(draft, wallet, some.map(takingOf), at).told,
  );
};

/** What the purchase had set off, and was not taken back before. */
export const triggeredLeft = ({ triggered, returns }: Returning): LedgerEntry[] => {
  const before = new Set(returns.flatMap(({ taken }) => taken.triggered));
  return triggered.filter(({ sequence }) => !before.has(sequence));
};

/** What a return has come to before it is asked what the purchase had set off. */
export interface SoFar {
  readonly row: ReturnRow;
  /** How many changes of tiers and segments the draft had before the return. */
  readonly seen: { readonly transitions: number; readonly memberships: number };
  /** What still counts of the purchase. */
  readonly spend: number;
}

/**
 * Undoes what the purchase had set off: all of it with the last of the purchase, of which the points are taken with those
 * of the purchase itself; before that what a tier or segment gave that is lost with this return, and a referral that does
 * not qualify any more.
 */
export const undoTriggered = (
  draft: Draft,
  returning: Returning,
  { row, seen, spend }: SoFar,
): { told: TakenBack[]; sequences: number[] } => {
  const unqualified = row.whole || spend < returning.rules.policies.referral_minimum_spend;
  const tiers = new Set(draft.transitions.slice(seen.transitions).map(({ from_tier }) => from_tier));
  const segments = new Set(
    draft.memberships.slice(seen.memberships).flatMap(({ kind, segment }) => (kind === 'left' ? [segment] : [])),
  );
  const isUndone = ({ cause, cause_id }: { cause: Cause; cause_id: string | null }): boolean => {
    if (cause === 'purchase') return false;
    if (cause === 'referral.qualified') return unqualified;
    if (row.whole) return true;
    return cause === 'tier.entered' ? tiers.has(cause_id) : cause_id !== null && segments.has(cause_id);
  };
  const entries = triggeredLeft(returning).filter(isUndone);
  for (const one of returning.entitlements) if (isUndone(one)) revoke(draft, one);
  if (unqualified) disqualifyReferral(draft, returning.row.ordinal);
  if (row.whole) uncountEntries(draft, entries);
  return {
    told: row.whole ? [] : takeEntries(draft, entries, row.occurred_at),
    sequences: entries.map(({ sequence }) => sequence),
  };
};
