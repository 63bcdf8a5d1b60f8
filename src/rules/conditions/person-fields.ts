import type { Attribute } from '../../model/attribute.ts';
import type { ConditionField, FieldType, FieldValue } from './field.ts';
import { parseDate, parseStoredInstant } from './literals.ts';
import { memberField } from './member-fields.ts';
import type { Person } from './subject.ts';

const personField = { ...memberField, nullable: true, personal: true } as const;

const nothing: readonly string[] = [];

/**
 * A stored value as one of the declared type, absent where it is none: a declaration may have changed since it was
 * written. A set is never absent.
 */
export const asType = (type: FieldType, value: unknown): FieldValue | undefined => {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'integer':
      return Number.isSafeInteger(value) ? (value as number) : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'instant':
      return typeof value === 'string' ? parseStoredInstant(value) : undefined;
    case 'date':
      return typeof value === 'string' ? parseDate(value) : undefined;
    case 'set':
      return Array.isArray(value) ? value : nothing;
  }
};

/** A reader for one type: chosen once, not at every reading. */
const reading = (type: FieldType, valueIn: (person: Person) => unknown): ConditionField['read'] => {
  const absent = asType(type, undefined);
  if (type === 'string')
    return () => (subject) => {
      if (subject.person === null) return undefined;
      const value = valueIn(subject.person);
      return typeof value === 'string' ? value : undefined;
    };
  if (type === 'boolean')
    return () => (subject) => {
      if (subject.person === null) return undefined;
      const value = valueIn(subject.person);
      return typeof value === 'boolean' ? value : undefined;
    };
  return () => (subject) => (subject.person === null ? absent : asType(type, valueIn(subject.person)));
};

const profileField = (
  name: 'birth_date' | 'language' | 'country',
  type: 'string' | 'date',
  description: string,
): ConditionField => ({
  ...personField,
  name,
  type,
  description,
  read: reading(type, (person) => person.profile[name]),
});

const acquisitionField = (part: 'source' | 'medium' | 'campaign', description: string): ConditionField => ({
  ...personField,
  name: `acquisition_${part}`,
  type: 'string',
  description,
  read: reading('string', (person) => person.acquisition?.[part]),
});

export const profileFields: readonly ConditionField[] = [
  profileField('birth_date', 'date', 'Date of birth.'),
  profileField('language', 'string', 'Language, BCP 47.'),
  profileField('country', 'string', 'Country, ISO 3166-1 alpha-2.'),
  acquisitionField('source', 'Where the member came from.'),
  acquisitionField('medium', 'By what means the member was won.'),
  acquisitionField('campaign', 'Within which campaign the member was won.'),
  {
    ...personField,
    name: 'tags',
    type: 'set',
    nullable: false,
    description: 'Tags of the member.',
    read: reading('set', (person) => person.tags),
  },
];

const CONSENT = /^consents\.([a-z][a-z0-9_-]{0,63})$/;

/** `consents.newsletter`: purposes are not declared, so that any may be asked for. */
export const consentField = (name: string): ConditionField | undefined => {
  const purpose = CONSENT.exec(name)?.[1];
  if (purpose === undefined) return undefined;
  const description = 'Whether the member consents to this purpose. Absent when never asked.';
  const read = reading('boolean', (person) => person.consents[purpose]?.granted);
  return { ...personField, name, type: 'boolean', description, read };
};

/** A declared attribute. */
export const attributeField = ([code, attribute]: readonly [string, Attribute]): ConditionField => ({
  ...personField,
  name: `attributes.${code}`,
  type: attribute.type,
  nullable: attribute.type !== 'set',
  values: attribute.values,
  description: attribute.name,
  read: reading(attribute.type, (person) => person.attributes[code]),
});
