import type { Changes } from '../model/decision.ts';
import type { Handback, Handover, MergedLot, MergeRow, UnmergeRow } from '../model/merge.ts';
import type { TakenBack } from '../model/taken-back.ts';

/** What a command does between two members who are merged, or parted: a part of the draft. */
export interface Merging {
  /** What a merged member owes by now, by wallet: its own lots that pay first. */
  readonly owing: Map<string, number[]>;
  handover: Handover | null;
  handback: Handback | null;
  readonly paid: TakenBack[];
  merge: MergeRow | null;
  readonly mergedLots: MergedLot[];
  unmerge: UnmergeRow | null;
}

export const nothingMerged = (): Merging => ({
  owing: new Map(),
  handover: null,
  handback: null,
  paid: [],
  merge: null,
  mergedLots: [],
  unmerge: null,
});

export const mergingOf = (merging: Merging): Pick<Changes, Exclude<keyof Merging, 'owing'>> => ({
  handover: merging.handover,
  handback: merging.handback,
  paid: merging.paid,
  merge: merging.merge,
  mergedLots: merging.mergedLots,
  unmerge: merging.unmerge,
});
