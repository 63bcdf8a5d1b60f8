import type { Static } from 'typebox';
import { activityEvents } from './events/activity.ts';
import type { EventSchema } from './events/event-schema.ts';
import { memberEvents } from './events/member.ts';
import { pointsEvents } from './events/points.ts';
import { programEvents } from './events/program.ts';
import { purchaseEvents } from './events/purchase.ts';
import { rewardEvents } from './events/rewards.ts';
import { statusEvents } from './events/status.ts';

/** Every event there is, with what it says: a new type is a line in one of these. */
export const eventCatalogue = {
  ...memberEvents,
  ...purchaseEvents,
  ...pointsEvents,
  ...statusEvents,
  ...rewardEvents,
  ...activityEvents,
  ...programEvents,
};

export type EventType = keyof typeof eventCatalogue;
export const EVENT_TYPES = Object.keys(eventCatalogue) as EventType[];

/** Of the program itself; all others are a member's. */
export type ProgramEventType = keyof typeof programEvents;
export type MemberEventType = Exclude<EventType, ProgramEventType>;

/** As it is told. */
export type EventData<T extends EventType> = Static<(typeof eventCatalogue)[T]['data']>;

/** As it is decided and stored: ledger entries go by their number. */
export type DecidedData<T extends EventType> = {
  readonly [K in keyof EventData<T>]: K extends 'entry'
    ? null extends EventData<T>[K]
      ? number | null
      : number
    : EventData<T>[K];
};

export const eventSchemaOf = (type: EventType): EventSchema => eventCatalogue[type];
