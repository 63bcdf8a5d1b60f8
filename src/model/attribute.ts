import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { resourceView } from './resource.ts';
import { defaulted, named, nullable } from './schema.ts';
import { text } from './text.ts';

export const ATTRIBUTE_TYPES = ['string', 'integer', 'boolean', 'instant', 'date', 'set'] as const;

const example = { name: 'Favourite shop', type: 'string', values: ['lyon', 'paris'], personal: false };

export const Attribute = named(
  'Attribute',
  defaulted(
    {
      name: text(limits.textLength, 'Name shown to people.', 'Favourite shop'),
      type: Type.Enum([...ATTRIBUTE_TYPES], {
        description: 'Type of the values: text, a whole number, a flag, an instant, a date, or a set of texts.',
      }),
      values: nullable(
        Type.Array(text(limits.textLength, 'An allowed value.', 'lyon'), {
          minItems: 1,
          maxItems: limits.attributeSetValues,
          uniqueItems: true,
          description: 'With `string` and `set`: the allowed values. Null: any.',
        }),
        { default: null },
      ),
      personal: Type.Boolean({ default: false, description: 'Whether the value is personal data.' }),
    },
    {
      description: 'A declared attribute of members.',
      examples: [example],
    },
  ),
);
export type Attribute = Static<typeof Attribute>;

export const AttributeResource = named(
  'AttributeResource',
  resourceView(Attribute.properties, 'An attribute as it is declared.', 'favourite-shop', example),
);

export type AttributeValue = string | number | boolean | string[];
