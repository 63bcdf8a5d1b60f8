import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { defaulted, nullable } from './schema.ts';
import { text } from './text.ts';

export const FIELD_TYPES = ['string', 'integer', 'boolean'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** A declared field of activities or of the context: what conditions may read. */
export const FieldDeclaration = defaulted(
  {
    name: text(limits.textLength, 'Name shown to people.', 'Rating'),
    type: Type.Enum([...FIELD_TYPES], { description: 'Type of the values.' }),
    values: nullable(
      Type.Array(text(limits.textLength, 'An allowed value.', 'mobile'), {
        minItems: 1,
        maxItems: limits.attributeSetValues,
        uniqueItems: true,
        description: 'With `string`: the allowed values. Null: any.',
      }),
      { default: null },
    ),
  },
  { description: 'A declared field.' },
);
export type FieldDeclaration = Static<typeof FieldDeclaration>;
