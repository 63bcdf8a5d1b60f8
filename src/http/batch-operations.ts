import type { TSchema } from 'typebox';
import type { BatchKind } from '../model/batch.ts';
import { memberId, memberRef } from '../model/member.ts';
import type { Scope } from '../model/program.ts';
import { closed } from '../model/schema.ts';
import type { Prepare } from './call.ts';
import { recordActivity } from './routes/activities.ts';
import { adjustPoints } from './routes/adjustments.ts';
import { entitlementId, grantEntitlement, revokeEntitlement } from './routes/entitlements.ts';
import { changeStatus } from './routes/member-status.ts';
import { liftMemberTier, setMemberTier, tierOfMember } from './routes/member-tiers.ts';
import { patchMember, putMember } from './routes/members.ts';
import { mergeMember, unmergeMember } from './routes/merges.ts';
import { openBalance } from './routes/opening-balances.ts';
import { recordPastPurchase } from './routes/past-purchases.ts';
import { recordPurchase } from './routes/purchases.ts';
import { captureRedemption, redemptionId, refundRedemption, voidRedemption } from './routes/redemption-life.ts';
import { redeem } from './routes/redemptions.ts';
import { cancelPurchase, purchaseId, returnPurchase } from './routes/returns.ts';
import { transferPoints } from './routes/transfers.ts';
import { cancelVoucher, useVoucher, useVoucherCode } from './routes/voucher-life.ts';
import { voucherId } from './routes/voucher-of.ts';

/** A single operation as a batch does it: its route is part of the fingerprint. */
export interface BatchOperation {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly route: string;
  readonly scope: Scope;
  readonly params: TSchema;
  /** Holds parameters and body against their schemas before it calls. */
  readonly prepare: Prepare<never, never>;
}

const none = closed({});
const byId = closed({ id: memberId });
const byRef = closed({ id: memberRef });

const post = (
  route: string,
  params: TSchema,
  prepare: Prepare<never, never>,
  scope: Scope = 'write',
): BatchOperation => ({ method: 'POST', route, scope, params, prepare });

export const batchOperations: Readonly<Record<BatchKind, BatchOperation>> = {
  put_member: { method: 'PUT', route: '/v1/members/:id', scope: 'write', params: byId, prepare: putMember },
  patch_member: { method: 'PATCH', route: '/v1/members/:id', scope: 'write', params: byId, prepare: patchMember },
  suspend_member: post('/v1/members/:id/suspend', byRef, changeStatus('suspend_member')),
  reactivate_member: post('/v1/members/:id/reactivate', byRef, changeStatus('reactivate_member')),
  unfreeze_member: post('/v1/members/:id/unfreeze', byRef, changeStatus('unfreeze_member'), 'adjust'),
  close_member: post('/v1/members/:id/close', byRef, changeStatus('close_member')),
  set_tier: {
    method: 'PUT',
    route: '/v1/members/:id/tiers/:scheme',
    scope: 'adjust',
    params: tierOfMember,
    prepare: setMemberTier,
  },
  lift_tier: {
    method: 'DELETE',
    route: '/v1/members/:id/tiers/:scheme',
    scope: 'adjust',
    params: tierOfMember,
    prepare: liftMemberTier,
  },
  record_purchase: post('/v1/purchases', none, recordPurchase),
  return_purchase: post('/v1/purchases/:id/returns', purchaseId, returnPurchase),
  cancel_purchase: post('/v1/purchases/:id/cancel', purchaseId, cancelPurchase),
  record_past_purchase: post('/v1/past-purchases', none, recordPastPurchase),
  open_balance: post('/v1/members/:id/opening-balance', byRef, openBalance, 'adjust'),
  record_activity: post('/v1/activities', none, recordActivity),
  redeem: post('/v1/redemptions', none, redeem),
  capture_redemption: post('/v1/redemptions/:id/capture', redemptionId, captureRedemption),
  void_redemption: post('/v1/redemptions/:id/void', redemptionId, voidRedemption),
  refund_redemption: post('/v1/redemptions/:id/refund', redemptionId, refundRedemption),
  adjust_points: post('/v1/adjustments', none, adjustPoints, 'adjust'),
  transfer_points: post('/v1/transfers', none, transferPoints),
  merge_member: post('/v1/members/:id/merge', byId, mergeMember, 'adjust'),
  unmerge_member: post('/v1/members/:id/unmerge', byId, unmergeMember, 'adjust'),
  grant_entitlement: post('/v1/entitlements', none, grantEntitlement, 'adjust'),
  revoke_entitlement: post('/v1/entitlements/:id/revoke', entitlementId, revokeEntitlement, 'adjust'),
  use_voucher: post('/v1/vouchers/:id/use', voucherId, useVoucher),
  use_voucher_code: post('/v1/vouchers/use', none, useVoucherCode),
  cancel_voucher: post('/v1/vouchers/:id/cancel', voucherId, cancelVoucher, 'adjust'),
};
