import type { Static } from 'typebox';
import { FieldDeclaration } from './field-declaration.ts';
import { resourceView } from './resource.ts';
import { defaulted, named } from './schema.ts';

const example = { name: 'Device', type: 'string', values: ['mobile', 'desktop'] };

export const ContextField = named(
  'ContextField',
  defaulted(FieldDeclaration.properties, {
    description:
      'A declared field of the context that purchases and activities carry. Conditions read it as `context.CODE`.',
    examples: [example],
  }),
);
export type ContextField = Static<typeof ContextField>;

export const ContextFieldResource = named(
  'ContextFieldResource',
  resourceView(ContextField.properties, 'A context field as it is declared.', 'device', example),
);
