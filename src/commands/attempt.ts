import type { ProgramId } from '../model/ids.ts';
import type { Lane } from '../store/lane.ts';
import { failureOf } from './failures.ts';
import { type BatchTools, runBatch } from './run-batch.ts';
import type { Submission } from './submission.ts';

type Results = Awaited<ReturnType<typeof runBatch>>;

/** What became of one submission: an outcome, or the error that its command alone brings about. */
export type Attempt = Results[number] | { readonly error: unknown };

const RETRIES_MAX = 6;
const RECONNECTS_MAX = 8;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Doubling from 5 ms, with jitter, so that two batches that met do not meet again. */
const backOff = (attempt: number, base: number): Promise<void> => pause(base * 2 ** attempt * (0.5 + Math.random()));

/**
 * Runs a batch until it is committed or each command that cannot be is found. Retries are bounded; a lost connection is
 * reopened and the batch goes back through load, where the stored answers say what had been committed.
 */
export const attemptBatch = async (
  lane: Lane,
  tools: BatchTools,
  program: ProgramId,
  submissions: readonly Submission[],
): Promise<Attempt[]> => {
  let retries = 0;
  let reconnects = 0;
  for (;;) {
    try {
      return await runBatch(lane, tools, program, submissions);
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'retry' && retries < RETRIES_MAX) await backOff(retries++, 5);
      else if (failure === 'reconnect' && reconnects < RECONNECTS_MAX) {
        await lane.close();
        await backOff(reconnects++, 20);
      } else if (failure === 'isolate' && submissions.length > 1) return halve(lane, tools, program, submissions);
      else return submissions.map(() => ({ error }));
    }
  }
};

const halve = async (
  lane: Lane,
  tools: BatchTools,
  program: ProgramId,
  submissions: readonly Submission[],
): Promise<Attempt[]> => {
  const middle = Math.ceil(submissions.length / 2);
  const first = await attemptBatch(lane, tools, program, submissions.slice(0, middle));
  const second = await attemptBatch(lane, tools, program, submissions.slice(middle));
  return [...first, ...second];
};
