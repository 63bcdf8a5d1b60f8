import type { Entitlement } from '../model/decision.ts';
import { makeId } from '../model/ids.ts';
import { addEvent, type Draft, holdsOf } from './draft.ts';
import { entitlementIn } from './entitlement-standing.ts';
import { endHold } from './holds.ts';
import { redemptionIn, refund, takeVoucherBack } from './redemption-life.ts';

/** Undoes the redemption that an entitlement was used by, as long as nothing was had for it: a hold, or a voucher that can still be used. */
const undoUse = (draft: Draft, redemption: string): void => {
  const hold = holdsOf(draft.state).find(({ id }) => id === redemption);
  if (hold !== undefined) endHold(draft, hold, { status: 'voided', captured: 0, at: draft.now });
  const row = redemptionIn(draft, redemption);
  if (row?.status !== 'captured' || row.voucher == null || takeVoucherBack(draft, row) !== null) return;
  const { cause } = draft;
  refund(draft, row, 0);
  draft.cause = cause;
};

/**
 * Takes an entitlement back, unless it is over. Where it was used and the reward was had (its voucher used, or none
 * issued) it stays used: it is only not open again, should its redemption come to nothing.
 */
export const revoke = (draft: Draft, entitlement: Entitlement): void => {
  const standing = entitlementIn(draft, entitlement.number) ?? entitlement;
  const { number, reward, rule, expires_at, redemption_id: redemption } = standing;
  const isUsed = standing.used_at != null;
  if (!isUsed && expires_at !== null && expires_at <= draft.now) return;
  if (isUsed && redemption != null) undoUse(draft, redemption);
  draft.revoked.push(number);
  if (isUsed && draft.entitlementsUsed.get(number) !== null) return;
  addEvent(draft, 'reward.revoked', draft.now, {
    entitlement: makeId('ett', draft.state.member_id, number),
    reward,
    rule,
  });
};
