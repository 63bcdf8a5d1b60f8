import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { closed, named, nullable, openEnum } from './schema.ts';

export const STREAM_STATUSES = ['running', 'paused', 'disabled', 'archived'] as const;
export type StreamStatus = (typeof STREAM_STATUSES)[number];

const count = (description: string) => Type.Integer({ minimum: 0, description, examples: [0] });

/** How a stream stands, as the API shows it. */
export const StreamStandingView = named(
  'StreamStanding',
  Type.Object(
    {
      status: openEnum(STREAM_STATUSES, 'Whether it sends.'),
      because: nullable(openEnum(['gone', 'failing'], 'Why it was disabled.'), {
        description: 'Why it was disabled. Null: it is not.',
      }),
      position: Type.Integer({ description: 'Up to here the feed was sent, left out, or is a delivery.' }),
      behind: count('Events of the feed after that.'),
      telling_segment: Type.Boolean({ description: 'Whether it is still telling who is in its segment.' }),
      missing: Type.Array(
        Type.String({ description: '`secret`, or `secret_headers.` and a name.', examples: ['secret'] }),
        { description: 'What has to be made before anything is sent.' },
      ),
      failing: count('Deliveries that failed and are tried again.'),
      held: count('Deliveries that wait behind those, being of the same members.'),
      dead: count('Deliveries that were given up.'),
      failing_since: nullable(InstantText('Since when nothing was delivered although it was tried.'), {
        description: 'Since when nothing was delivered although it was tried. Null: it is not failing.',
      }),
      next_attempt_at: nullable(InstantText('When the next delivery is tried again.'), {
        description: 'When the next delivery is tried again. Null: none is to be.',
      }),
    },
    {
      description: 'How a stream stands.',
      examples: [
        {
          status: 'running',
          because: null,
          position: 4711,
          behind: 0,
          telling_segment: false,
          missing: [],
          failing: 0,
          held: 0,
          dead: 0,
          failing_since: null,
          next_attempt_at: null,
        },
      ],
    },
  ),
);
export type StreamStandingView = Static<typeof StreamStandingView>;

export const RotateSecret = named(
  'RotateStreamSecret',
  closed(
    {
      overlap_hours: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 168,
          default: 24,
          description: 'How long the secret before signs as well, so that the receiver may change at its own time.',
        }),
      ),
    },
    { description: 'A new secret, and how long the one before stays.', examples: [{ overlap_hours: 24 }] },
  ),
);
export type RotateSecret = Static<typeof RotateSecret>;

export const NewStreamSecret = named(
  'NewStreamSecret',
  Type.Object(
    {
      secret: Type.String({
        description: 'The secret, as libraries for Standard Webhooks take it. Shown once.',
        examples: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
      }),
      created_at: InstantText('When it was made: it signs from now on.'),
      previous_until: nullable(InstantText('Until when the secret before signs as well.'), {
        description: 'Until when the secret before signs as well. Null: there was none.',
      }),
    },
    {
      description: 'A secret that signs messages.',
      examples: [
        {
          secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
          created_at: '2026-03-01T09:30:00.000Z',
          previous_until: null,
        },
      ],
    },
  ),
);

export const PutSecretHeader = named(
  'PutSecretHeader',
  closed(
    {
      value: Type.String({
        pattern: '^[!-~]([ -~]*[!-~])?$',
        maxLength: 4_000,
        description: 'The value: visible ASCII. Kept, never shown.',
        examples: ['Bearer abc'],
      }),
    },
    { description: 'Value of a secret header.', examples: [{ value: 'Bearer abc' }] },
  ),
);

const position = (description: string) =>
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description, examples: [1] });

/** Which events to send again: one of these. */
export const ResendEvents = named(
  'ResendEvents',
  closed(
    {
      events: Type.Optional(
        Type.Array(
          Type.String({
            pattern: '^evt_[0-9a-z]{1,10}_[0-9a-z]{1,10}$',
            description: 'Id of an event.',
            examples: ['evt_2s_5'],
          }),
          { minItems: 1, maxItems: limits.resentAtOnce, uniqueItems: true, description: 'These events.' },
        ),
      ),
      positions: Type.Optional(
        closed(
          { from: position('The first.'), to: position(`The last: at most ${limits.resentAtOnce} in all.`) },
          { description: 'The events at these positions.' },
        ),
      ),
      dead: Type.Optional(
        Type.Literal(true, { description: `What was given up, the oldest ${limits.resentAtOnce} at most.` }),
      ),
    },
    {
      minProperties: 1,
      maxProperties: 1,
      description: 'Which events to send again: by their ids, by their positions, or those that were given up.',
      examples: [{ positions: { from: 1, to: 100 } }],
    },
  ),
);
export type ResendEvents = Static<typeof ResendEvents>;

export const ResendAnswer = named(
  'ResendAnswer',
  Type.Object(
    {
      events: Type.Integer({
        minimum: 0,
        description: 'How many events are sent again, as far as the stream wants them.',
      }),
    },
    { description: 'What is sent again.', examples: [{ events: 12 }] },
  ),
);

export const ReplayStream = named(
  'ReplayStream',
  closed(
    {
      from: Type.Optional(InstantText('From the first event that was numbered at this instant or later.')),
      position: Type.Optional(position('From the event at this position.')),
    },
    {
      minProperties: 1,
      maxProperties: 1,
      description: 'From where to send everything again.',
      examples: [{ from: '2026-03-01T00:00:00Z' }],
    },
  ),
);
export type ReplayStream = Static<typeof ReplayStream>;
