import type { Entitlement } from './decision.ts';
import type { EntitlementView } from './entitlement.ts';
import { type MemberId, makeId } from './ids.ts';
import { type Instant, instantText, instantTextOrNull } from './instant.ts';

/** Where an entitlement stands at an instant. */
export const entitlementStatus = (
  { used_at, revoked_at, expires_at }: Entitlement,
  now: Instant,
): 'open' | 'used' | 'expired' | 'revoked' => {
  if (used_at != null) return 'used';
  if (revoked_at != null) return 'revoked';
  return expires_at !== null && expires_at <= now ? 'expired' : 'open';
};

/** An entitlement as the API shows it at an instant. */
export const entitlementView = (row: Entitlement, member: MemberId, now: Instant): EntitlementView => ({
  id: makeId('ett', member, row.number),
  reward: row.reward,
  status: entitlementStatus(row, now),
  rule: row.rule,
  cause: row.cause,
  cause_id: row.cause_id,
  granted_at: instantText(row.granted_at),
  recorded_at: instantText(row.recorded_at),
  expires_at: instantTextOrNull(row.expires_at),
  used_at: instantTextOrNull(row.used_at ?? null),
  redemption: row.redemption_id ?? null,
  revoked_at: instantTextOrNull(row.revoked_at ?? null),
  revision: row.revision,
});
