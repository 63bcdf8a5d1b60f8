import type { Command } from '../model/command.ts';
import type { ProgramId } from '../model/ids.ts';

/** A command as it is handed in: with what makes a repetition recognisable. */
export interface Submission {
  readonly program: ProgramId;
  readonly command: Command;
  /** SHA-256 of method, route, parameters and canonical body. */
  readonly fingerprint: Uint8Array;
  /** The caller's Idempotency-Key. */
  readonly key: string | null;
  /** The id of the API key that asks for it. Absent: a job does. */
  readonly apiKey?: string;
  readonly requestId: string;
  /** Jobs give way to callers. */
  readonly from: 'caller' | 'job';
}

/** What the caller gets: a status and the bytes of the body. Empty where the caller reads afresh what it changed. */
export interface Outcome {
  readonly status: number;
  readonly body: string;
  /** Whether this is the answer to an earlier, identical command. */
  readonly replayed: boolean;
  /** Settles once what follows from the command is done, or left to the job. Absent: nothing follows. */
  readonly followed?: Promise<unknown>;
}
