import { Type } from 'typebox';
import { InstantText } from './instant.ts';
import { named, nullable, openEnum } from './schema.ts';

export const DELIVERY_STATUSES = ['failing', 'held', 'dead'] as const;

/** An event that a stream has not delivered. */
export const Delivery = named(
  'Delivery',
  Type.Object(
    {
      event: Type.String({ description: 'Id of the event.', examples: ['evt_2s_5'] }),
      position: nullable(Type.Integer(), {
        description: 'Its position in the feed. Null: the stream was telling who is in its segment.',
      }),
      status: openEnum(DELIVERY_STATUSES, 'Tried again; waiting behind another event of the same member; given up.'),
      attempts: Type.Integer({ minimum: 0, description: 'Attempts so far.' }),
      next_attempt_at: nullable(InstantText('When it is tried again.'), {
        description: 'When it is tried again. Null: not by itself.',
      }),
      last_error: nullable(Type.String(), {
        description:
          'What the last attempt failed of: `refused` (the receiver answered, but not with 2xx), `timed_out`, `connection_failed` … Null: none was made.',
      }),
      created_at: InstantText('When it failed first, or was held.'),
    },
    {
      description: 'An event that a stream has not delivered. What was delivered has none.',
      examples: [
        {
          event: 'evt_2s_5',
          position: 4711,
          status: 'failing',
          attempts: 2,
          next_attempt_at: '2026-03-01T09:35:05.000Z',
          last_error: 'refused',
          created_at: '2026-03-01T09:30:00.000Z',
        },
      ],
    },
  ),
);

/** A message that was sent, or tried. */
export const DeliveryAttempt = named(
  'DeliveryAttempt',
  Type.Object(
    {
      message: Type.String({ description: 'Id of the message, the `webhook-id`.', examples: ['evt_2s_5'] }),
      events: Type.Integer({ minimum: 1, description: 'How many events were in it.' }),
      first_position: nullable(Type.Integer(), {
        description: 'Position of the first. Null: it told who is in the segment.',
      }),
      last_position: nullable(Type.Integer(), { description: 'Position of the last.' }),
      at: InstantText('When.'),
      status: nullable(Type.Integer(), { description: 'Status of the answer. Null: there was none.', examples: [204] }),
      error: nullable(Type.String(), { description: 'What it failed of. Null: delivered.' }),
      duration_ms: Type.Integer({ minimum: 0, description: 'How long it took, in milliseconds.' }),
    },
    {
      description: 'A message that was sent, and what came of it.',
      examples: [
        {
          message: 'evt_2s_5',
          events: 1,
          first_position: 4711,
          last_position: 4711,
          at: '2026-03-01T09:30:00.000Z',
          status: 204,
          error: null,
          duration_ms: 12,
        },
      ],
    },
  ),
);
