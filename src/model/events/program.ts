import { Type } from 'typebox';
import { eventSchema } from './event-schema.ts';

/** Of the program, not of a member. */
export const programEvents = {
  'configuration.changed': eventSchema(
    'The configuration was changed.',
    {
      revision: Type.Integer({ description: 'The revision that it is now.' }),
      changed_by: Type.String({ description: 'Id of the key.', examples: ['key_3f9a1c20b7d4e856'] }),
    },
    { revision: 7, changed_by: 'key_3f9a1c20b7d4e856' },
  ),
};
