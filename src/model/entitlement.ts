import { type Static, Type } from 'typebox';
import { Duration } from './duration.ts';
import { InstantText } from './instant.ts';
import { CAUSES } from './ledger-entry.ts';
import { memberRef } from './member.ts';
import { closed, defaulted, named, nullable, openEnum } from './schema.ts';
import { code } from './text.ts';
import { becauseOf } from './voucher.ts';

export const ENTITLEMENT_STATUSES = ['open', 'used', 'expired', 'revoked'] as const;

export const EntitlementView = named(
  'Entitlement',
  Type.Object(
    {
      id: Type.String({ description: 'Id of the entitlement.', examples: ['ett_1_3'] }),
      reward: Type.String({ description: 'Code of the reward.', examples: ['free-coffee'] }),
      status: openEnum(ENTITLEMENT_STATUSES, 'Where it stands. Only what is `open` can be used.'),
      rule: nullable(Type.String({ description: 'The earn rule that granted it. Null: a person did.' })),
      cause: openEnum(CAUSES, 'What set the rule off; `adjustment` where a person granted it.'),
      cause_id: nullable(
        Type.String({
          description: 'The caller’s id of the purchase or activity; the code of the tier or segment entered.',
        }),
      ),
      granted_at: InstantText('When it was granted.'),
      recorded_at: InstantText('When the engine took what set the rule off.'),
      expires_at: nullable(InstantText('Until when the member can have it.')),
      used_at: nullable(InstantText('When it was used.')),
      redemption: nullable(Type.String({ description: 'The caller’s id of the redemption that used it.' })),
      revoked_at: nullable(
        InstantText(
          'When it was taken back, by a person or with the purchase that granted it. One that was used by then stays used, but is not open again when its redemption comes to nothing.',
        ),
      ),
      revision: Type.Integer({ description: 'Revision of the configuration it was decided in.' }),
    },
    { description: 'A reward granted to a member, by an earn rule or a person.' },
  ),
);
export type EntitlementView = Static<typeof EntitlementView>;

export const GrantEntitlement = named(
  'GrantEntitlement',
  defaulted(
    {
      member: memberRef,
      reward: code(
        'Code of the reward: one in force, where the program has any. A program without rewards may grant what it keeps elsewhere.',
        'free-coffee',
      ),
      valid_for: nullable(
        Duration('How long the member can have it: until the end of the local day so long after now.'),
        { default: null, description: 'Null: for ever.' },
      ),
      ...becauseOf,
    },
    {
      description: 'A reward that a person grants.',
      examples: [
        {
          member: 'm-1001',
          reward: 'free-coffee',
          valid_for: 'P30D',
          reason: 'Goodwill after a late delivery',
          actor: 'support: Camille',
        },
      ],
    },
  ),
);
export type GrantEntitlement = Static<typeof GrantEntitlement>;

export const RevokeEntitlement = named(
  'RevokeEntitlement',
  closed(becauseOf, {
    description: 'Why an entitlement is taken back.',
    examples: [{ reason: 'Granted twice', actor: 'support: Camille' }],
  }),
);
export type RevokeEntitlement = Static<typeof RevokeEntitlement>;
