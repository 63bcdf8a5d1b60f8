import { type Entitlement, type Refusal, refuse } from '../model/decision.ts';
import { entitlementStatus } from '../model/entitlement-view.ts';
import { instantText } from '../model/instant.ts';
import type { Draft } from './draft.ts';

/** An entitlement of the member as it stands in the draft; null: there is none of this number. */
export const entitlementIn = (draft: Draft, number: number): Entitlement | null => {
  const found = draft.loaded.entitlements.get(number);
  if (found === undefined) return null;
  const use = draft.entitlementsUsed.get(number);
  return use === undefined
    ? found
    : { ...found, used_at: use?.used_at ?? null, redemption_id: use?.redemption_id ?? null };
};

/** Why an entitlement is not open any more. */
export const refuseOver = (found: Entitlement, { now }: Draft): Refusal | null => {
  const status = entitlementStatus(found, now);
  switch (status) {
    case 'open':
      return null;
    case 'used':
      return refuse('entitlement_used', `redemption ${found.redemption_id} used the entitlement`);
    case 'expired':
      return refuse('entitlement_expired', `it expired at ${instantText(found.expires_at ?? now)}`);
    case 'revoked':
      return refuse('entitlement_revoked', `it was taken back at ${instantText(found.revoked_at ?? now)}`);
    default:
      return status satisfies never;
  }
};
