import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { FileDestination } from '../model/stream-destination.ts';
import type { StreamedEvent } from '../model/streamed-event.ts';
import { eventScope, type StreamPlace } from '../rules/templates/scope.ts';
import { parseTemplate, renderJson, type TemplateLimits } from '../rules/templates/template.ts';

/** Of one line: a file has many. */
const OF_A_LINE: TemplateLimits = { steps: 10_000, characters: 100_000, memory: 1_000_000 };

/** A value as RFC 4180 writes it. */
const quoted = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

const csvLine = (values: readonly string[]): string => `${values.map(quoted).join(',')}\r\n`;

/** The lines of a file, each with its end, from what stands at its top to the last event. Throws a TemplateFault. */
export type Lines = (events: Iterable<StreamedEvent>) => Generator<string>;

export const linesOf = ({ format, row, columns }: FileDestination, place: StreamPlace): Lines => {
  if (format === 'csv') {
    const templates = columns.map(({ value }) => parseTemplate(value, 'text'));
    return function* csv(events) {
      yield csvLine(columns.map(({ name }) => name));
      for (const event of events) {
        const scope = eventScope(place, event);
        yield csvLine(templates.map((template) => template.render(scope, OF_A_LINE)));
      }
    };
  }
  const template = row === null ? null : parseTemplate(row, 'json');
  return function* ndjson(events) {
    for (const event of events) {
      const line =
        template === null ? JSON.stringify(event) : renderJson(template, eventScope(place, event), OF_A_LINE);
      yield `${line}\n`;
    }
  };
};

export const contentTypeOf = ({ format }: FileDestination): string =>
  format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson; charset=utf-8';

/** The bytes of a file as they come, compressed if the destination says so. */
export const contentOf = ({ gzip }: FileDestination, lines: Iterable<string>): Readable => {
  const text = Readable.from(lines, { objectMode: false });
  if (!gzip) return text;
  const compressed = createGzip();
  text.on('error', (error) => compressed.destroy(error));
  return text.pipe(compressed);
};
