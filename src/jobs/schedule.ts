/** Something to be done again and again. `work` returns whether there is more to do at once. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  readonly work: () => Promise<boolean>;
}

/** Runs jobs, each one run at a time, until stopped. A run that fails is reported and tried again at its next turn. */
export const startJobs = (
  jobs: readonly Job[],
  onFailure: (name: string, error: unknown) => void,
): { stop: () => Promise<void> } => {
  let stopped = false;
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Map<string, Promise<void>>();
  const run = async (job: Job): Promise<void> => {
    let more = false;
    try {
      more = await job.work();
    } catch (error) {
      onFailure(job.name, error);
    }
    running.delete(job.name);
    if (!stopped) plan(job, more ? 0 : job.everyMs);
  };
  const plan = (job: Job, delayMs: number): void => {
    timers.set(
      job.name,
      setTimeout(() => running.set(job.name, run(job)), delayMs),
    );
  };
  for (const job of jobs) plan(job, job.everyMs);
  const stop = async (): Promise<void> => {
    stopped = true;
    for (const timer of timers.values()) clearTimeout(timer);
    await Promise.all(running.values());
  };
  return { stop };
};
