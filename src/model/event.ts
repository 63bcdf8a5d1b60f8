import { type Static, Type } from 'typebox';
import {
  EVENT_TYPES,
  type EventType,
  eventCatalogue,
  type MemberEventType,
  type ProgramEventType,
} from './event-catalogue.ts';
import type { MemberId } from './ids.ts';
import { type Instant, InstantText } from './instant.ts';
import { named, nullable, openEnum } from './schema.ts';

/** A fact told to the outside. Thin: ids, points, codes; never personal data. `number` counts a member's events from 1. */
export interface Event {
  readonly number: number;
  readonly type: MemberEventType;
  readonly occurred_at: Instant;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** A fact about the program itself. */
export interface ProgramEvent {
  readonly type: ProgramEventType;
  readonly occurred_at: Instant;
  readonly data: Event['data'];
}

/** An event that was given its position in the program's feed. */
export interface NumberedEvent {
  readonly position: number;
  readonly type: EventType;
  readonly occurred_at: Instant;
  readonly recorded_at: Instant;
  readonly data: Event['data'];
  /** Null: of the program itself. */
  readonly member: {
    readonly member_id: MemberId;
    readonly external_id: string;
    readonly number: number;
  } | null;
}

const envelope = {
  id: Type.String({
    description: 'Id of the event. It comes again with the same id when it is sent again.',
    examples: ['evt_2s_5'],
  }),
  timestamp: InstantText('When it happened.'),
  recorded_at: InstantText('When the engine took it.'),
  position: Type.Integer({
    description: 'Where it stands in the program’s feed: from 1, without gaps. The same for everybody.',
    examples: [4711],
  }),
  member: nullable(Type.String({ description: 'The caller’s own id of the member.', examples: ['m-1001'] }), {
    description: 'The caller’s own id of the member, as it is now. Null: an event of the program.',
  }),
  number: nullable(Type.Integer({ description: 'Which of the member’s events it is.' }), {
    description: 'Which of the member’s events it is: from 1, without gaps. Null: an event of the program.',
  }),
};

const example = (type: EventType) => ({
  id: 'evt_2s_5',
  type,
  timestamp: '2026-03-01T09:30:00.000Z',
  recorded_at: '2026-03-01T09:30:00.120Z',
  position: 4711,
  member: 'm-1001',
  number: 5,
  data: eventCatalogue[type].example,
});

/** An event as it is told: by the feed, by streams. */
export const EventView = named(
  'Event',
  Type.Object(
    {
      ...envelope,
      type: openEnum(EVENT_TYPES, 'What happened.'),
      data: Type.Record(Type.String(), Type.Unknown(), {
        description: 'What it says: see the schema of its type under `webhooks`.',
      }),
    },
    { description: 'A fact that was committed.', examples: [example('points.earned')] },
  ),
);
export type EventView = Static<typeof EventView>;

const pascal = (type: string): string =>
  type.replace(/(^|[._])([a-z])/g, (_, _separator, letter) => letter.toUpperCase());

/** By type: the event with exactly its data, as a component. */
export const eventSchemas = Object.fromEntries(
  EVENT_TYPES.map((type) => [
    type,
    named(
      `${pascal(type)}Event`,
      Type.Object(
        { ...envelope, type: Type.Enum([type], { description: 'What happened.' }), data: eventCatalogue[type].data },
        { description: eventCatalogue[type].description, examples: [example(type)] },
      ),
    ),
  ]),
) as unknown as Readonly<Record<EventType, ReturnType<typeof named>>>;
