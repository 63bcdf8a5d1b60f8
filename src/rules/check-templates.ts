import type { EventType } from '../model/event-catalogue.ts';
import type { Fault } from '../model/problem.ts';
import type { Stream } from '../model/stream.ts';
import type { EmailDestination, FileDestination, WebhookDestination } from '../model/stream-destination.ts';
import type { StreamedEvent } from '../model/streamed-event.ts';
import { eventTypesOf } from './event-patterns.ts';
import type { TemplateKind } from './templates/engines.ts';
import { asTexts, exampleEvent, examplePlace, isEventType, withoutFields } from './templates/examples.ts';
import { type Readable, readableEvent, readableFields, readablePlace, unreadable } from './templates/readable.ts';
import { batchScope, eventScope, fileScope, type Scope } from './templates/scope.ts';
import { parseTemplate, renderJson, type Template, TemplateFault, type TemplateLimits } from './templates/template.ts';

/*
 * The templates of a stream, by themselves: each is read, what it reads must be there, and it is filled in with an
 * example of every event that the stream tells: as it is, of a member about whom nothing is known, and with texts where
 * anything stands, as a value must not become anything but a value.
 */

/** Less than for sending: all examples together are to take no time. */
const CHECKING: TemplateLimits = { steps: 2_000, characters: 200_000, memory: 200_000 };

/** What is looked at in a rendered text; throws a TemplateFault. */
type Examine = (text: string) => void;

const nothing: Examine = () => {};

const must =
  (holds: (text: string) => boolean, otherwise: string): Examine =>
  (text) => {
    if (!holds(text)) throw new TemplateFault(otherwise);
  };

interface Placed {
  readonly pointer: string;
  readonly text: string;
  readonly kind: TemplateKind;
  readonly readable: Readable;
  readonly scopes: readonly Scope[];
  readonly examine?: Examine;
}

const QUOTES =
  'a template that gives JSON: values are written as JSON, with their quotes, so none stand around {{ … }}';

const rendered = (template: Template, scope: Scope): string =>
  template.kind === 'json' ? renderJson(template, scope, CHECKING) : template.render(scope, CHECKING);

const checkTemplate = ({ pointer, text, kind, readable, scopes, examine = nothing }: Placed): Fault[] => {
  let template: Template;
  try {
    template = parseTemplate(text, kind);
  } catch (error) {
    const detail = error instanceof TemplateFault ? error.message : 'it cannot be read';
    return [{ pointer, code: 'invalid_template', detail, expected: 'a template as in docs/streams.md' }];
  }
  const unknown = unreadable(template, readable, pointer);
  if (unknown.length > 0) return unknown;
  for (const scope of scopes) {
    try {
      examine(rendered(template, scope));
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error;
      const event = scope['event'] ?? '';
      const type = typeof event === 'object' && 'type' in event ? ` with ${event.type}` : '';
      const expected = kind === 'json' ? QUOTES : 'a template that can be filled in with every event of the stream';
      return [{ pointer, code: 'template_failed', detail: `${error.message}${type}`, expected }];
    }
  }
  return [];
};

/** An event in the ways it may come. */
const variants = (event: StreamedEvent): StreamedEvent[] => [event, withoutFields(event), asTexts(event)];

const examplesOf = (types: readonly EventType[], fields: readonly string[]): StreamedEvent[] =>
  types.flatMap((type) => variants(exampleEvent(type, fields)));

const ofEvents = (types: readonly EventType[], fields: readonly string[]) => {
  const asked = readableFields(fields);
  const readable = { ...readablePlace, event: readableEvent(types, asked), member: { id: null, ...asked } };
  const examples = examplesOf(types, fields);
  return { readable, scopes: examples.map((event) => eventScope(examplePlace, event)), examples };
};

