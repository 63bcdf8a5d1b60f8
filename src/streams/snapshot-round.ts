import type { NumberedEvent } from '../model/event.ts';
import type { MemberId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { listSegmentEntries } from '../store/segment-members.ts';
import { finishSnapshot, loadStanding, type StreamStanding } from '../store/stream-standings.ts';
import type { Item } from './send-items.ts';
import { type AfterRound, type StreamWork, sendAndSave } from './stream-work.ts';

/** Members told in one round. */
const AT_ONCE = 100;

interface Entry {
  readonly member: MemberId;
  readonly number: number;
  readonly external_id: string;
  readonly entered_at: Instant;
}

/** A member who is in the segment, as the event that told the entry: with its id, so that it is told once to who looks at ids. */
export const segmentTold = (segment: string, { member, number, external_id, entered_at }: Entry): NumberedEvent => ({
  position: 0,
  type: 'segment.entered',
  occurred_at: entered_at,
  recorded_at: entered_at,
  data: { segment, backfill: true },
  member: { member_id: member, external_id, number },
});

/** Tells some of those who are in the stream's segment. When all are told, the feed goes on from where it was. */
export const snapshotRound = async (work: StreamWork, standing: StreamStanding): Promise<AfterRound> => {
  const { database, program, stream, body, audience, clock, worker } = work;
  const { snapshot, position } = standing;
  if (snapshot === null || body.segment === null) return standing;
  const { segment } = body;
  const limit = standing.failures > 0 && !work.transport.together ? 1 : AT_ONCE;
  const entries = await database.relay(program, (tx) => listSegmentEntries(tx, program, segment, snapshot, limit));
  const told = await audience.tell(entries.map((entry) => segmentTold(segment, entry)));
  const now = clock();
  const items = entries.flatMap(({ member, number, entered_at }, index): Item[] => {
    const event = told[index] ?? null;
    if (event === null) return [];
    return [{ key: { member, number }, position: null, since: entered_at, event, attempts: 0, created_at: now }];
  });
  const last = entries.at(-1);
  const place = last === undefined ? snapshot : { shard: last.shard, member: last.member };
  const after = await sendAndSave(work, standing, items, { position, snapshot: place, next_at: now }, false);
  const again = after !== null && work.transport.together && after.failures > standing.failures;
  if (after === null || again || entries.length === limit) return after;
  return database.relay(program, async (tx) => {
    await finishSnapshot(tx, program, stream, worker);
    const found = await loadStanding(tx, program, stream);
    return found?.status === 'running' ? found : null;
  });
};
