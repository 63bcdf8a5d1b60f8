import { DAY_MS, type Instant, latest } from '../model/instant.ts';
import type { TierHeld } from '../model/member-state.ts';
import { type Calendar, endOf } from '../rules/calendar.ts';
import type { Rules } from '../rules/rules.ts';
import type { CompiledTier } from '../rules/status-rules.ts';

/** Until when a tier that is entered, or qualified for anew, is kept at least. */
export const stayUntil = (calendar: Calendar, { tier }: CompiledTier, at: Instant): Instant | null =>
  tier.minimum_stay === null ? null : endOf(calendar, tier.minimum_stay, at);

/** How a tier whose entry is not true any more comes to be left. */
export interface Leaving {
  /** When it is left if nothing changes. */
  readonly at: Instant;
  /** Set once grace runs. */
  readonly graceEnds: Instant | null;
}

/** When a tier that nothing holds but stay and grace is left, as seen at an instant. */
export const leavingOf = (calendar: Calendar, { tier }: CompiledTier, held: TierHeld, at: Instant): Leaving => {
  const stayOver = Math.max(held.stay_until ?? at, at);
  if (tier.grace === null) return { at: stayOver, graceEnds: null };
  const ends = held.leaves_at ?? endOf(calendar, { after: tier.grace, round_up_to: null }, stayOver);
  return { at: ends, graceEnds: stayOver <= at ? ends : null };
};

/** From when on leaving is announced; null: not at all. */
export const announcedFrom = ({ policies }: Rules, leaving: Instant): Instant | null =>
  policies.tier_expiring_days === null ? null : leaving - policies.tier_expiring_days * DAY_MS;

/** Until when a tier is kept at least, as its stay, its grace and a tier set by hand say; null: nothing says, or it is for good. */
export const keptUntil = ({ manual, stay_until, leaves_at }: TierHeld): Instant | null =>
  manual !== null && manual.until === null ? null : latest([stay_until, leaves_at, manual?.until ?? null]);