const checkWebhook = ({ body, content_type, batch }: WebhookDestination, { fields, ...stream }: Stream): Fault[] => {
  if (body === null) return [];
  const types = eventTypesOf(stream);
  const { readable, scopes, examples } = ofEvents(types, fields);
  const template = {
    pointer: '/body',
    text: body,
    kind: content_type === 'application/json' ? 'json' : 'form',
  } as const;
  const events = readableEvent(types, readableFields(fields));
  if (batch.max_events === 1) return checkTemplate({ ...template, readable: { ...readable, events }, scopes });
  const batches = examples.map((event) => batchScope(examplePlace, [event, event]));
  return checkTemplate({ ...template, readable: { ...readablePlace, events }, scopes: batches });
};

const UNSUBSCRIBE = /^https:\/\/[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d+)?\//;

const checkEmail = ({ templates, unsubscribe_url }: EmailDestination, { fields, ...stream }: Stream): Fault[] => {
  const types = Object.keys(templates).filter(isEventType);
  const url = { pointer: '/unsubscribe_url', text: unsubscribe_url, kind: 'url' } as const;
  const isUrl = must((text) => /^[!-~]+$/.test(text) && URL.canParse(text), 'what it comes to is no URL');
  const faults = UNSUBSCRIBE.test(unsubscribe_url)
    ? checkTemplate({ ...url, ...ofEvents(types, fields), examine: isUrl })
    : [
        {
          pointer: url.pointer,
          code: 'not_https',
          detail: 'no https address',
          expected: 'https://, a host and a path',
        },
      ];
  const known = eventTypesOf(stream);
  const messages = types
    .filter((type) => known.includes(type))
    .flatMap((type) => {
      const { readable, scopes } = ofEvents([type], fields);
      const place = {
        readable: { ...readable, unsubscribe_url: null },
        scopes: scopes.map((scope) => ({ ...scope, unsubscribe_url: 'https://shop.example/u' })),
      };
      return Object.entries(templates[type] ?? {}).flatMap(([locale, { subject, text, html }]) => {
        const pointer = `/templates/${type}/${locale}`;
        return [
          { ...place, pointer: `${pointer}/subject`, text: subject, kind: 'text' } as const,
          { ...place, pointer: `${pointer}/text`, text, kind: 'text' } as const,
          ...(html === null ? [] : [{ ...place, pointer: `${pointer}/html`, text: html, kind: 'html' } as const]),
        ];
      });
    });
  return [...faults, ...messages.flatMap(checkTemplate)];
};

const exampleFile = { id: 'evt_2s_5_102', date: '2026-03-01', time: '093000', first: 4711, last: 4812, count: 102 };
const file = { id: null, date: null, time: null, first: null, last: null, count: null };

/** Whether a name of a file stays below where files are put. */
export const isFileName = (name: string): boolean =>
  /^[^\\\p{Cc}]{1,500}$/u.test(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const checkFile = ({ name, row, columns }: FileDestination, { fields, ...stream }: Stream): Fault[] => {
  const { readable, scopes } = ofEvents(eventTypesOf(stream), fields);
  const rows = row === null ? [] : [{ pointer: '/row', text: row, kind: 'json', readable, scopes } as const];
  return [
    ...checkTemplate({
      pointer: '/name',
      text: name,
      kind: 'text',
      readable: { ...readablePlace, file },
      scopes: [fileScope(examplePlace, exampleFile)],
      examine: must(isFileName, 'no name of a file'),
    }),
    ...rows.flatMap(checkTemplate),
    ...columns.flatMap(({ value }, index) =>
      checkTemplate({ pointer: `/columns/${index}/value`, text: value, kind: 'text', readable, scopes }),
    ),
  ];
};

const checkDestination = (stream: Stream): Fault[] => {
  const { destination } = stream;
  switch (destination.type) {
    case 'webhook':
      return checkWebhook(destination, stream);
    case 'email':
      return checkEmail(destination, stream);
    case 'file':
      return checkFile(destination, stream);
    default:
      return destination satisfies never;
  }
};

/** What is wrong with the templates of a stream, which has the shape of its schema. Faults point into the stream. */
export const checkTemplates = (stream: Stream): Fault[] =>
  checkDestination(stream).map((fault) => ({ ...fault, pointer: `/destination${fault.pointer}` }));
