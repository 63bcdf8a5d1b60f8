import type { StreamedEvent } from '../../model/streamed-event.ts';

/* What templates see: the words of docs/streams.md. */

/** Which stream of which program. */
export interface StreamPlace {
  readonly program: {
    readonly code: string;
    readonly name: string;
    readonly currency: string;
    readonly time_zone: string;
    readonly locale: string;
  };
  readonly stream: { readonly code: string; readonly name: string };
}

export type Scope = Readonly<Record<string, unknown>>;

const memberOf = ({ member, fields }: StreamedEvent): Scope | null =>
  member === null ? null : { ...fields, id: member };

/** Of one event. */
export const eventScope = (place: StreamPlace, event: StreamedEvent): Scope => ({
  ...place,
  event,
  events: [event],
  member: memberOf(event),
});

/** Of a batch: each of its events has its member and the fields asked for. */
export const batchScope = (place: StreamPlace, events: readonly StreamedEvent[]): Scope => ({ ...place, events });

/** A file that is about to be written. */
export interface FileFacts {
  /** The same when the file is sent again, and of no other. */
  readonly id: string;
  /** When its last event was recorded, in UTC: `2026-03-01` and `093000`. */
  readonly date: string;
  readonly time: string;
  /** Positions of its first and last event, and how many events it has. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** Of the name of a file. */
export const fileScope = (place: StreamPlace, file: FileFacts): Scope => ({ ...place, file });
