import { ROLLING_DAYS } from '../model/condition.ts';
import { DAY_MS, type Instant } from '../model/instant.ts';
import type { TierHeld } from '../model/member-state.ts';
import { isRolling } from '../rules/conditions/civil-days.ts';
import type { Rules } from '../rules/rules.ts';
import type { CompiledTier } from '../rules/status-rules.ts';
import type { Draft } from './draft.ts';
import { subjectAt } from './subject.ts';
import { moveToDay } from './totals.ts';

/*
 * A tier that only time will take away is announced before: at the first local midnight on which it is near enough.
 * Midnights, so that it does not depend on who looks at the member when: at each instant that is due every bucket of the
 * windows is at hand, at others the instant told is no later than the true one.
 */

/** Flips of the entry that are followed; a condition that flips more often tells nothing ahead. */
const FLIPS_MAX = 50;
/** When the entry of a tier ceases to be true if nothing but time happens; null: never. Needs the windows' buckets. */
const entryEnds = (draft: Draft, { entry }: CompiledTier, from: Instant): Instant | null => {
  const ahead: Draft = { ...draft, state: { ...draft.state } };
  let at = from;
  for (let flips = 0; flips < FLIPS_MAX; flips++) {
    const flip = entry.nextFlip(subjectAt(ahead, at), draft.buckets);
    if (flip === null) return null;
    moveToDay(ahead, draft.rules.calendar.dayOf(flip));
    if (entry.test(subjectAt(ahead, flip)) !== true) return flip;
    at = flip;
  }
  return null;
};

/** Grace is announced when it begins, and what an exit or another tier or segment brings is not foreseen. */
const isForeseeable = ({ tier, entry, exit }: CompiledTier): boolean =>
  tier.grace === null &&
  exit === null &&
  tier.downgrade !== 'none' &&
  entry.dependencies.time &&
  entry.dependencies.schemes.length === 0 &&
  !entry.dependencies.fields.includes('segments');

/**
 * Instants before leaving at which it is announced: as the program says, but at most half of the shortest window the
 * entry reads. Who is asked to buy within thirty days does not want to hear each day that it is for thirty days only.
 */
const noticeOf = ({ policies }: Rules, { entry }: CompiledTier): number | null => {
  if (policies.tier_expiring_days === null) return null;
  const rolling = entry.dependencies.windows.filter(isRolling).map((window) => Math.floor(ROLLING_DAYS[window] / 2));
  return Math.min(policies.tier_expiring_days, ...rolling) * DAY_MS;
};

const leavingAfter = (held: TierHeld, ends: Instant): Instant => Math.max(ends, held.stay_until ?? ends);

/** When a tier that is held and whose entry is true will be left through time alone, if that is near; null: not that one knows. */
export const leavingAhead = (draft: Draft, held: TierHeld, tier: CompiledTier, at: Instant): Instant | null => {
  const { calendar } = draft.rules;
  if (!draft.wholeWindows || !isForeseeable(tier) || calendar.startOf(calendar.dayOf(at)) !== at) return null;
  const ends = entryEnds(draft, tier, at);
  const notice = noticeOf(draft.rules, tier);
  if (ends === null || notice === null) return null;
  const leaving = leavingAfter(held, ends);
  return at < leaving - notice ? null : leaving;
};

/** The midnight at which leaving is to be announced: exact with the windows' buckets, otherwise no later than that. */
export const aheadDue = (draft: Draft, held: TierHeld, tier: CompiledTier, from: Instant): Instant | null => {
  const { calendar } = draft.rules;
  if (!isForeseeable(tier)) return null;
  const ends = draft.wholeWindows ? entryEnds(draft, tier, from) : tier.entry.nextFlip(subjectAt(draft, from), null);
  if (ends === null) return null;
  const leaving = leavingAfter(held, ends);
  const notice = noticeOf(draft.rules, tier);
  if (notice === null || (draft.wholeWindows && held.announced === leaving)) return null;
  const announced = leaving - notice;
  const day = calendar.dayOf(Math.max(announced, from));
  const midnight = calendar.startOf(day);
  return midnight >= announced && midnight > from ? midnight : calendar.startOf(day + 1);
};
