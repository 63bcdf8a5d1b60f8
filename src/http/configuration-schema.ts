import { ConfigurationDocument } from '../model/configuration-document.ts';
import { components } from './components.ts';

/** Formats of ours: an editor does not know them, and validators refuse what they do not know. */
const OUR_FORMATS: ReadonlySet<unknown> = new Set(['text', 'time-zone']);

/** Said by our schemas to our own validator. */
const OUR_KEYWORDS: ReadonlySet<string> = new Set(['$id', 'discriminator', 'x-checked-elsewhere']);

const nameIn = (reference: string): string => reference.replace(/#$/, '');

/** A schema as it stands in a document of its own; `refer` is told the name of each it refers to. */
const standalone = (value: unknown, refer: (name: string) => void): unknown => {
  if (Array.isArray(value)) return value.map((item) => standalone(item, refer));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    // A keyword only beside other keywords: a property of an object may be called so.
    if (typeof item !== 'object' && OUR_KEYWORDS.has(key)) return [];
    if (key === 'discriminator' || (key === 'format' && OUR_FORMATS.has(item))) return [];
    if (key !== '$ref' || typeof item !== 'string') return [[key, standalone(item, refer)]];
    refer(nameIn(item));
    return [[key, `#/$defs/${nameIn(item)}`]];
  });
  return Object.fromEntries(entries);
};

const build = () => {
  const definitions = new Map<string, unknown>();
  const define = (name: string): void => {
    if (definitions.has(name)) return;
    const component = components.find((schema) => schema.$id === name);
    if (component === undefined) throw new Error(`no component is called ${name}`);
    definitions.set(name, null);
    definitions.set(name, standalone(component, define));
  };
  const root = standalone(ConfigurationDocument, define) as object;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of a Tessera program',
    ...root,
    $defs: Object.fromEntries(definitions),
  };
};

/** The schema of the configuration as a document, for editors: it refers to nothing outside itself. */
export const configurationSchema = build();
