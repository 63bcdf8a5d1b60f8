import { type Static, type TSchema, Type } from 'typebox';
import { RecordActivity } from './activity.ts';
import { CreateAdjustment } from './adjustment.ts';
import { GrantEntitlement, RevokeEntitlement } from './entitlement.ts';
import { limits } from './limits.ts';
import { PatchMember, PutMember } from './member.ts';
import { MergeMember, UnmergeMember } from './merge.ts';
import { OpenBalance } from './opening-balance.ts';
import { RecordPastPurchase } from './past-purchase.ts';
import { RecordPurchase } from './purchase.ts';
import { CreateReturn } from './purchase-return.ts';
import { CaptureRedemption, CreateRedemption, RefundRedemption } from './redemption.ts';
import { checkedElsewhere, closed, named, ref } from './schema.ts';
import { SetTier } from './tier.ts';
import { CreateTransfer } from './transfer.ts';
import { CancelVoucher, UseVoucher, UseVoucherCode } from './voucher.ts';

/** Kinds of command a batch may hold, with the body each takes; null: none. */
export const BATCH_BODIES = {
  put_member: PutMember,
  patch_member: PatchMember,
  suspend_member: null,
  reactivate_member: null,
  unfreeze_member: null,
  close_member: null,
  set_tier: SetTier,
  lift_tier: null,
  record_purchase: RecordPurchase,
  return_purchase: CreateReturn,
  cancel_purchase: null,
  record_past_purchase: RecordPastPurchase,
  open_balance: OpenBalance,
  record_activity: RecordActivity,
  redeem: CreateRedemption,
  capture_redemption: CaptureRedemption,
  void_redemption: null,
  refund_redemption: RefundRedemption,
  adjust_points: CreateAdjustment,
  transfer_points: CreateTransfer,
  merge_member: MergeMember,
  unmerge_member: UnmergeMember,
  grant_entitlement: GrantEntitlement,
  revoke_entitlement: RevokeEntitlement,
  use_voucher: UseVoucher,
  use_voucher_code: UseVoucherCode,
  cancel_voucher: CancelVoucher,
} as const satisfies Record<string, (TSchema & { $id: string }) | null>;
export type BatchKind = keyof typeof BATCH_BODIES;

/** What stands in the path of the single operation. */
const PATHS: Partial<Record<BatchKind, readonly ('id' | 'scheme')[]>> = {
  record_purchase: [],
  record_past_purchase: [],
  record_activity: [],
  redeem: [],
  adjust_points: [],
  transfer_points: [],
  grant_entitlement: [],
  use_voucher_code: [],
  set_tier: ['id', 'scheme'],
  lift_tier: ['id', 'scheme'],
};
export const pathOf = (kind: BatchKind): readonly ('id' | 'scheme')[] => PATHS[kind] ?? ['id'];

const described = {
  id: 'What stands in the path of the single operation: the id of the member, purchase, redemption, entitlement or voucher.',
  scheme: 'Code of the tier scheme.',
} as const;

const variant = (kind: BatchKind, body: (TSchema & { $id: string }) | null) =>
  closed({
    kind: Type.Enum([kind], { description: 'Which operation it is.' }),
    ...Object.fromEntries(pathOf(kind).map((name) => [name, Type.String({ description: described[name] })])),
    idempotency_key: Type.Optional(
      Type.String({
        maxLength: limits.idempotencyKeyLength,
        description: 'As the header of the single operation, and required where that is.',
      }),
    ),
    ...(body === null ? {} : { body: ref(body) }),
  });

const variants = Object.entries(BATCH_BODIES).map(([kind, body]) => variant(kind as BatchKind, body));

/** Each is held against the schemas of the single operation by itself: one at fault stops no other. */
export const BatchCommand = named(
  'BatchCommand',
  checkedElsewhere(
    Type.Unsafe<Record<string, unknown>>({
      oneOf: variants,
      description: 'A command as the single operation takes it: what stands in its path, its key, and its body.',
      examples: [{ kind: 'patch_member', id: 'm-1001', body: { profile: { language: 'en' } } }],
    }),
  ),
);

export const Batch = named(
  'Batch',
  closed(
    {
      commands: Type.Array(ref(BatchCommand), {
        minItems: 1,
        maxItems: limits.batchCommands,
        description: 'The commands. Those about one member take effect in this order.',
      }),
    },
    {
      description: 'Up to 1,000 commands, each decided for itself.',
      examples: [
        {
          commands: [
            { kind: 'put_member', id: 'm-3001', body: { profile: { given_name: 'Grace' } } },
            {
              kind: 'record_activity',
              body: { id: 'a-2026-3001', member: 'm-3001', type: 'visit' },
            },
            {
              kind: 'adjust_points',
              idempotency_key: 'batch-m-3001-welcome',
              body: { member: 'm-3001', points: 50, reason: 'Welcome back', actor: 'crm' },
            },
          ],
        },
      ],
    },
  ),
);
export type Batch = Static<typeof Batch>;

export const BatchResult = named(
  'BatchResult',
  Type.Object(
    {
      index: Type.Integer({ description: 'The place of the command in `commands`, from 0.' }),
      status: Type.Integer({ description: 'The status the single operation would have answered with.' }),
      idempotent_replayed: Type.Optional(
        Type.Boolean({ description: 'True: the answer to an earlier, identical command. Absent otherwise.' }),
      ),
      body: Type.Unsafe<Record<string, unknown>>({
        type: 'object',
        additionalProperties: true,
        description: 'What the single operation would have answered, problems included.',
      }),
    },
    { description: 'What became of one command.' },
  ),
);

export const BatchAnswer = named(
  'BatchAnswer',
  Type.Object(
    {
      succeeded: Type.Integer({ description: 'Commands with a status below 400.' }),
      failed: Type.Integer({ description: 'The others.' }),
      results: Type.Array(ref(BatchResult), { description: 'One for each command, in the order of the commands.' }),
    },
    { description: 'What became of a batch.' },
  ),
);
