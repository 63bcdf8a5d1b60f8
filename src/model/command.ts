import type { RecordActivity } from './activity.ts';
import type { CreateAdjustment } from './adjustment.ts';
import type { RefusedBurn } from './burn-limit.ts';
import type { GrantEntitlement, RevokeEntitlement } from './entitlement.ts';
import type { MemberId } from './ids.ts';
import type { Instant } from './instant.ts';
import type { PatchMember, PutMember } from './member.ts';
import type { Absorbed } from './member-state.ts';
import type { MergeMember, UnmergeMember } from './merge.ts';
import type { OpenBalance } from './opening-balance.ts';
import type { RecordPastPurchase } from './past-purchase.ts';
import type { RecordPurchase } from './purchase.ts';
import type { ReturnRequest } from './purchase-return.ts';
import type { CaptureRedemption, RedeemPoints, RedeemReward, RefundRedemption } from './redemption.ts';
import type { FollowUp } from './referral.ts';
import type { SetTier } from './tier.ts';
import type { CreateTransfer } from './transfer.ts';
import type { CancelVoucher, UseVoucher } from './voucher.ts';

/** Of a merged member: whom it was merged into, and so on, where that is known to whoever hands the command in. */
interface Inherited {
  readonly heirs?: readonly MemberId[];
}

/** What is asked of the engine. `member_id` was resolved before; null where there is no member yet, or none at all. */
export type Command = Inherited & Asked;

type Asked =
  | { readonly kind: 'record_purchase'; readonly member_id: MemberId; readonly report: RecordPurchase }
  | { readonly kind: 'record_past_purchase'; readonly member_id: MemberId; readonly report: RecordPastPurchase }
  | { readonly kind: 'open_balance'; readonly member_id: MemberId; readonly request: OpenBalance }
  | { readonly kind: 'record_guest_purchase'; readonly member_id: null; readonly report: RecordPurchase }
  | {
      readonly kind: 'return_purchase';
      readonly member_id: MemberId;
      readonly purchase: string;
      readonly request: ReturnRequest;
    }
  | {
      readonly kind: 'return_guest_purchase';
      readonly member_id: null;
      readonly purchase: string;
      readonly request: ReturnRequest;
    }
  | { readonly kind: 'record_activity'; readonly member_id: MemberId; readonly report: RecordActivity }
  | { readonly kind: 'redeem_points'; readonly member_id: MemberId; readonly request: RedeemPoints }
  | { readonly kind: 'redeem_reward'; readonly member_id: MemberId; readonly request: RedeemReward }
  | {
      readonly kind: 'capture_redemption';
      readonly member_id: MemberId;
      readonly id: string;
      readonly request: CaptureRedemption;
    }
  | { readonly kind: 'void_redemption'; readonly member_id: MemberId; readonly id: string }
  | {
      readonly kind: 'refund_redemption';
      readonly member_id: MemberId;
      readonly id: string;
      readonly request: RefundRedemption;
    }
  | { readonly kind: 'grant_entitlement'; readonly member_id: MemberId; readonly request: GrantEntitlement }
  | {
      readonly kind: 'revoke_entitlement';
      readonly member_id: MemberId;
      readonly number: number;
      readonly request: RevokeEntitlement;
    }
  | {
      readonly kind: 'use_voucher';
      readonly member_id: MemberId;
      readonly number: number;
      readonly request: UseVoucher;
    }
  | {
      readonly kind: 'cancel_voucher';
      readonly member_id: MemberId;
      readonly number: number;
      readonly request: CancelVoucher;
    }
  | { readonly kind: 'adjust_points'; readonly member_id: MemberId; readonly request: CreateAdjustment }
  | {
      readonly kind: 'put_member';
      readonly member_id: MemberId | null;
      readonly external_id: string;
      readonly body: PutMember & PatchMember;
      readonly replace: boolean;
      /** Of a member who has been one elsewhere: enrolling sets off no rule, and what is entered with it is told as that. */
      readonly backfill?: boolean;
      /** Since when the member has been one; absent, or in the future: from now on. */
      readonly enrolled_at?: Instant;
    }
  | { readonly kind: 'suspend_member'; readonly member_id: MemberId }
  | { readonly kind: 'reactivate_member'; readonly member_id: MemberId }
  | { readonly kind: 'close_member'; readonly member_id: MemberId }
  /** `pseudonym` is what the member's id becomes, drawn at random; `actor` who decided it. */
  | {
      readonly kind: 'erase_member';
      readonly member_id: MemberId;
      readonly pseudonym: string;
      readonly actor: string;
      /** Members merged into this one, as far as whoever handed it in knew. */
      readonly absorbed?: readonly MemberId[];
    }
  /** The side of a member merged into the one who is erased: decided with that, never handed in by itself. */
  | {
      readonly kind: 'erase_merged';
      readonly member_id: MemberId;
      readonly pseudonym: string;
      readonly kin: readonly Absorbed[];
    }
  | { readonly kind: 'unfreeze_member'; readonly member_id: MemberId }
  | { readonly kind: 'tell_refused_burn'; readonly member_id: MemberId; readonly refused: RefusedBurn }
  | { readonly kind: 'set_tier'; readonly member_id: MemberId; readonly scheme: string; readonly request: SetTier }
  | { readonly kind: 'lift_tier'; readonly member_id: MemberId; readonly scheme: string }
  | { readonly kind: 'make_referral_code'; readonly member_id: MemberId; readonly code: string }
  | { readonly kind: 'credit_referrer'; readonly member_id: MemberId; readonly followUp: FollowUp }
  | {
      readonly kind: 'transfer_points';
      readonly member_id: MemberId;
      readonly to: MemberId;
      readonly request: CreateTransfer;
    }
  /** The recipient's side of a transfer: decided right after the sender's, never handed in by itself. */
  | { readonly kind: 'receive_points'; readonly member_id: MemberId; readonly from: MemberId }
  | { readonly kind: 'claim_purchase'; readonly member_id: MemberId; readonly followUp: FollowUp }
  | {
      readonly kind: 'merge_member';
      readonly member_id: MemberId;
      readonly into: MemberId;
      readonly request: MergeMember;
    }
  | { readonly kind: 'unmerge_member'; readonly member_id: MemberId; readonly request: UnmergeMember }
  /** The survivor's sides: decided with the other's command, never handed in by themselves. */
  | { readonly kind: 'take_over'; readonly member_id: MemberId; readonly from: MemberId; readonly of: Command }
  | { readonly kind: 'give_back_merged'; readonly member_id: MemberId; readonly to: MemberId }
  | { readonly kind: 'settle_member'; readonly member_id: MemberId };
