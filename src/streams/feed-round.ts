import type { NumberedEvent } from '../model/event.ts';
import type { MemberId } from '../model/ids.ts';
import { addDeliveries, membersHeld } from '../store/deliveries.ts';
import { loadFeed } from '../store/event-feed.ts';
import { readFeed } from '../store/events.ts';
import { overtakenIn } from '../store/segment-members.ts';
import type { StreamStanding } from '../store/stream-standings.ts';
import { rowOf } from './fates.ts';
import type { Item } from './send-items.ts';
import { type AfterRound, type StreamWork, sendAndSave } from './stream-work.ts';

/** Of the program: no member has this number. */
const PROGRAM = 0 as MemberId;

/** Events sent in one round, or messages of several. What is sent and not written down yet is sent again after a crash. */
const AT_ONCE = 64;
const MESSAGES_AT_ONCE = 8;
const EVENTS_MAX = 1_000;
/** Positions looked at in one round: where a stream wants few, it passes quickly over the others. */
const LOOKED_AT = 10_000;

const keyOf = ({ member, position }: NumberedEvent) =>
  member === null ? { member: PROGRAM, number: position } : { member: member.member_id, number: member.number };

/** What the stream wants of the next events, and up to where that is. */
const nextWanted = async (
  { database, program, audience, transport }: StreamWork,
  { position, failures }: StreamStanding,
) => {
  const several = transport.maxEvents > 1 ? Math.min(EVENTS_MAX, MESSAGES_AT_ONCE * transport.maxEvents) : AT_ONCE;
  // While the receiver as a whole fails, one finds out whether it still does.
  const limit = transport.together ? transport.maxEvents : failures > 0 ? 1 : several;
  const { events, last } = await database.relay(program, async (tx) => {
    const { last_position } = await loadFeed(tx, program);
    const range = { after: position, to: Math.min(last_position, position + LOOKED_AT), types: audience.types };
    const found = range.to <= position ? [] : await readFeed(tx, program, range, limit);
    return { events: found, last: last_position };
  });
  const upTo = events.length === limit ? events.at(-1)?.position : null;
  return { events: events.filter(audience.wants), upTo: upTo ?? Math.min(last, position + LOOKED_AT), last };
};

/** Without what the telling of the segment's members has overtaken: the member has entered again since, and that is told. */
const notOvertaken = async (
  { database, program, body }: StreamWork,
  { snapshot_to }: StreamStanding,
  events: readonly NumberedEvent[],
): Promise<readonly NumberedEvent[]> => {
  const early = events.filter(({ position }) => position <= snapshot_to).map(keyOf);
  if (early.length === 0 || body.segment === null) return events;
  const { segment } = body;
  const overtaken = await database.relay(program, (tx) => overtakenIn(tx, program, segment, early));
  const gone = new Set(overtaken.map(({ member, number }) => `${member}:${number}`));
  return events.filter((event) => {
    const { member, number } = keyOf(event);
    return event.position > snapshot_to || !gone.has(`${member}:${number}`);
  });
};

const itemsOf = async (work: StreamWork, events: readonly NumberedEvent[]): Promise<Item[]> => {
  const told = await work.audience.tell(events);
  const now = work.clock();
  return events.flatMap((of, index): Item[] => {
    const event = told[index] ?? null;
    if (event === null) return [];
    return [{ key: keyOf(of), position: of.position, since: null, event, attempts: 0, created_at: now }];
  });
};

/**
 * Whether a message waits for more to come; then until when. It waits since its first event was recorded, whoever works
 * on the stream and however often that begins anew. A sandbox can be ahead.
 */
const waitsUntil = (work: StreamWork, items: readonly Item[], last: number, upTo: number): number | null => {
  const { maxEvents, maxWaitMs } = work.transport;
  const [first] = items;
  if (first === undefined || maxWaitMs === 0 || items.length >= maxEvents || upTo < last) return null;
  const now = work.clock();
  const until = Math.min(now, Date.parse(first.event.recorded_at)) + maxWaitMs;
  return until > now ? until : null;
};

/** What came of a round: the standing, until when it is better to wait, and whether the feed goes on at once. */
interface FeedRound {
  readonly after: AfterRound;
  readonly waitUntil: number | null;
  readonly more: boolean;
}

/**
 * Sends the next events of the feed, as many as go in one round. `waited` says that they have waited long enough for
 * others. Of a member for whom something is not delivered, what comes is held behind it.
 */
export const feedRound = async (work: StreamWork, standing: StreamStanding, waited: boolean): Promise<FeedRound> => {
  const { database, program, stream, clock } = work;
  const { events, upTo, last } = await nextWanted(work, standing);
  if (upTo <= standing.position) return { after: standing, waitUntil: null, more: false };
  const items = await itemsOf(work, await notOvertaken(work, standing, events));
  const waitUntil = waited ? null : waitsUntil(work, items, last, upTo);
  if (waitUntil !== null) return { after: standing, waitUntil, more: false };
  const members = [...new Set(items.map(({ key }) => key.member))];
  const held =
    members.length === 0 ? new Set() : await database.relay(program, (tx) => membersHeld(tx, program, stream, members));
  const behind = items.filter(({ key }) => held.has(key.member));
  const now = clock();
  // Written before the position moves on: sent twice rather than not at all.
  if (behind.length > 0)
    await database.relay(program, (tx) =>
      addDeliveries(
        tx,
        program,
        stream,
        behind.map((item) => rowOf(item, { kind: 'held' }, now, 0)),
      ),
    );
  const free = items.filter(({ key }) => !held.has(key.member));
  const advance = { position: upTo, snapshot: standing.snapshot, next_at: now };
  const after = await sendAndSave(work, standing, free, advance, false);
  return { after, waitUntil: null, more: upTo < last };
};
