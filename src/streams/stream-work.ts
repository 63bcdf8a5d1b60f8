import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { Stream } from '../model/stream.ts';
import type { Tx } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { deleteDeliveries, hurryDeliveries, releaseHeld, saveDeliveries } from '../store/deliveries.ts';
import { insertAttempts } from '../store/delivery-attempts.ts';
import { type Progress, type StreamStanding, saveProgress } from '../store/stream-standings.ts';
import type { Audience } from './audience.ts';
import { disableStream } from './disable-stream.ts';
import { rowOf } from './fates.ts';
import { nextLook, SCHEDULE_MS } from './retry-schedule.ts';
import { type Item, type Sent, sendItems } from './send-items.ts';
import type { Transport } from './transport.ts';

/** One stream at work: how it stands in the configuration, how it sends, and who has it. */
export interface StreamWork {
  readonly database: Database;
  readonly program: ProgramId;
  readonly stream: string;
  readonly body: Stream;
  readonly audience: Audience;
  readonly transport: Transport;
  /** Names the process. */
  readonly worker: string;
  readonly clock: () => Instant;
  /** From 0 to 1: for what is not to happen to all at once. */
  readonly random: () => number;
}

/** How long a stream is its worker's after each sign of life. */
export const LEASE_MS = 10_000;

/** What a round comes to: the standing to go on with; null: the stream is not this worker's any more, or is disabled. */
export type AfterRound = StreamStanding | null;

/** What is to be written down besides what was sent. */
export interface Advance {
  readonly position: number;
  readonly snapshot: StreamStanding['snapshot'];
  /** Looked at again then, if nothing else says otherwise. */
  readonly next_at: Instant;
}

const standingAfter = (standing: StreamStanding, advance: Advance, sent: Sent, work: StreamWork): Progress => {
  const now = work.clock();
  if (sent.delivered > 0) return { ...advance, failing_since: null, failures: 0 };
  if (sent.failed === 0) return { ...advance, failing_since: standing.failing_since, failures: standing.failures };
  const failing_since = standing.failing_since ?? now;
  if (!sent.stopped) return { ...advance, failing_since, failures: standing.failures };
  const failures = standing.failures + 1;
  return { ...advance, failing_since, failures, next_at: nextLook(failures, now, work.random(), sent.retryAfterMs) };
};

/** Writes down what became of items; of those that were tried before, the row goes when they are delivered. */
const saveItems = async (tx: Tx, work: StreamWork, sent: Sent, retried: boolean): Promise<{ died: boolean }> => {
  const { program, stream } = work;
  const now = work.clock();
  const done: Item[] = [];
  const rows = [...sent.fates].flatMap(([item, fate]) => {
    if (fate.kind !== 'delivered') return rowOf(item, fate, now, work.random());
    done.push(item);
    return [];
  });
  if (rows.length > 0) await saveDeliveries(tx, program, stream, rows);
  if (sent.attempts.length > 0) await insertAttempts(tx, program, stream, sent.attempts);
  const keys = done.map(({ key }) => key);
  if (retried && keys.length > 0) await deleteDeliveries(tx, program, stream, keys);
  const dead = rows.filter(({ status }) => status === 'dead');
  const freed = [...(retried ? keys : []), ...dead].map(({ member }) => member);
  if (freed.length > 0) await releaseHeld(tx, program, stream, freed, now);
  return { died: dead.length > 0 };
};

/** Whether the stream goes back to where it was, as its events stay together. What would fail for ever is passed over. */
const isSentAgain = ({ together }: Transport, { fates }: Sent): boolean =>
  together &&
  [...fates.values()].some((fate) => fate.kind !== 'delivered' && !(fate.kind === 'failed' && fate.outcome.final));

/** Sends items and writes down, in one transaction, what became of them and how far the stream has come. */
export const sendAndSave = async (
  work: StreamWork,
  standing: StreamStanding,
  items: readonly Item[],
  advance: Advance,
  retried: boolean,
): Promise<AfterRound> => {
  const { database, program, stream, worker } = work;
  const transport = retried ? { ...work.transport, maxEvents: 1 } : work.transport;
  const sent = await sendItems(transport, items, work.clock);
  const again = !retried && isSentAgain(work.transport, sent);
  const { position, snapshot } = standing;
  const progress = standingAfter(standing, again ? { ...advance, position, snapshot } : advance, sent, work);
  const kept = await database.relay(program, async (tx) => {
    const now = work.clock();
    if (!(await saveProgress(tx, program, stream, worker, progress, now + LEASE_MS))) return false;
    const { died } = await saveItems(tx, work, again ? { ...sent, fates: new Map() } : sent, retried);
    // The receiver is back: what failed meanwhile is not left to its own schedule.
    if (sent.delivered > 0 && standing.failures > 0) await hurryDeliveries(tx, program, stream, now);
    const { failing_since } = progress;
    const hopeless = (died || again) && failing_since !== null && now - failing_since >= SCHEDULE_MS;
    if (sent.gone || hopeless) {
      await disableStream(tx, program, stream, sent.gone ? 'gone' : 'failing', now);
      return false;
    }
    return true;
  });
  return kept ? { ...standing, ...progress } : null;
};
