import { type Static, Type } from 'typebox';
import { closed, named, nullable, ref } from './schema.ts';
import { Stream } from './stream.ts';

export const PreviewStream = named(
  'PreviewStream',
  closed(
    {
      type: Type.Optional(
        Type.String({
          maxLength: 64,
          description: 'A type of event that the stream tells. Absent: the first of them.',
        }),
      ),
      stream: Type.Optional(ref(Stream)),
    },
    { description: 'What to try: a type of event, and a stream that is not saved yet.', examples: [{}] },
  ),
);
export type PreviewStream = Static<typeof PreviewStream>;

const ofEmail = (description: string) => nullable(Type.String({ description }), { description });

export const StreamPreview = named(
  'StreamPreview',
  Type.Object(
    {
      type: Type.String({ description: 'The type of event.', examples: ['tier.upgraded'] }),
      method: nullable(Type.String({ description: '`POST` or `PUT`.' }), {
        description: 'Null: it is sent by e-mail.',
      }),
      url: nullable(Type.String({ description: 'Where it is sent to.' }), {
        description: 'Null: it is sent by e-mail.',
      }),
      content_type: Type.String({ description: 'What the body is.', examples: ['application/json; charset=utf-8'] }),
      body: nullable(Type.String({ description: 'What is sent.' }), {
        description:
          'What is sent: of a file what is in it, uncompressed; of an e-mail its plain text. Null: nothing is, as there is no template for the event.',
      }),
      subject: ofEmail('Of an e-mail: its subject. Null otherwise.'),
      html: ofEmail('Of an e-mail: its HTML part. Null otherwise, or without.'),
      unsubscribe_url: ofEmail('Of an e-mail: where one unsubscribes. Null otherwise.'),
    },
    {
      description: 'What a stream would send.',
      examples: [
        {
          type: 'tier.upgraded',
          method: 'POST',
          url: 'https://hooks.shop.example/loyalty',
          content_type: 'application/json; charset=utf-8',
          body: '{"type":"tier.upgraded"}',
          subject: null,
          html: null,
          unsubscribe_url: null,
        },
      ],
    },
  ),
);
export type StreamPreview = Static<typeof StreamPreview>;
