import type { WebhookDestination } from '../model/stream-destination.ts';
import type { StreamPlace } from '../rules/templates/scope.ts';
import { CLOUD_EVENT_BATCH_TYPE, CLOUD_EVENT_TYPE, cloudEvent } from './cloud-events.ts';
import { type Body, templateBodies } from './template-body.ts';
import type { Message } from './transport.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Several as one message of Standard Webhooks: a type of its own, and the time of the last. */
const several = ({ events }: Message) => ({ type: 'events', timestamp: events.at(-1)?.timestamp, data: { events } });

/** How a stream writes the bodies of its messages: by its template, or as its format says. Throws where a template fails. */
export const webhookBodies = (destination: WebhookDestination, place: StreamPlace): ((message: Message) => Body) => {
  const templated = templateBodies(destination, place);
  if (templated !== null) return ({ events }) => templated(events);
  const single = destination.batch.max_events === 1;
  if (destination.format === 'standard')
    return (message) => ({
      body: JSON.stringify(single ? message.events[0] : several(message)),
      contentType: JSON_TYPE,
    });
  return ({ events }) => {
    const told = events.map((event) => cloudEvent(event, place.program.code));
    return single
      ? { body: JSON.stringify(told[0]), contentType: CLOUD_EVENT_TYPE }
      : { body: JSON.stringify(told), contentType: CLOUD_EVENT_BATCH_TYPE };
  };
};
