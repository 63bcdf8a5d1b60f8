import type { StreamedEvent } from '../model/streamed-event.ts';

/*
 * CloudEvents 1.0 in structured mode: an event by itself, or several as a batch. What CloudEvents has no word for are
 * extension attributes, whose names have only small letters and digits.
 */

export const CLOUD_EVENT_TYPE = 'application/cloudevents+json; charset=utf-8';
export const CLOUD_EVENT_BATCH_TYPE = 'application/cloudevents-batch+json; charset=utf-8';

/** An event as a CloudEvent. `source` names the program: with the id it is unique. */
export const cloudEvent = (event: StreamedEvent, program: string) => ({
  specversion: '1.0',
  id: event.id,
  source: `/programs/${program}`,
  type: event.type,
  time: event.timestamp,
  datacontenttype: 'application/json',
  ...(event.member === null ? {} : { subject: event.member }),
  // As text: integers of CloudEvents end at 2^31.
  ...(event.number === null ? {} : { number: String(event.number) }),
  position: String(event.position),
  recordedat: event.recorded_at,
  data: event.fields === undefined ? event.data : { ...event.data, fields: event.fields },
});
