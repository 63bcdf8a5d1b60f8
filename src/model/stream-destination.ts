import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { closed, defaulted, named, nullable, ref } from './schema.ts';
import { template } from './stream-template.ts';
import { code, text } from './text.ts';

/** The form of an HTTP header's name, in small letters. */
const HEADER_NAME = "^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$";

const url = (description: string, example: string) =>
  Type.String({
    minLength: 1,
    maxLength: 2_000,
    description: `${description} https, port 443 or 8443, a host of the public internet, or one that the operator allows.`,
    examples: [example],
  });

const headers = Type.Record(
  Type.String({ pattern: HEADER_NAME }),
  Type.String({ maxLength: limits.noteLength, pattern: '^[!-~]([ -~]*[!-~])?$', description: 'Its value.' }),
  {
    additionalProperties: false,
    maxProperties: limits.headersPerStream,
    default: {},
    description:
      'Headers to add, names in small letters. Everybody who reads the configuration sees them: what is secret is a secret header.',
  },
);

const secretHeaders = Type.Array(
  Type.String({ pattern: HEADER_NAME, description: 'Name of a header.', examples: ['authorization'] }),
  {
    uniqueItems: true,
    maxItems: limits.headersPerStream,
    default: [],
    description: 'Names, in small letters, of headers whose values are kept apart from the configuration.',
  },
);

export const WEBHOOK_FORMATS = ['standard', 'cloudevents'] as const;
export const WEBHOOK_CONTENT_TYPES = ['application/json', 'application/x-www-form-urlencoded'] as const;

export const StreamBatch = defaulted(
  {
    max_events: Type.Integer({
      minimum: 1,
      maximum: limits.eventsPerMessage,
      default: 1,
      description: 'So many events in a message at most. 1: each by itself.',
    }),
    max_seconds: Type.Integer({
      minimum: 0,
      maximum: 3_600,
      default: 0,
      description: 'How long events wait for others to come. 0: what is there is sent at once.',
    }),
  },
  {
    description: 'How many events go into one message.',
    default: {},
    examples: [{ max_events: 100, max_seconds: 10 }],
  },
);
export type StreamBatch = Static<typeof StreamBatch>;

export const WebhookDestination = named(
  'WebhookDestination',
  defaulted(
    {
      type: Type.Enum(['webhook']),
      url: url('Where to POST to.', 'https://hooks.shop.example/loyalty'),
      format: Type.Enum([...WEBHOOK_FORMATS], {
        default: 'standard',
        description:
          'What is sent where `body` is null: `standard`, the event as the feed tells it; `cloudevents`, CloudEvents 1.0 in structured mode. Signed as Standard Webhooks say in both.',
      }),
      body: nullable(template('The body in the shape that the receiver wants.', '{"id": {{ event.id }}}'), {
        default: null,
        description: 'A template. Null: as `format` says.',
      }),
      content_type: Type.Enum([...WEBHOOK_CONTENT_TYPES], {
        default: 'application/json',
        description: 'What `body` is. It decides how values are written into it.',
      }),
      headers,
      secret_headers: secretHeaders,
      batch: StreamBatch,
    },
    { description: 'Events are sent to a URL.' },
  ),
);
export type WebhookDestination = Static<typeof WebhookDestination>;

const address = (description: string, example: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9.!#$%&*+/=?^_{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$',
    maxLength: 320,
    description,
    examples: [example],
  });

/** BCP 47, as far as a language and a region: what a member's language is. */
const LOCALE = '^[a-z]{2,3}(-[A-Z]{2})?$';

export const EmailTemplate = defaulted(
  {
    subject: template('The subject, one line.', '{{ event.data.points }} points pour vous', limits.noteLength),
    text: template('The plain text.', 'Bonjour {{ member.given_name }}'),
    html: nullable(template('The same as HTML.', '<p>Bonjour {{ member.given_name }}</p>'), {
      default: null,
      description: 'Null: plain text alone.',
    }),
  },
  { description: 'A message in one language.' },
);
export type EmailTemplate = Static<typeof EmailTemplate>;

