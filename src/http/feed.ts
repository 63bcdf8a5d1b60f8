import type { EventView } from '../model/event.ts';
import type { EventType } from '../model/event-catalogue.ts';
import type { ProgramId } from '../model/ids.ts';
import { eventView } from '../rules/event-view.ts';
import { loadFeed } from '../store/event-feed.ts';
import { readFeed } from '../store/events.ts';
import { cursorAt, largePositionOf } from './paging.ts';
import { ProblemError } from './problem-error.ts';
import type { Services } from './services.ts';

/** Events of a page of the feed, at most. */
export const FEED_PAGE = 1_000;
/** Positions looked at for one page: where a filter leaves little, a page can be short although more follows. */
const SCANNED = 10_000;

const listOf = (program: ProgramId) => ['events', program];

/** A cursor of the feed. It does not depend on filters: a position is the same for everybody. */
export const feedCursor = (program: ProgramId, position: number): string => cursorAt(listOf(program), `${position}`);

/** The position in a cursor of the feed; null without one. */
export const feedPosition = (program: ProgramId, cursor: string | undefined): number | null =>
  largePositionOf(listOf(program), cursor);

export interface FeedPage {
  readonly events: EventView[];
  /** Up to where the feed was read. */
  readonly position: number;
  readonly hasMore: boolean;
}

export interface FeedQuery {
  /** After this position. Null: from the oldest that is kept. */
  readonly after: number | null;
  readonly limit: number;
  readonly types: readonly EventType[] | null;
}

/** The next events after a position, and how far the feed was read for them: as of one moment. Throws `cursor_expired`. */
export const readFeedPage = async (
  { database }: Services,
  program: ProgramId,
  { after, limit, types }: FeedQuery,
): Promise<FeedPage> => {
  const from = after ?? (await database.read(program, (db) => loadFeed(db, program))).dropped_position;
  const range = { after: from, to: from + SCANNED, types };
  const [{ last_position, dropped_position }, found] = await database.read(program, (db) =>
    Promise.all([loadFeed(db, program), readFeed(db, program, range, limit)]),
  );
  if (from < dropped_position)
    throw new ProblemError('cursor_expired', `events up to position ${dropped_position} are not kept any more`);
  const to = Math.max(from, Math.min(last_position, range.to));
  const position = found.length < limit ? to : (found.at(-1)?.position ?? to);
  return { events: found.map(eventView), position, hasMore: position < last_position };
};

/** The last position there is: what comes after it is new. */
export const lastPosition = async ({ database }: Services, program: ProgramId): Promise<number> =>
  (await database.read(program, (db) => loadFeed(db, program))).last_position;
