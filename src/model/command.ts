import type { CreateAdjustment } from './adjustment.ts';
import type { MemberId } from './ids.ts';
import type { PutMember } from './member.ts';
import type { RecordPurchase } from './purchase.ts';
import type { CreateRedemption } from './redemption.ts';

/** What is asked of the engine. `member_id` was resolved before; null where there is no member yet, or none at all. */
export type Command =
  | { readonly kind: 'record_purchase'; readonly member_id: MemberId; readonly report: RecordPurchase }
  | { readonly kind: 'record_guest_purchase'; readonly member_id: null; readonly report: RecordPurchase }
  | { readonly kind: 'redeem_points'; readonly member_id: MemberId; readonly request: CreateRedemption }
  | { readonly kind: 'adjust_points'; readonly member_id: MemberId; readonly request: CreateAdjustment }
  | {
      readonly kind: 'put_member';
      readonly member_id: MemberId | null;
      readonly external_id: string;
      readonly body: PutMember;
      readonly replace: boolean;
    }
  | { readonly kind: 'suspend_member'; readonly member_id: MemberId }
  | { readonly kind: 'reactivate_member'; readonly member_id: MemberId }
  | { readonly kind: 'close_member'; readonly member_id: MemberId }
  | { readonly kind: 'settle_member'; readonly member_id: MemberId };
