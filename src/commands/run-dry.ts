import type { ProgramId } from '../model/ids.ts';
import type { Database } from '../store/database.ts';
import { decideBatch } from './decide-batch.ts';
import { loadBatch } from './load-batch.ts';
import type { BatchTools } from './run-batch.ts';
import type { Outcome, Submission } from './submission.ts';

/**
 * What would come of commands, decided together in their order as a batch would, with nothing saved. Whom an earlier one
 * of them would enrol counts as changed by a later one. One call at a time: the lane is one connection.
 */
export const runDry = (
  database: Database,
  { rules, clock }: Pick<BatchTools, 'rules' | 'clock'>,
  program: ProgramId,
  submissions: readonly Submission[],
): Promise<Outcome[]> =>
  database.dryLane.transaction(program, async (tx) => {
    const world = await loadBatch(tx, program, submissions, rules, clock());
    return decideBatch(world, submissions).outcomes.map((outcome) =>
      'resubmit' in outcome ? { status: 200, body: '{"result":"updated"}', replayed: false } : outcome,
    );
  });
