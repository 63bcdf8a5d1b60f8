import type { Command } from '../model/command.ts';
import type { FollowUp } from '../model/referral.ts';
import type { Lane } from '../store/lane.ts';
import { type Attempt, attemptBatch } from './attempt.ts';
import { followUpSubmission } from './follow-up.ts';
import type { BatchTools } from './run-batch.ts';
import type { Outcome, Submission } from './submission.ts';
import { type Subject, subjectsOf, type Waiting, WaitingLines } from './waiting.ts';

/** The queue is full: the caller should come back. */
export class QueueFull extends Error {}

/** The service is shutting down. */
export class Draining extends Error {}

export interface QueueOptions extends Omit<BatchTools, 'followUp'> {
  readonly lanes: readonly Lane[];
  readonly batchMax: number;
  readonly queueMax: number;
}

/**
 * How many commands must wait before a further lane opens. Eager lanes make small batches: with four of them half the
 * batches of a prototype were of one, and it lost a third of its speed. See docs/adr.
 */
const WAITING_PER_FURTHER_LANE = 48;

/**
 * Takes submissions and runs them in batches that form from what waited while the one before was committing: no timer,
 * and no delay when idle.
 */
export class CommandQueue {
  readonly #options: QueueOptions;
  readonly #lines = new WaitingLines();
  readonly #busyLanes = new Set<Lane>();
  readonly #busy = new Set<Subject>();
  #scheduled = false;
  #draining = false;
  #idle: (() => void)[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#lines.length;
  }

  submit(submission: Submission): Promise<Outcome> {
    if (this.#draining) return Promise.reject(new Draining());
    if (this.#lines.length >= this.#options.queueMax) return Promise.reject(new QueueFull());
    return new Promise((resolve, reject) => {
      this.#lines.add({ submission, resolve, reject });
      this.#schedule();
    });
  }

  /** Takes no more, and resolves once everything taken has been answered. */
  async drain(): Promise<void> {
    this.#draining = true;
    if (this.#lines.length === 0 && this.#busyLanes.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Requests that arrived together share a batch: the lanes are looked at after the current turn of the event loop. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    this.#options.lanes.forEach((lane, index) => {
      if (this.#busyLanes.has(lane)) return;
      if (this.#lines.length <= (this.#busyLanes.size === 0 ? 0 : index * WAITING_PER_FURTHER_LANE)) return;
      const batch = this.#lines.take(this.#options.batchMax, this.#busy);
      if (batch === null) return;
      void this.#run(lane, batch.program, batch.items);
    });
    if (this.#lines.length === 0 && this.#busyLanes.size === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  async #run(lane: Lane, program: Submission['program'], items: readonly Waiting[]): Promise<void> {
    const subjects = items.flatMap((item) => subjectsOf(item.submission));
    this.#busyLanes.add(lane);
    for (const subject of subjects) this.#busy.add(subject);
    const attempts = await attemptBatch(
      lane,
      { ...this.#options, followUp: (of, followUp) => this.#followUp(of, followUp) },
      program,
      items.map((item) => item.submission),
    );
    this.#busyLanes.delete(lane);
    for (const subject of subjects) this.#busy.delete(subject);
    items.forEach((item, index) => {
      this.#answer(item, attempts[index] ?? { error: new Error('the batch gave no outcome') });
    });
    this.#pump();
  }

  #answer(item: Waiting, attempt: Attempt): void {
    if ('error' in attempt) item.reject(attempt.error);
    else if ('resubmit' in attempt) this.#resubmit(item, attempt.resubmit);
    else item.resolve(attempt);
  }

  /** What does not get in, or fails, is left to the job. */
  #followUp(program: Submission['program'], followUp: FollowUp): Promise<unknown> {
    return this.submit(followUpSubmission(program, followUp)).catch(() => {});
  }

  /** Somebody else enrolled or merged the member first, or the guest's purchase was claimed: the command is another now. */
  #resubmit(item: Waiting, command: Command): void {
    const { submission } = item;
    this.#lines.add({ ...item, submission: { ...submission, command } });
  }
}