export const EmailDestination = named(
  'EmailDestination',
  defaulted(
    {
      type: Type.Enum(['email']),
      from: closed(
        {
          name: text(limits.textLength, 'Who writes, as shown to people.', 'The Shop'),
          address: address('The address.', 'club@shop.example'),
        },
        { description: 'Who writes.' },
      ),
      reply_to: nullable(address('Where answers go.', 'service@shop.example'), {
        default: null,
        description: 'Null: to `from`.',
      }),
      consent: code('Purpose of the consent without which a member is not written to.', 'newsletter'),
      unsubscribe_url: template(
        'Where a member unsubscribes, by one click too (RFC 8058). https.',
        'https://shop.example/unsubscribe?member={{ member.id }}',
        2_000,
      ),
      default_locale: Type.String({
        pattern: LOCALE,
        description: 'Language of those for whose language there is no template.',
        examples: ['en'],
      }),
      templates: Type.Record(
        Type.String({ pattern: '^[a-z_]+\\.[a-z_]+$' }),
        Type.Record(Type.String({ pattern: LOCALE }), EmailTemplate, {
          additionalProperties: false,
          minProperties: 1,
          maxProperties: limits.localesPerReward,
          description: 'By language (BCP 47).',
        }),
        {
          additionalProperties: false,
          minProperties: 1,
          maxProperties: limits.patternsPerStream,
          description: 'By type of event. Of events without a template nothing is written.',
        },
      ),
    },
    { description: 'Members are written to by e-mail, over SMTP.' },
  ),
);
export type EmailDestination = Static<typeof EmailDestination>;

export const FILE_FORMATS = ['ndjson', 'csv'] as const;

/** A whole number of minutes, hours or days: files are made no more often than each minute. */
const EVERY = '^P(T[1-9][0-9]{0,3}[MH]|[1-9][0-9]?D)$';

export const FileDestination = named(
  'FileDestination',
  defaulted(
    {
      type: Type.Enum(['file']),
      url: url(
        'Where files are PUT to: the name is added to its path, the query is kept.',
        'https://storage.example/bucket/loyalty/',
      ),
      name: template('Name of a file, slashes included.', '{{ file.date }}/{{ file.id }}.ndjson', 1_000),
      format: Type.Enum([...FILE_FORMATS], { description: 'A line of JSON for each event, or a row of CSV.' }),
      row: nullable(template('A line, as JSON.', '{"id": {{ event.id }}}'), {
        default: null,
        description: 'With `ndjson`: a template of a line. Null: the event as the feed tells it.',
      }),
      columns: Type.Array(
        closed({
          name: text(limits.textLength, 'Name of the column, in the first line of a file.', 'points'),
          value: template('What stands in it.', '{{ event.data.points }}', limits.noteLength),
        }),
        { maxItems: limits.columnsPerFile, default: [], description: 'With `csv`: the columns, in this order.' },
      ),
      every: Type.String({
        pattern: EVERY,
        default: 'PT1H',
        description: 'How often a file is made of what came since the last. ISO 8601, one unit, `PT1M` at least.',
        examples: ['PT15M'],
      }),
      gzip: Type.Boolean({ default: false, description: 'Whether files are compressed.' }),
      headers,
      secret_headers: secretHeaders,
    },
    { description: 'Events are written into files, which are PUT to a URL: object stores take that.' },
  ),
);
export type FileDestination = Static<typeof FileDestination>;

export type StreamDestination = WebhookDestination | EmailDestination | FileDestination;

export const StreamDestination = Type.Unsafe<StreamDestination>({
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [ref(WebhookDestination), ref(EmailDestination), ref(FileDestination)],
  description: 'Where events go, and in what shape.',
});
