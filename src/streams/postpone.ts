import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { Database } from '../store/database.ts';
import { postponeStream } from '../store/stream-standings.ts';

/** How often a stream that cannot send yet is looked at: making its secret wakes it. */
const LATER_MS = 60_000;

/** Leaves a stream that cannot send for later. */
export const postpone = (
  database: Database,
  program: ProgramId,
  stream: string,
  worker: string,
  now: Instant,
): Promise<unknown> => database.relay(program, (tx) => postponeStream(tx, program, stream, worker, now + LATER_MS));
