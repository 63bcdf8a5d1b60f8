import type { Instant } from '../model/instant.ts';
import type { TierHeld } from '../model/member-state.ts';
import { addDuration, type Calendar, lastDayOf } from '../rules/calendar.ts';
import type { Rules } from '../rules/rules.ts';
import type { CompiledTier } from '../rules/status-rules.ts';

const DAY_MS = 86_400_000;

/** Until when a tier that is entered, or qualified for anew, is kept at least. */
export const stayUntil = (calendar: Calendar, { tier }: CompiledTier, at: Instant): Instant | null => {
  if (tier.minimum_stay === null) return null;
  const { after, round_up_to } = tier.minimum_stay;
  const day = addDuration(calendar.dayOf(at), after);
  return calendar.startOf((round_up_to === null ? day : lastDayOf(round_up_to, day)) + 1);
};

/** When a grace that begins at an instant is over. */
const graceOver = (calendar: Calendar, grace: string, from: Instant): Instant =>
  calendar.startOf(addDuration(calendar.dayOf(from), grace) + 1);

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
  const ends = held.leaves_at ?? graceOver(calendar, tier.grace, stayOver);
  return { at: ends, graceEnds: stayOver <= at ? ends : null };
};

/** From when on leaving is announced; null: not at all. */
export const announcedFrom = ({ policies }: Rules, leaving: Instant): Instant | null =>
  policies.tier_expiring_days === null ? null : leaving - policies.tier_expiring_days * DAY_MS;
