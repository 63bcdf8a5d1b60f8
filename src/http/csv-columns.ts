import type { TSchema } from 'typebox';
import type { Attribute } from '../model/attribute.ts';
import { IDENTITY_KINDS } from '../model/member.ts';
import { components } from './components.ts';

/*
 * Columns of a CSV file are named after the places of the JSON line, with dots: `profile.given_name`,
 * `consents.newsletter.granted`, `attributes.shoe_size`, `identities.card`. What a cell's text is follows from the schema
 * there. An empty cell is absent; `null` is null where an instant may be. A list of codes is separated by `|`. A list of
 * objects has a column for each of their properties, `lines.sku`: a row holds one of them. Any other list is JSON.
 */

/** Puts a cell into the line. Text that does not fit the schema is put in as it is, for validation to refuse. */
export type Column = (line: Record<string, unknown>, text: string) => void;

interface Shape {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly $ref?: string;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
}

const resolved = (shape: Shape): Shape => {
  if (shape.$ref !== undefined)
    return resolved((components.find(({ $id }) => `${$id}#` === shape.$ref) ?? {}) as Shape);
  const known = shape.anyOf?.find(({ type }) => type !== 'null');
  return known === undefined || shape.anyOf?.some(({ type }) => type === 'null') !== true ? shape : resolved(known);
};

const json = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

const codes = (text: string): string[] => text.split('|').map((one) => one.trim());
const integer = (text: string): unknown => (/^-?\d{1,16}$/.test(text) ? Number(text) : text);
const boolean = (text: string): unknown => (text === 'true' ? true : text === 'false' ? false : text);

const reading = (shape: Shape): ((text: string) => unknown) => {
  switch ([shape.type].flat()[0]) {
    case 'integer':
    case 'number':
      return integer;
    case 'boolean':
      return boolean;
    case 'array':
      return shape.items?.type === 'string' ? codes : json;
    case 'object':
      return json;
    default:
      return (text) => text;
  }
};

const ofAttribute = ({ type }: Attribute): ((text: string) => unknown) =>
  type === 'integer' ? integer : type === 'boolean' ? boolean : type === 'set' ? codes : (text) => text;

/** No instant reads like this, and what expires when is told from what never does. */
const orNull =
  (read: (text: string) => unknown) =>
  (text: string): unknown =>
    text === 'null' ? null : read(text);

const isInstantOrNull = ({ anyOf = [] }: Shape): boolean =>
  anyOf.some(({ type }) => type === 'null') && anyOf.some(({ format }) => format === 'date-time');

/** What the objects of a list are; null: it is no list of such. */
const itemsOf = ({ type, items }: Shape): Shape | null => {
  const item = type !== 'array' || items === undefined ? null : resolved(items);
  return item?.type === 'object' ? item : null;
};

/** Puts what is of an object of a list into the one object that the row has of it. */
const inList =
  (list: string, column: Column): Column =>
  (line, text) => {
    const [item = {}] = (line[list] ?? []) as Record<string, unknown>[];
    line[list] = [item];
    column(item, text);
  };

/** Names that would reach beyond a line's own properties. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const put =
  (path: readonly string[], read: (text: string) => unknown): Column =>
  (line, text) => {
    let place = line;
    for (const name of path.slice(0, -1)) {
      place[name] ??= {};
      place = place[name] as Record<string, unknown>;
    }
    place[path.at(-1) ?? ''] = read(text);
  };

/** What a column of this name is; null: there is nothing of this name in a line. */
export const columnOf = (schema: TSchema, name: string, attributes: ReadonlyMap<string, Attribute>): Column | null => {
  const path = name.split('.');
  if (path.some((part) => FORBIDDEN.has(part) || part === '')) return null;
  let shape = resolved(schema as Shape);
  let last: Shape = shape;
  let isInList = false;
  for (const [index, part] of path.entries()) {
    const [list = '', kind = ''] = path;
    if (index === 1 && path.length === 2 && /(^|_)identities$/.test(list) && IDENTITY_KINDS.some((one) => one === kind))
      return (line, value) => {
        line[list] = [...((line[list] as unknown[] | undefined) ?? []), { kind, value }];
      };
    const attribute = list === 'attributes' && index === 1 && path.length === 2 ? attributes.get(kind) : undefined;
    if (attribute !== undefined) return put(path, ofAttribute(attribute));
    const [values] = Object.values(shape.patternProperties ?? {});
    const next = Object.hasOwn(shape.properties ?? {}, part) ? shape.properties?.[part] : values;
    if (next === undefined) return null;
    last = next;
    shape = resolved(next);
    const items = index === 0 && path.length > 1 ? itemsOf(shape) : null;
    if (items === null) continue;
    isInList = true;
    shape = items;
  }
  const read = isInstantOrNull(last) ? orNull(reading(shape)) : reading(shape);
  const [list = '', ...within] = path;
  return isInList ? inList(list, put(within, read)) : put(path, read);
};
