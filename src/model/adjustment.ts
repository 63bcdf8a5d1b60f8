import { type Static, Type } from 'typebox';
import { Balances } from './account.ts';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { memberRef } from './member.ts';
import { POINTS_MAX } from './points.ts';
import { closed, named, nullable, ref } from './schema.ts';
import { code, text } from './text.ts';

export const CreateAdjustment = named(
  'CreateAdjustment',
  closed(
    {
      member: memberRef,
      wallet: Type.Optional(code('The wallet. Absent: `points`.', 'points')),
      points: Type.Integer({
        minimum: -POINTS_MAX,
        maximum: POINTS_MAX,
        not: { const: 0 },
        description: 'Points to give, or to take when below zero. Not zero.',
        examples: [50],
      }),
      reason: text(limits.noteLength, 'Why. Kept beside the ledger, never in it.', 'Goodwill after a late delivery'),
      actor: text(limits.textLength, 'Who decided it.', 'support: Camille'),
      expires_at: Type.Optional(
        nullable(InstantText('When given points expire. Absent: as the wallet says. Null: never.')),
      ),
      allow_debt: Type.Optional(
        Type.Boolean({ description: 'When points are taken and too few are available, the rest becomes debt.' }),
      ),
    },
    {
      description: 'Points given or taken by a person.',
      examples: [{ member: 'm-1001', points: 50, reason: 'Goodwill after a late delivery', actor: 'support: Camille' }],
    },
  ),
);
export type CreateAdjustment = Static<typeof CreateAdjustment>;

export const AdjustmentAnswer = named(
  'AdjustmentRecorded',
  Type.Object(
    {
      member: Type.String({ description: 'The member’s id.' }),
      wallet: Type.String({ description: 'Code of the wallet.' }),
      points: Type.Integer({ description: 'Points given (above zero) or taken (below).' }),
      entry_ids: Type.Array(Type.String(), { description: 'The ledger entries.' }),
      recorded_at: InstantText('When the engine took it.'),
      balances: Type.Array(ref(Balances), { description: 'Balances after it.' }),
    },
    { description: 'A recorded adjustment.' },
  ),
);
export type AdjustmentAnswer = Static<typeof AdjustmentAnswer>;
