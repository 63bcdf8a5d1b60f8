import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { Tx } from '../store/connection.ts';
import { insertEvents } from '../store/outbox.ts';
import { setStatus } from '../store/stream-standings.ts';

/** Sends nothing more by the stream until somebody resumes it, and tells so: in the feed, and to the other streams. */
export const disableStream = async (
  tx: Tx,
  program: ProgramId,
  stream: string,
  because: 'gone' | 'failing',
  now: Instant,
): Promise<void> => {
  await setStatus(tx, program, stream, 'disabled', because, now);
  const event = { type: 'stream.disabled', occurred_at: now, data: { stream, because } } as const;
  await insertEvents(tx, program, [{ member: null, events: [event], recorded_at: now }]);
};
