import type { StreamStanding } from '../store/stream-standings.ts';
import { saveProgress } from '../store/stream-standings.ts';
import { feedRound } from './feed-round.ts';
import { retryRound } from './retry-round.ts';
import { snapshotRound } from './snapshot-round.ts';
import { LEASE_MS, type StreamWork } from './stream-work.ts';

/** Rounds before others have their turn: then the stream is taken up again with what is edited meanwhile. */
const ROUNDS = 50;

/** Waits of streams for fuller messages, by program and stream; of this process. */
export type Waits = Map<string, number>;

/** One step: what is due again, then who is in the segment, then the feed. Null: nothing to do, or not any more. */
const round = async (work: StreamWork, standing: StreamStanding, waits: Waits): Promise<StreamStanding | null> => {
  const now = work.clock();
  if (standing.next_at > now) return null;
  const retried = await retryRound(work, standing);
  if (retried !== null) return retried.after;
  if (standing.snapshot !== null) return snapshotRound(work, standing);
  const key = `${work.program}:${work.stream}`;
  const until = waits.get(key);
  const { after, waitUntil, more } = await feedRound(work, standing, until !== undefined && until <= now);
  if (waitUntil !== null) {
    if (until === undefined) waits.set(key, waitUntil);
    const next_at = until ?? waitUntil;
    await work.database.relay(work.program, (tx) =>
      saveProgress(tx, work.program, work.stream, work.worker, { ...standing, next_at }, now + LEASE_MS),
    );
    return null;
  }
  if (after !== standing) waits.delete(key);
  // What comes a moment later is sent with the next look: rounds for an event each would take the database from others.
  return more ? after : null;
};

/** Works on a leased stream until there is nothing to do, it is taken away, or it had its turn. */
export const workStream = async (
  work: StreamWork,
  leased: StreamStanding,
  waits: Waits,
  isStopping: () => boolean,
): Promise<void> => {
  let standing: StreamStanding | null = leased;
  for (let rounds = 0; standing !== null && rounds < ROUNDS && !isStopping(); rounds++)
    standing = await round(work, standing, waits);
};
