import { type Static, Type } from 'typebox';
import { type Instant, InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { closed, named, nullable, openEnum } from './schema.ts';
import { callerId, text } from './text.ts';

/*
 * issued ─ use ───→ used
 *   ├──── time ───→ lapsed
 *   └──── cancel ─→ cancelled (by a person, or with the refund of its redemption)
 */
export const VOUCHER_STATUSES = ['issued', 'used', 'lapsed', 'cancelled'] as const;
export type VoucherStatus = (typeof VOUCHER_STATUSES)[number];

/** What of a voucher changes after it was issued. */
export interface VoucherStanding {
  readonly number: number;
  readonly status: VoucherStatus;
  readonly ended_at: Instant | null;
  /** The caller's text for what it was used for. */
  readonly used_for: string | null;
}

/** `number` is that of the event that told it. */
export interface VoucherRow extends VoucherStanding {
  readonly reward: string;
  readonly redemption_id: string;
  readonly code: string;
  readonly issued_at: Instant;
  readonly expires_at: Instant | null;
  readonly recorded_at: Instant;
}

/** A voucher just issued, and whether its code was drawn from the pool of the reward. */
export interface IssuedVoucher extends VoucherRow {
  readonly pooled: boolean;
}

export const Voucher = named(
  'Voucher',
  Type.Object(
    {
      id: Type.String({ description: 'Id of the voucher.', examples: ['vou_1_4'] }),
      member: Type.String({ description: 'The member’s id.' }),
      reward: Type.String({ description: 'Code of the reward.', examples: ['free-coffee'] }),
      redemption: Type.String({ description: 'The caller’s id of the redemption that issued it.' }),
      code: Type.String({ description: 'What the member shows. Whoever has it can use it: keep it out of logs.' }),
      status: openEnum(VOUCHER_STATUSES, 'Where it stands. Only what is `issued` can be used.'),
      issued_at: InstantText('When it was issued.'),
      expires_at: nullable(InstantText('Until when it can be used. Null: for ever.')),
      ended_at: nullable(InstantText('When it was used, lapsed or was cancelled.')),
      used_for: nullable(Type.String({ description: 'What it was used for, as whoever used it said.' })),
    },
    { description: 'A code that a member got with a reward.' },
  ),
);
export type Voucher = Static<typeof Voucher>;

const usedFor = Type.Optional(
  callerId('What it is used for: the shop’s own id of the purchase, say. The same again is the same use.', 'o-1001'),
);

/** Codes are compared letter by letter. */
export const VoucherCode = Type.String({
  pattern: `^[!-~]{${limits.voucherCodeMin},${limits.voucherCodeMax}}$`,
  description: 'The code: 4 to 64 visible ASCII characters, as it was issued.',
  examples: ['7K2MX9RTB4QWHD3F'],
});

export const UseVoucher = named(
  'UseVoucher',
  closed({ purchase: usedFor }, { description: 'What a voucher is used for.', examples: [{ purchase: 'o-1001' }] }),
);
export type UseVoucher = Static<typeof UseVoucher>;

export const UseVoucherCode = named(
  'UseVoucherCode',
  closed(
    { code: VoucherCode, purchase: usedFor },
    {
      description: 'A voucher by its code, and what it is used for.',
      examples: [{ code: '7K2MX9RTB4QWHD3F', purchase: 'o-1001' }],
    },
  ),
);

export const LookUpVoucher = named(
  'LookUpVoucher',
  closed(
    { code: VoucherCode },
    { description: 'A code that somebody shows.', examples: [{ code: '7K2MX9RTB4QWHD3F' }] },
  ),
);

/** Why a person decided something about a reward. */
export const becauseOf = {
  reason: text(limits.noteLength, 'Why. Kept beside it, so that it can be erased.', 'Goodwill after a late delivery'),
  actor: text(limits.textLength, 'Who decided it.', 'support: Camille'),
};

export const CancelVoucher = named(
  'CancelVoucher',
  closed(becauseOf, {
    description: 'Why a voucher is cancelled.',
    examples: [{ reason: 'Sent to the wrong person', actor: 'support: Camille' }],
  }),
);
export type CancelVoucher = Static<typeof CancelVoucher>;

export const ImportCodes = named(
  'ImportCodes',
  closed(
    {
      codes: Type.Array(VoucherCode, {
        minItems: 1,
        maxItems: limits.codesPerImport,
        description: 'Codes to be given out, each once.',
      }),
    },
    { description: 'Codes for the pool of a reward.', examples: [{ codes: ['7K2MX9RTB4QWHD3F'] }] },
  ),
);
export type ImportCodes = Static<typeof ImportCodes>;

const count = (description: string) => Type.Integer({ minimum: 0, description });

export const CodesImported = named(
  'CodesImported',
  Type.Object(
    {
      added: count('New in the pool.'),
      known: count('In the pool of this reward before, free or drawn, or listed twice.'),
      elsewhere: count('Left out: they belong to another reward, or are those of vouchers the engine made.'),
    },
    { description: 'What became of codes that were handed in.' },
  ),
);
export type CodesImported = Static<typeof CodesImported>;

export const CodePool = named(
  'CodePool',
  Type.Object(
    { free: count('Codes still to be drawn.'), drawn: count('Codes given out.') },
    { description: 'How many codes the pool of a reward has.' },
  ),
);
export type CodePool = Static<typeof CodePool>;
