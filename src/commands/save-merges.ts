import type { ProgramId } from '../model/ids.ts';
import type { Tx } from '../store/connection.ts';
import { endMerges, insertMergedLots, insertMerges } from '../store/merges.ts';
import { all, type Change, saving } from './batch-changes.ts';

/** Members who were merged or parted, and which lots were whose. */
export const mergeStatements = (tx: Tx, program: ProgramId, changes: readonly Change[]): Promise<unknown>[] => {
  const save = saving(tx, program);
  return [
    ...save(
      all(changes, ({ merge }) => (merge === null ? [] : [merge])),
      insertMerges,
    ),
    ...save(
      all(changes, ({ mergedLots }) => mergedLots),
      insertMergedLots,
    ),
    ...save(
      all(changes, ({ unmerge }) => (unmerge === null ? [] : [unmerge])),
      endMerges,
    ),
  ];
};
