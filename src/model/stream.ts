import { type Static, Type } from 'typebox';
import { type Condition, ConditionSchema } from './condition.ts';
import { limits } from './limits.ts';
import { resourceView } from './resource.ts';
import { defaulted, named, nullable, ref } from './schema.ts';
import { StreamDestination } from './stream-destination.ts';
import { code, text } from './text.ts';

/** What a stream may ask for of a member by name; attributes and consents go by their code besides. */
export const STREAM_FIELDS = [
  'status',
  'enrolled_at',
  'given_name',
  'family_name',
  'birth_date',
  'language',
  'country',
  'email',
  'phone',
  'card',
  'crm',
  'tiers',
  'segments',
  'balances',
  'referral_code',
] as const;
export type StreamField = (typeof STREAM_FIELDS)[number];

const example = {
  name: 'Status to the CRM',
  destination: {
    type: 'webhook',
    url: 'https://hooks.shop.example/loyalty',
    format: 'standard',
    body: null,
    content_type: 'application/json',
    headers: {},
    secret_headers: ['authorization'],
    batch: { max_events: 1, max_seconds: 0 },
  },
  events: ['tier.*', 'points.expiring'],
  segment: null,
  only_in_segment: null,
  condition: null,
  fields: ['tiers', 'balances'],
  backfill: false,
};

export const Stream = named(
  'Stream',
  defaulted(
    {
      name: text(limits.textLength, 'Name shown to people.', 'Status to the CRM'),
      destination: StreamDestination,
      events: Type.Array(
        Type.String({
          pattern: '^(\\*|[a-z_]+\\.(\\*|[a-z_]+))$',
          maxLength: limits.codeLength,
          description: 'A type of event, all of a kind, or all.',
          examples: ['tier.*'],
        }),
        {
          minItems: 1,
          maxItems: limits.patternsPerStream,
          uniqueItems: true,
          default: ['*'],
          description: 'Which events: `tier.upgraded`, `points.*`, `*`.',
        },
      ),
      segment: nullable(code('The segment.', 'gold-members'), {
        default: null,
        description:
          'The stream is of this segment: it begins by telling who is in it, as `segment.entered` marked `backfill`, and goes on with who enters and leaves it. Null: of all events.',
      }),
      only_in_segment: nullable(code('The segment.', 'newsletter-readers'), {
        default: null,
        description: 'Only events of members who are in this segment when they are sent. Null: of everybody.',
      }),
      condition: nullable(Type.Unsafe<Condition>(ref(ConditionSchema)), {
        default: null,
        description:
          'Only events of members for whom this is true when they are sent; none of the program’s own. Null: of everybody.',
      }),
      fields: Type.Array(
        Type.String({
          pattern: '^([a-z_]+|(attributes|consents)\\.[a-z][a-z0-9_-]{0,63})$',
          description: `One of ${STREAM_FIELDS.join(', ')}, or \`attributes.\` or \`consents.\` and a code.`,
          examples: ['tiers'],
        }),
        {
          maxItems: limits.fieldsPerStream,
          uniqueItems: true,
          default: [],
          description:
            'What is told of the member with each event, as it is at sending. Nothing else of a person leaves by the stream; names and addresses are there only when they are asked for.',
        },
      ),
      backfill: Type.Boolean({
        default: false,
        description:
          'Whether events marked `backfill` are sent, too: what an edit of tiers and segments changed for those who were there before.',
      }),
    },
    { description: 'A destination that receives events.', examples: [example] },
  ),
);
export type Stream = Static<typeof Stream>;

export const StreamResource = named(
  'StreamResource',
  resourceView(
    {
      ...Stream.properties,
      condition_text: nullable(Type.String({ description: 'The condition in its text form.' })),
    },
    'A stream as it is configured.',
    'status-to-crm',
    { ...example, condition_text: null },
  ),
);
