import type { ProgramId } from '../model/ids.ts';
import type { FollowUp } from '../model/referral.ts';
import type { Lane } from '../store/lane.ts';
import type { RulesCache } from '../store/rules-cache.ts';
import { decideBatch, type Resubmitted } from './decide-batch.ts';
import { loadBatch } from './load-batch.ts';
import { saveBatch } from './save-batch.ts';
import type { Outcome, Submission } from './submission.ts';

export interface BatchTools {
  readonly rules: RulesCache;
  readonly clock: () => number;
  /** Hands in what a committed batch is to be followed by, and settles once that is done. What is lost on the way, a job does. */
  readonly followUp: (program: ProgramId, followUp: FollowUp) => Promise<unknown>;
}

/** Lock, load, decide, save, commit: one transaction for all commands of a batch, all of one program. */
export const runBatch = async (
  lane: Lane,
  tools: BatchTools,
  program: ProgramId,
  submissions: readonly Submission[],
): Promise<(Outcome | Resubmitted)[]> => {
  const decided = await lane.transaction(program, async (tx, commit) => {
    const world = await loadBatch(tx, program, submissions, tools.rules, tools.clock());
    const batch = decideBatch(world, submissions);
    await saveBatch(tx, world, batch, commit);
    return batch;
  });
  const followed = new Map<Submission, Promise<unknown>>();
  for (const { submission, changes } of decided.accepted) {
    if (changes.followUps.length === 0) continue;
    followed.set(submission, Promise.all(changes.followUps.map((followUp) => tools.followUp(program, followUp))));
  }
  if (followed.size === 0) return decided.outcomes;
  return submissions.flatMap((submission, index) => {
    const [outcome, following] = [decided.outcomes[index], followed.get(submission)];
    if (outcome === undefined) return [];
    return following === undefined ? outcome : { ...outcome, followed: following };
  });
};
