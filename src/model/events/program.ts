import { Type } from 'typebox';
import { openEnum } from '../schema.ts';
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
  'stream.disabled': eventSchema(
    'A stream sends nothing more until somebody resumes it.',
    {
      stream: Type.String({ description: 'Code of the stream.', examples: ['status-to-crm'] }),
      because: openEnum(
        ['gone', 'failing'],
        'Why: the receiver answered 410, or took nothing for as long as it is tried.',
      ),
    },
    { stream: 'status-to-crm', because: 'gone' },
  ),
};
