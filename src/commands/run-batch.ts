import type { MemberId, ProgramId } from '../model/ids.ts';
import type { FollowUp } from '../model/referral.ts';
import type { Lane } from '../store/lane.ts';
import type { RulesCache } from '../store/rules-cache.ts';
import { decideBatch } from './decide-batch.ts';
import { loadBatch } from './load-batch.ts';
import { saveBatch } from './save-batch.ts';
import type { Outcome, Submission } from './submission.ts';

export interface BatchTools {
  readonly rules: RulesCache;
  readonly clock: () => number;
  /** Hands in what a committed batch is to be followed by. What is lost on the way, a job does. */
  readonly followUp: (program: ProgramId, followUp: FollowUp) => void;
}

/** Lock, load, decide, save, commit: one transaction for all commands of a batch, all of one program. */
export const runBatch = async (
  lane: Lane,
  tools: BatchTools,
  program: ProgramId,
  submissions: readonly Submission[],
): Promise<(Outcome | { readonly resubmitAs: MemberId })[]> => {
  const decided = await lane.transaction(program, async (tx, commit) => {
    const world = await loadBatch(tx, program, submissions, tools.rules, tools.clock());
    const batch = decideBatch(world, submissions);
    await saveBatch(tx, world, batch, commit);
    return batch;
  });
  for (const { changes } of decided.accepted)
    for (const followUp of changes.followUps) tools.followUp(program, followUp);
  return decided.outcomes;
};
