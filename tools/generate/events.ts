import { EVENT_TYPES, eventCatalogue } from '../../src/model/event-catalogue.ts';

interface Property {
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Property[];
}

const typeText = ({ type, format, anyOf }: Property): string =>
  anyOf === undefined ? `${format ?? type}` : anyOf.map(typeText).join(' or ');

const table = (type: (typeof EVENT_TYPES)[number]): string => {
  const { properties, required = [] } = eventCatalogue[type].data as unknown as {
    properties: Record<string, Property>;
    required?: readonly string[];
  };
  const rows = Object.entries(properties).map(
    ([name, property]) =>
      `| \`${name}\`${required.includes(name) ? '' : ' (optional)'} | ${typeText(property)} | ${property.description ?? ''} |`,
  );
  return rows.length === 0
    ? 'Its `data` is empty.'
    : ['| `data` | type | meaning |', '|---|---|---|', ...rows].join('\n');
};

/** docs/events.md, out of the catalogue. */
export const eventsDocument = (): string => {
  const groups = Map.groupBy(EVENT_TYPES, (type) => type.split('.')[0] ?? '');
  const sections = [...groups].map(([group, types]) =>
    [
      `## ${group}`,
      ...types.map((type) => {
        const { description, example } = eventCatalogue[type];
        return [`### \`${type}\``, description, table(type), '```json', JSON.stringify(example), '```']
          .join('\n\n')
          .replace('```json\n\n', '```json\n')
          .replace('\n\n```', '\n```');
      }),
    ].join('\n\n'),
  );
  return [
    '# Events',
    'What Tessera tells. An event is written in the transaction that made it true, so nothing is told that was not committed, and nothing committed stays untold. Read them with `GET /v1/events`, follow them with `GET /v1/events/stream`, or have them sent by a stream. They are thin: ids, points and codes, never personal data.',
    'Every event has `id` (the same whenever it comes again), `type`, `timestamp` (when it happened), `recorded_at`, `position` (its place in the program’s feed: from 1, without gaps), `member` (the caller’s own id) and `number` (which of the member’s events: from 1, without gaps). Below is what stands in `data`; more properties may come.',
    'This page is generated from `src/model/events` by `npm run generate`. The same as JSON Schema stands in the OpenAPI document under `webhooks`.',
    ...sections,
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
};
