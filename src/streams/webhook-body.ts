import type { WebhookDestination } from '../model/stream-destination.ts';
import { CLOUD_EVENT_BATCH_TYPE, CLOUD_EVENT_TYPE, cloudEvent } from './cloud-events.ts';
import type { Message } from './transport.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Several as one message of Standard Webhooks: a type of its own, and the time of the last. */
const several = ({ events }: Message) => ({ type: 'events', timestamp: events.at(-1)?.timestamp, data: { events } });

/** The body of a message, as the stream's format says. */
export const webhookBody = (
  { format, batch }: WebhookDestination,
  message: Message,
  { program }: { readonly program: string },
): { readonly body: string; readonly contentType: string } | { readonly error: string } => {
  const single = batch.max_events === 1;
  if (format === 'cloudevents') {
    const events = message.events.map((event) => cloudEvent(event, program));
    return single
      ? { body: JSON.stringify(events[0]), contentType: CLOUD_EVENT_TYPE }
      : { body: JSON.stringify(events), contentType: CLOUD_EVENT_BATCH_TYPE };
  }
  return { body: JSON.stringify(single ? message.events[0] : several(message)), contentType: JSON_TYPE };
};
