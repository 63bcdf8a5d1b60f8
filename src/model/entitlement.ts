import { Type } from 'typebox';
import { InstantText } from './instant.ts';
import { CAUSES } from './ledger-entry.ts';
import { named, nullable, openEnum } from './schema.ts';

export const EntitlementView = named(
  'Entitlement',
  Type.Object(
    {
      id: Type.String({ description: 'Id of the entitlement.', examples: ['ett_1_3'] }),
      reward: Type.String({ description: 'Code of the reward.', examples: ['free-coffee'] }),
      rule: Type.String({ description: 'The earn rule that granted it.' }),
      cause: openEnum(CAUSES, 'What set the rule off.'),
      cause_id: nullable(
        Type.String({
          description: 'The caller’s id of the purchase or activity; the code of the tier or segment entered.',
        }),
      ),
      granted_at: InstantText('When it was granted.'),
      recorded_at: InstantText('When the engine took what set the rule off.'),
      expires_at: nullable(InstantText('Until when the member can have it.')),
      revoked_at: nullable(InstantText('When it was taken back with the purchase that granted it.')),
      revision: Type.Integer({ description: 'Revision of the configuration it was decided in.' }),
    },
    { description: 'A reward that an earn rule granted to a member.' },
  ),
);
