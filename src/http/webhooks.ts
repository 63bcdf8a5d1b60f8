import { eventSchemas } from '../model/event.ts';
import { EVENT_TYPES, eventCatalogue } from '../model/event-catalogue.ts';

const header = (name: string, description: string, example: string) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
  example,
});

const parameters = [
  header('webhook-id', 'Id of the message, the same whenever it is sent again.', 'evt_2s_5'),
  header('webhook-timestamp', 'When this attempt was made, in seconds since 1970.', '1772357400'),
  header(
    'webhook-signature',
    'Standard Webhooks: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`; one for each secret in use, with spaces between.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
];

/** What a webhook stream sends, as OpenAPI says it: one entry for each type of event. */
export const webhooks = Object.fromEntries(
  EVENT_TYPES.map((type) => [
    type,
    {
      post: {
        operationId: `on_${type.replace('.', '_')}`,
        tags: ['events'],
        security: [],
        summary: type,
        description: eventCatalogue[type].description,
        parameters,
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: `#/components/schemas/${eventSchemas[type].$id}` } } },
        },
        responses: {
          '2XX': { description: 'Received. Anything else, a redirection too, is a failure and is tried again.' },
          '410': { description: 'The receiver is gone: the stream is disabled.' },
        },
      },
    },
  ]),
);
