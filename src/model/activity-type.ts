import { type Static, Type } from 'typebox';
import { FieldDeclaration } from './field-declaration.ts';
import { limits } from './limits.ts';
import { resourceView } from './resource.ts';
import { defaulted, named } from './schema.ts';
import { text } from './text.ts';

const example = { name: 'Workshop attended', fields: { topic: { name: 'Topic', type: 'string', values: null } } };

export const ActivityType = named(
  'ActivityType',
  defaulted(
    {
      name: text(limits.textLength, 'Name shown to people.', 'Workshop attended'),
      // A default object of its own: validation would hand the same one to every request.
      fields: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), FieldDeclaration, {
        maxProperties: limits.fieldsPerActivityType,
        additionalProperties: false,
        description: 'What an activity of this type may carry, by name.',
      }),
    },
    { description: 'A declared kind of activity.', examples: [example] },
  ),
);
export type ActivityType = Static<typeof ActivityType>;

export const ActivityTypeResource = named(
  'ActivityTypeResource',
  resourceView(ActivityType.properties, 'An activity type as it is declared.', 'workshop', example),
);
