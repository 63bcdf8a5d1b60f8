import { type Static, Type } from 'typebox';
import { Balances } from './account.ts';
import type { MemberId } from './ids.ts';
import { type Instant, InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { memberRef } from './member.ts';
import { Points, PositivePoints } from './points.ts';
import { closed, named, nullable, ref } from './schema.ts';
import { code, text } from './text.ts';
import type { PointValue } from './wallet.ts';

export const CreateTransfer = named(
  'CreateTransfer',
  closed(
    {
      from: memberRef,
      to: memberRef,
      wallet: Type.Optional(code('The wallet, of both members. Absent: `points`.', 'points')),
      points: PositivePoints('Points to transfer.'),
      reason: Type.Optional(
        text(
          limits.noteLength,
          'Why. Kept beside the sender’s ledger entry, never in it, and not shown with the recipient’s.',
          'For the family trip',
        ),
      ),
      actor: Type.Optional(text(limits.textLength, 'Who decided it, kept like the reason.', 'support: Camille')),
    },
    {
      description: 'Points that one member passes on to another.',
      examples: [{ from: 'm-1001', to: 'm-1002', points: 50, reason: 'For the family trip' }],
    },
  ),
);
export type CreateTransfer = Static<typeof CreateTransfer>;

const transfer = {
  id: Type.String({ description: 'Id of the transfer: the `cause_id` of the ledger entries on both sides.' }),
  from: Type.String({ description: 'The sender’s id.' }),
  to: Type.String({ description: 'The recipient’s id.' }),
  wallet: Type.String({ description: 'Code of the wallet.' }),
  points: Points('Points transferred.'),
  recorded_at: InstantText('When the engine took it.'),
};

export const Transfer = named(
  'Transfer',
  Type.Object(transfer, { description: 'Points that passed from one member to another.' }),
);
export type Transfer = Static<typeof Transfer>;

export const LotPassed = named(
  'LotPassed',
  Type.Object(
    {
      points: Points('Points.'),
      expires_at: nullable(InstantText('When they expire, with the sender as with the recipient. Null: never.')),
    },
    { description: 'Points of a transfer that were earned together.' },
  ),
);
export type LotPassed = Static<typeof LotPassed>;

export const TransferAnswer = named(
  'TransferRecorded',
  Type.Object(
    {
      ...transfer,
      entry_ids: Type.Array(Type.String(), { description: 'The sender’s ledger entries.' }),
      lots: Type.Array(ref(LotPassed), {
        description: 'The points, those soonest to expire first, then the oldest.',
      }),
      balances: Type.Array(ref(Balances), { description: 'The sender’s balances after it.' }),
    },
    { description: 'A recorded transfer.' },
  ),
);
export type TransferAnswer = Static<typeof TransferAnswer>;

/** Points that left the sender's lots, with what the recipient's lots keep of those. */
export interface PassedPoints {
  readonly points: number;
  readonly value: PointValue | null;
  readonly earned_at: Instant;
  readonly available_at: Instant;
  readonly expires_at: Instant | null;
}

/** A transfer as the sender's command leaves it: recorded with the sender, and what the recipient's command books. */
export interface TransferRow {
  /** Which of the sender's commands it was. */
  readonly ordinal: number;
  readonly recipient: MemberId;
  readonly wallet: string;
  readonly points: number;
  readonly recorded_at: Instant;
  readonly passed: readonly PassedPoints[];
}
