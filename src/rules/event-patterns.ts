import { EVENT_TYPES, type EventType } from '../model/event-catalogue.ts';
import type { Stream } from '../model/stream.ts';

/** Whether a type of event is one of those that a stream's patterns stand for: a type, all of a kind (`points.*`), or all. */
export const matchesPattern = (patterns: readonly string[], type: string): boolean =>
  patterns.some(
    (pattern) =>
      pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))),
  );

/** What a stream of a segment tells. */
export const SEGMENT_EVENTS: readonly EventType[] = ['segment.entered', 'segment.left'];

/** The types of event that a stream tells. */
export const eventTypesOf = ({ events, segment }: Pick<Stream, 'events' | 'segment'>): EventType[] =>
  (segment === null ? EVENT_TYPES : SEGMENT_EVENTS).filter((type) => matchesPattern(events, type));
