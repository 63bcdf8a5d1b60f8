import { type EventType, eventSchemaOf } from '../../model/event-catalogue.ts';
import type { Fault } from '../../model/problem.ts';
import { STREAM_FIELDS } from '../../model/stream.ts';
import { oneOf } from '../suggest.ts';
import type { Template } from './template.ts';

/** What can be read, by name; null: a value, whatever is read of it. */
export type Readable = { readonly [name: string]: Readable | null };

const leaves = (names: readonly string[]): Readable => Object.fromEntries(names.map((name) => [name, null]));

/** The fields that were asked for: `attributes.shop` is `attributes` and below it `shop`. */
export const readableFields = (fields: readonly string[]): Readable => {
  const below = (kind: string) =>
    leaves(fields.filter((field) => field.startsWith(`${kind}.`)).map((field) => field.slice(kind.length + 1)));
  return {
    ...leaves(fields.filter((field) => !field.includes('.'))),
    attributes: below('attributes'),
    consents: below('consents'),
  };
};

const ENVELOPE = ['id', 'type', 'timestamp', 'recorded_at', 'position', 'member', 'number'];

/** An event that is of one of these types. */
export const readableEvent = (types: readonly EventType[], fields: Readable): Readable => ({
  ...leaves(ENVELOPE),
  data: leaves([...new Set(types.flatMap((type) => Object.keys(eventSchemaOf(type).data.properties)))]),
  fields,
});

export const readablePlace: Readable = {
  program: leaves(['code', 'name', 'currency', 'time_zone', 'locale']),
  stream: leaves(['code', 'name']),
};

/** Of a list: its elements, however they are got at. */
const OF_LISTS: ReadonlySet<string> = new Set(['first', 'last']);

const faultAt = (path: readonly (string | null)[], readable: Readable): Omit<Fault, 'pointer'> | null => {
  let here = readable;
  const passed: string[] = [];
  for (const name of path) {
    // What is computed, and which element of a list.
    if (name === null || (passed[0] === 'events' && OF_LISTS.has(name))) continue;
    if (name === 'size') return null;
    const next = Object.hasOwn(here, name) ? here[name] : undefined;
    if (next === null) return null;
    passed.push(name);
    if (next === undefined) {
      const written = passed.join('.');
      const field = passed.slice(1).join('.');
      const asked = STREAM_FIELDS.some((one) => one === field) || /^(attributes|consents)\.[^.]+$/.test(field);
      if (passed[0] === 'member' && asked)
        return { code: 'not_asked_for', detail: written, expected: `${field} among the fields of the stream` };
      const known = Object.keys(here).map((one) => [...passed.slice(0, -1), one].join('.'));
      return { code: 'unknown_variable', detail: written, expected: oneOf(written, known) };
    }
    here = next;
  }
  return null;
};

/** What a template reads that it will never find, once each. `pointer` is where the template stands. */
export const unreadable = ({ reads }: Template, readable: Readable, pointer: string): Fault[] => {
  const faults = reads.flatMap((path) => faultAt(path, readable) ?? []);
  return [...new Map(faults.map((fault) => [fault.detail, { pointer, ...fault }])).values()];
};
