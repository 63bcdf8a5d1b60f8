import type { Configuration } from '../model/configuration.ts';
import { EVENT_TYPES } from '../model/event-catalogue.ts';
import type { Fault } from '../model/problem.ts';
import { STREAM_FIELDS, type Stream } from '../model/stream.ts';
import type { EmailDestination, FileDestination, WebhookDestination } from '../model/stream-destination.ts';
import { eventTypesOf, matchesPattern, SEGMENT_EVENTS } from './event-patterns.ts';
import { findResource, inForce } from './resources.ts';
import { oneOf } from './suggest.ts';

const segmentFault = (pointer: string, segment: string | null, configuration: Configuration): Fault[] => {
  const found = segment === null ? undefined : findResource(configuration, 'segments', segment);
  if (segment === null || found?.archived === false) return [];
  const known = inForce(configuration.segments).map(([code]) => code);
  const expected = known.length === 0 ? 'null: there is no segment' : oneOf(segment, known);
  return found === undefined
    ? [{ pointer, code: 'unknown_segment', detail: `there is no segment ${segment}`, expected }]
    : [{ pointer, code: 'archived_segment', detail: `segment ${segment} is archived`, expected }];
};

const checkPatterns = ({ events, segment }: Stream): Fault[] => {
  const nothing = (pattern: string) => !EVENT_TYPES.some((type) => matchesPattern([pattern], type));
  const kinds = [...new Set(EVENT_TYPES.map((type) => type.replace(/\..*/, '.*')))];
  const unknown = events.flatMap((pattern, index): Fault[] => {
    if (!nothing(pattern)) return [];
    const expected = oneOf(pattern, pattern.endsWith('.*') ? kinds : EVENT_TYPES);
    return [{ pointer: `/events/${index}`, code: 'unknown_event_type', detail: pattern, expected }];
  });
  if (unknown.length > 0 || segment === null || eventTypesOf({ events, segment }).length > 0) return unknown;
  const detail = 'a stream of a segment tells who enters and leaves it';
  return [{ pointer: '/events', code: 'not_applicable', detail, expected: SEGMENT_EVENTS.join(' or ') }];
};

const checkFields = ({ fields }: Stream, configuration: Configuration): Fault[] =>
  fields.flatMap((field, index): Fault[] => {
    const pointer = `/fields/${index}`;
    const [kind = '', name] = field.split('.', 2);
    if (name === undefined) {
      const known: readonly string[] = STREAM_FIELDS;
      return known.includes(field)
        ? []
        : [{ pointer, code: 'unknown_field', detail: field, expected: oneOf(field, known) }];
    }
    // Purposes of consents are not declared.
    if (kind === 'consents' || findResource(configuration, 'attributes', name)?.archived === false) return [];
    const known = inForce(configuration.attributes).map(([code]) => `attributes.${code}`);
    const expected = known.length === 0 ? 'a declared attribute: there is none' : oneOf(field, known);
    return [{ pointer, code: 'unknown_attribute', detail: field, expected }];
  });

/** Set by whoever sends: of the connection, of the message, of its signature. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect'],
  ...['host', 'content-length', 'content-type', 'content-encoding', 'proxy-authenticate', 'proxy-authorization'],
]);
const isOwnHeader = (name: string): boolean => OWN_HEADERS.has(name) || name.startsWith('webhook-');

const checkHeaders = ({ headers, secret_headers }: WebhookDestination | FileDestination): Fault[] => {
  const expected = 'another header: this one is set by the service';
  const said = Object.keys(headers);
  return [
    ...said
      .filter(isOwnHeader)
      .map((name) => ({ pointer: `/headers/${name.replaceAll('~', '~0')}`, code: 'reserved', detail: name, expected })),
    ...secret_headers.flatMap((name, index): Fault[] => {
      const pointer = `/secret_headers/${index}`;
      if (isOwnHeader(name)) return [{ pointer, code: 'reserved', detail: name, expected }];
      return said.includes(name)
        ? [{ pointer, code: 'not_unique', detail: name, expected: 'a name that `headers` does not have' }]
        : [];
    }),
  ];
};

const checkWebhook = (destination: WebhookDestination): Fault[] => {
  const { body, format, content_type } = destination;
  const faults = checkHeaders(destination);
  if (body !== null && format !== 'standard') {
    const detail = `a template is not ${format}`;
    faults.push({ pointer: '/format', code: 'not_applicable', detail, expected: 'standard, or no body' });
  }
  if (body === null && content_type !== 'application/json') {
    const detail = 'what is sent without a template is JSON';
    faults.push({ pointer: '/content_type', code: 'not_applicable', detail, expected: 'application/json, or a body' });
  }
  return faults;
};

const checkFile = (destination: FileDestination): Fault[] => {
  const { format, row, columns } = destination;
  const faults = checkHeaders(destination);
  if (format === 'csv' && columns.length === 0)
    faults.push({ pointer: '/columns', code: 'required', detail: 'no columns', expected: 'columns of the CSV' });
  if (format === 'csv' && row !== null)
    faults.push({ pointer: '/row', code: 'not_applicable', detail: 'a row of CSV has columns', expected: 'null' });
  if (format === 'ndjson' && columns.length > 0)
    faults.push({
      pointer: '/columns',
      code: 'not_applicable',
      detail: 'lines of JSON have no columns',
      expected: '[]',
    });
  const names = columns.map(({ name }) => name);
  const again = names.findIndex((name, index) => names.indexOf(name) < index);
  if (again >= 0)
    faults.push({
      pointer: `/columns/${again}/name`,
      code: 'not_unique',
      detail: 'a column of this name is there already',
      expected: 'another name',
    });
  return faults;
};

const checkEmail = ({ templates, default_locale }: EmailDestination, stream: Stream): Fault[] =>
  Object.entries(templates).flatMap(([type, locales]): Fault[] => {
    const pointer = `/templates/${type}`;
    const known: readonly string[] = eventTypesOf(stream);
    if (!known.includes(type))
      return [
        {
          pointer,
          code: 'unknown_event_type',
          detail: type,
          expected: `an event of the stream: ${oneOf(type, known)}`,
        },
      ];
    if (Object.hasOwn(locales, default_locale)) return [];
    const detail = `no template in ${default_locale}, the default`;
    return [{ pointer: `${pointer}/${default_locale}`, code: 'required', detail, expected: 'a template' }];
  });

const checkDestination = (stream: Stream): Fault[] => {
  const { destination } = stream;
  switch (destination.type) {
    case 'webhook':
      return checkWebhook(destination);
    case 'email':
      return checkEmail(destination, stream);
    case 'file':
      return checkFile(destination);
    default:
      return destination satisfies never;
  }
};

/**
 * What is wrong with the streams in force, apart from their conditions, and from what can be said of a stream alone:
 * its templates (`check-templates.ts`), its address.
 */
export const checkStreams = (configuration: Configuration): Fault[] =>
  inForce(configuration.streams).flatMap(([code, stream]) =>
    [
      ...checkPatterns(stream),
      ...segmentFault('/segment', stream.segment, configuration),
      ...segmentFault('/only_in_segment', stream.only_in_segment, configuration),
      ...checkFields(stream, configuration),
      ...checkDestination(stream).map((fault) => ({ ...fault, pointer: `/destination${fault.pointer}` })),
    ].map((fault) => ({ ...fault, pointer: `/streams/${code}${fault.pointer}` })),
  );
