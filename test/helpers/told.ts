import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { eventSchemas } from '../../src/model/event.ts';
import { EVENT_TYPES } from '../../src/model/event-catalogue.ts';
import { numberOutbox } from '../../src/streams/number-events.ts';
import type { TestApp } from './app.ts';

/** An event as the feed tells it. */
export interface Told {
  id: string;
  type: string;
  position: number;
  member: string | null;
  number: number | null;
  data: Record<string, unknown>;
}

/** Does what the relay does, until every committed event is in the feed. */
export const numberAll = async ({ service, clock }: TestApp): Promise<void> => {
  while (await numberOutbox(service.services.database, clock.now));
};

/** Everything a reader gets who begins after a cursor and goes on until nothing more is there. */
export const readAll = async (
  app: TestApp,
  cursor: string | null,
  limit = 1_000,
): Promise<{ events: Told[]; cursor: string }> => {
  const events: Told[] = [];
  let next = cursor;
  for (;;) {
    const { body } = await app.request('GET', `/v1/events?limit=${limit}${next === null ? '' : `&cursor=${next}`}`);
    events.push(...body.data);
    next = body.next_cursor;
    if (!body.has_more) return { events, cursor: body.next_cursor };
  }
};

const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
const checks = new Map<string, ValidateFunction>(EVENT_TYPES.map((type) => [type, ajv.compile(eventSchemas[type])]));

/** What of events is not as the catalogue says. */
export const eventFaults = (events: readonly object[]): string[] =>
  events.flatMap((event) => {
    const { type } = event as Told;
    const check = checks.get(type);
    if (check === undefined) return [`${type} is not in the catalogue`];
    return check(event) ? [] : [`${type}: ${ajv.errorsText(check.errors)}`];
  });
