import type { Instant } from '../model/instant.ts';
import type { StreamedEvent } from '../model/streamed-event.ts';
import type { EventKey } from '../store/deliveries.ts';
import type { AttemptRow } from '../store/delivery-attempts.ts';
import type { Message, SendOutcome, Transport } from './transport.ts';

/** An event on its way. */
export interface Item {
  readonly key: EventKey;
  /** Null: told with the snapshot of a segment. */
  readonly position: number | null;
  /** Told with the snapshot: since when the member is in the segment. */
  readonly since: Instant | null;
  readonly event: StreamedEvent;
  /** Attempts so far. */
  readonly attempts: number;
  /** Since when it is not delivered. */
  readonly created_at: Instant;
}

/**
 * What became of an item: delivered; tried in vain; held, as an earlier one of its member was not delivered; or not
 * tried at all, as the receiver fails as a whole.
 */
export type Fate =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly outcome: SendOutcome }
  | { readonly kind: 'held' }
  | { readonly kind: 'unsent' };

export interface Sent {
  readonly fates: ReadonlyMap<Item, Fate>;
  readonly attempts: readonly AttemptRow[];
  readonly delivered: number;
  readonly failed: number;
  /** The receiver as a whole failed: what is left was not tried. */
  readonly stopped: boolean;
  readonly gone: boolean;
  readonly retryAfterMs: number | null;
}

/** After so many failures in a row it is the receiver that fails, whatever it says. */
const IN_A_ROW = 5;

const messageOf = (items: readonly Item[]): Message => {
  const [first, ...others] = items;
  if (first === undefined) throw new Error('a message has an event');
  const { id } = first.event;
  // Of several: named after the first and how many, which a message put together again after a crash may differ in.
  return {
    id: others.length === 0 ? id : `${id}_${items.length}`,
    events: [first.event, ...others.map(({ event }) => event)],
  };
};

const attemptRow = (message: Message, items: readonly Item[], at: Instant, outcome: SendOutcome): AttemptRow => {
  const positions = items.flatMap(({ position }) => position ?? []);
  return {
    message_id: message.id,
    first_position: positions[0] ?? null,
    last_position: positions.at(-1) ?? null,
    events: items.length,
    at,
    status: outcome.status,
    error: outcome.error,
    duration_ms: outcome.durationMs,
  };
};

/** Messages in lines: within a line one is sent after the other, and what follows a failure of its member is held. */
const linesOf = (items: readonly Item[], maxEvents: number): Item[][][] => {
  if (maxEvents === 1)
    return [...Map.groupBy(items, ({ key }) => key.member).values()].map((line) => line.map((item) => [item]));
  const messages: Item[][] = [];
  for (let from = 0; from < items.length; from += maxEvents) messages.push(items.slice(from, from + maxEvents));
  return messages.length === 0 ? [] : [messages];
};

/** Sends items, those of a member in their order, several messages at once. Ends early when the receiver as a whole fails. */
export const sendItems = async (transport: Transport, items: readonly Item[], clock: () => Instant): Promise<Sent> => {
  const fates = new Map<Item, Fate>();
  const attempts: AttemptRow[] = [];
  const heldMembers = new Set<number>();
  const totals = { delivered: 0, failed: 0, inARow: 0, stopped: false, gone: false };
  let retryAfterMs: number | null = null;

  const note = (message: readonly Item[], outcome: SendOutcome): void => {
    if (outcome.error === null) {
      totals.delivered += message.length;
      totals.inARow = 0;
      for (const item of message) fates.set(item, { kind: 'delivered' });
      return;
    }
    totals.failed += 1;
    totals.inARow += 1;
    retryAfterMs = outcome.retryAfterMs ?? retryAfterMs;
    if (outcome.gone) totals.gone = true;
    if (outcome.gone || totals.inARow >= IN_A_ROW || (outcome.wide && outcome.retryAfterMs !== null))
      totals.stopped = true;
    for (const item of message) {
      const { member } = item.key;
      fates.set(item, heldMembers.has(member) ? { kind: 'held' } : { kind: 'failed', outcome });
      // What will never be taken does not keep what follows.
      if (!outcome.final) heldMembers.add(member);
    }
  };

  const sendMessage = async (all: readonly Item[]): Promise<void> => {
    const free = all.filter(({ key }) => !heldMembers.has(key.member));
    for (const item of all) if (!free.includes(item)) fates.set(item, { kind: 'held' });
    if (free.length === 0) return;
    if (totals.stopped) {
      for (const item of free) {
        fates.set(item, heldMembers.has(item.key.member) ? { kind: 'held' } : { kind: 'unsent' });
        heldMembers.add(item.key.member);
      }
      return;
    }
    const message = messageOf(free);
    const at = clock();
    const outcome = await transport.send(message);
    attempts.push(attemptRow(message, free, at, outcome));
    note(free, outcome);
  };

  const lines = linesOf(items, transport.maxEvents);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let line = lines[next++]; line !== undefined; line = lines[next++])
      for (const message of line) await sendMessage(message);
  };
  await Promise.all(Array.from({ length: Math.min(transport.concurrency, lines.length) }, work));
  // All that was tried failed for a reason of the receiver's: no need to count to five.
  const wide =
    totals.delivered === 0 && [...fates.values()].some((fate) => fate.kind === 'failed' && fate.outcome.wide);
  return {
    fates,
    attempts,
    delivered: totals.delivered,
    failed: totals.failed,
    stopped: totals.stopped || wide,
    gone: totals.gone,
    retryAfterMs,
  };
};
