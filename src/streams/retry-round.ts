import type { NumberedEvent } from '../model/event.ts';
import { type DeliveryRow, deleteDeliveries, dueDeliveries, type EventKey, releaseHeld } from '../store/deliveries.ts';
import { findEvents } from '../store/events.ts';
import { findSegmentEntries } from '../store/segment-members.ts';
import type { StreamStanding } from '../store/stream-standings.ts';
import type { Item } from './send-items.ts';
import { segmentTold } from './snapshot-round.ts';
import { type AfterRound, type StreamWork, sendAndSave } from './stream-work.ts';

/** Deliveries tried again in one round. */
const AT_ONCE = 64;

const keyOf = ({ member, number }: EventKey): string => `${member}:${number}`;

/** The events that deliveries are of, by their keys. What is not kept any more, or over, is missing. */
const eventsOf = async (work: StreamWork, rows: readonly DeliveryRow[]): Promise<Map<string, NumberedEvent>> => {
  const { database, program, body } = work;
  const [kept, told] = [rows.filter(({ since }) => since === null), rows.filter(({ since }) => since !== null)];
  const found = await database.relay(program, async (tx) => ({
    events: kept.length === 0 ? [] : await findEvents(tx, program, kept),
    entries: told.length === 0 ? [] : await findSegmentEntries(tx, program, told),
  }));
  return new Map([
    ...found.events.map((event) => [eventKey(event), event] as const),
    ...found.entries.map((entry) => [keyOf(entry), segmentTold(body.segment ?? '', entry)] as const),
  ]);
};

const eventKey = ({ member, position }: NumberedEvent): string =>
  member === null ? `0:${position}` : `${member.member_id}:${member.number}`;

/**
 * Tries again what is due. While the receiver as a whole fails, one message finds out whether it still does. Null where
 * nothing is due.
 */
export const retryRound = async (
  work: StreamWork,
  standing: StreamStanding,
): Promise<{ readonly after: AfterRound } | null> => {
  const { database, program, stream, audience, clock } = work;
  const limit = standing.failures > 0 ? 1 : AT_ONCE;
  const rows = await database.relay(program, (tx) => dueDeliveries(tx, program, stream, clock(), limit));
  if (rows.length === 0) return null;
  const events = await eventsOf(work, rows);
  const found = rows.flatMap((row) => {
    const event = events.get(keyOf(row));
    return event === undefined || !audience.wants(event) ? [] : [{ row, event }];
  });
  const told = await audience.tell(found.map(({ event }) => event));
  const items = found.flatMap(({ row }, index): Item[] => {
    const event = told[index] ?? null;
    if (event === null) return [];
    const { member, number, position, since, attempts, created_at } = row;
    return [{ key: { member, number }, position, since, attempts, created_at, event }];
  });
  const sent = new Set(items.map(({ key }) => keyOf(key)));
  const over = rows.filter((row) => !sent.has(keyOf(row)));
  if (over.length > 0)
    await database.relay(program, async (tx) => {
      await deleteDeliveries(tx, program, stream, over);
      await releaseHeld(
        tx,
        program,
        stream,
        over.map(({ member }) => member),
        clock(),
      );
    });
  const { position, snapshot } = standing;
  return { after: await sendAndSave(work, standing, items, { position, snapshot, next_at: clock() }, true) };
};
