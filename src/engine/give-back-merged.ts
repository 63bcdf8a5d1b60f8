import { accept, type LoadedMember, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { makeId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { noTotals, type Totals } from '../model/member-state.ts';
import type { Handback, MergedLot, MergeRow } from '../model/merge.ts';
import { isNothing, minus } from '../model/totals.ts';
import { absorbedBy, boundPurchases } from './absorbed.ts';
import { addEvent, type Draft, lotOf } from './draft.ts';
import { accountsOf, countersOf, dayTakenOver, mergeId, moveDebts, moveLots, tellPassed } from './handover.ts';
import { addCounters } from './merged-counters.ts';
import { keptOf, restoreSegments, restoreTiers, saysTheSame } from './merged-status.ts';
import { emptyProfile } from './put-member.ts';
import { reassess } from './reassess.ts';
import { settleLatePoints } from './settle.ts';
import { debtOf } from './take-over.ts';
import { addToDay } from './totals.ts';

/** A merge that is to be undone, as the survivor's side is told of it. */
export interface Parting {
  /** The member who was merged, with all its days. */
  readonly source: LoadedMember;
  readonly row: Pick<MergeRow, 'kept' | 'debts' | 'ordinal'>;
  readonly lots: readonly MergedLot[];
  /** When the survivor's own purchases occurred, the first and last at least. */
  readonly own: readonly Instant[];
}

const refuseParting = (draft: Draft, { source, row, lots }: Parting): Refusal | null => {
  const { state } = draft;
  if (state.merged !== undefined)
    return refuse(
      'merged_further',
      'the member it was merged into was itself merged into another: part those two first',
    );
  if (state.status === 'closed') return refuse('member_closed', 'the member it was merged into is closed');
  const spent = lots.find(({ lot: number, points }) => {
    const { pending, available } = lotOf(draft, number);
    return pending + available !== points;
  });
  if (spent !== undefined) {
    const { pending, available } = lotOf(draft, spent.lot);
    const lot = makeId('lot', state.member_id, spent.lot);
    return refuse(
      'merged_points_spent',
      `of the ${spent.points} points of lot ${lot} only ${pending + available} are left`,
    );
  }
  const paid = absorbedBy(state).find(({ member }) => member === source.state.member_id)?.paid ?? 0;
  if (paid > 0)
    return refuse('merged_points_spent', `${paid} points were paid since for returns of what the member had bought`);
  const owed = row.debts.find(({ wallet, points }) => debtOf(draft, wallet) < points);
  if (owed !== undefined)
    return refuse(
      'merged_points_spent',
      `the debt of ${owed.points} points of wallet ${owed.wallet} was paid back since`,
    );
  return null;
};

/** Every day of a member, the current one included. */
const daysOf = ({ state, days }: LoadedMember): (readonly [number, Totals])[] =>
  [...new Map(days).set(state.day, state.today)].filter(([, totals]) => !isNothing(totals));

/** What is not a sum is put back as it was, unless it changed since. */
const putBack = (draft: Draft, { source, row }: Parting): void => {
  const { before, after } = row.kept;
  const { state } = draft;
  const now = keptOf(draft);
  if (saysTheSame(now.nps, after.nps)) state.nps = before.nps;
  if (now.frozen_until === after.frozen_until) state.frozen_until = before.frozen_until;
  const unchanged = (['limits', 'burn_limits', 'reward_limits'] as const).filter((key) =>
    saysTheSame(now[key], after[key]),
  );
  addCounters(draft, countersOf(source.state), -1);
  for (const key of unchanged) state[key] = before[key];
  restoreTiers(draft, before.tiers, after.tiers);
  restoreSegments(draft, before.segments, after.segments);
};

/** The survivor's side of parting: what the other brought goes back, and what came since stays. */
export const giveBackMerged = (draft: Draft, parting: Parting | null): Outcome => {
  if (parting === null) return refuse('member_not_merged', 'the member is not merged into another');
  const refusal = refuseParting(draft, parting);
  if (refusal !== null) return refusal;
  const { state, loaded } = draft;
  const { source, row, lots, own } = parting;
  const { member_id: member, absorbed = [] } = source.state;
  const id = mergeId(member, row.ordinal);
  const parts = lots.flatMap(({ lot: number, source_lot }) => {
    const lot = lotOf(draft, number);
    return (['pending', 'available'] as const).flatMap((bucket) =>
      lot[bucket] === 0 ? [] : [{ number, source_lot, wallet: lot.wallet, bucket, points: lot[bucket] }],
    );
  });
  const given: Handback['lots'] = parts.map(({ number: _own, source_lot: lot, ...part }) => ({ lot, ...part }));
  draft.cause = { cause: 'unmerge', cause_id: id };
  addEvent(draft, 'member.unmerged', draft.now, { merge: id, side: 'survivor' });
  moveLots(
    draft,
    'unmerge',
    'out',
    parts.map(({ number: lot, source_lot: _theirs, ...part }) => ({ lot, ...part })),
  );
  moveDebts(draft, 'unmerge', 'out', row.debts);
  tellPassed(draft, id, 'sent', accountsOf(given, row.debts));
  for (const [day, totals] of daysOf(source)) addToDay(draft, dayTakenOver(day), minus(noTotals, totals));
  const gone = new Set([member, ...absorbed.map((one) => one.member)]);
  state.absorbed = absorbedBy(state).filter((one) => !gone.has(one.member));
  boundPurchases(draft, own);
  const profile = loaded.profile ?? emptyProfile;
  const theirs = new Set((source.profile?.identities ?? []).map(({ kind, value }) => `${kind}:${value}`));
  const isTheirs = ({ kind, value }: { kind: string; value: string }): boolean => theirs.has(`${kind}:${value}`);
  draft.profile = { ...profile, identities: profile.identities.filter((one) => !isTheirs(one)) };
  putBack(draft, parting);
  reassess(draft, draft.now);
  draft.entered.length = 0;
  settleLatePoints(draft);
  draft.handback = {
    id,
    from: state.external_id,
    into: state.member_id,
    lots: given,
    debts: row.debts,
    identities: profile.identities.filter(isTheirs),
  };
  return accept(null);
};
