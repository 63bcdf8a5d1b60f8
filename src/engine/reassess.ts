import { WINDOWS } from '../model/condition.ts';
import type { Instant } from '../model/instant.ts';
import type { MemberState, TierHeld } from '../model/member-state.ts';
import type { CompiledTier, Scheme } from '../rules/rules.ts';
import { countOf, totalsFor } from '../rules/threshold.ts';
import { addEvent, type Draft } from './draft.ts';
import { minus } from './totals.ts';

const holds = (state: MemberState, tier: CompiledTier): boolean =>
  countOf(tier.entry, totalsFor(tier.entry, state.totals, state.windows)) >= tier.entry.value;

/** The highest tier of the scheme whose entry is true. */
const entitledTo = (state: MemberState, scheme: Scheme): CompiledTier | null =>
  scheme.tiers.find((tier) => holds(state, tier)) ?? null;

const rankOf = (scheme: Scheme, code: string | null): number =>
  code === null ? 0 : (scheme.tiers.find((tier) => tier.code === code)?.rank ?? 0);

const change = (
  draft: Draft,
  scheme: Scheme,
  held: TierHeld | undefined,
  to: CompiledTier | null,
  at: Instant,
): void => {
  const { state } = draft;
  const from = held?.tier ?? null;
  const number = (held?.changes ?? 0) + 1;
  const upgraded = rankOf(scheme, to?.code ?? null) > rankOf(scheme, from);
  // What decided: the condition that became true, or that of the tier that was lost.
  const decided = to !== null && upgraded ? to : scheme.tiers.find((tier) => tier.code === from);
  const facts =
    decided === undefined
      ? {}
      : {
          field: decided.entry.field,
          window: decided.entry.window ?? null,
          value: decided.entry.value,
          current: countOf(decided.entry, totalsFor(decided.entry, state.totals, state.windows)),
        };
  state.tiers = { ...state.tiers, [scheme.code]: { tier: to?.code ?? null, since: at, changes: number } };
  draft.transitions.push({
    scheme: scheme.code,
    number,
    from_tier: from,
    to_tier: to?.code ?? null,
    at,
    recorded_at: draft.now,
    revision: draft.rules.revision,
    facts,
  });
  addEvent(draft, upgraded ? 'tier.upgraded' : 'tier.downgraded', at, {
    scheme: scheme.code,
    from,
    to: to?.code ?? null,
  });
};

/** Looks at every tier scheme again and enters or leaves tiers as of an instant. */
export const reassess = (draft: Draft, at: Instant): void => {
  for (const scheme of draft.rules.schemes) {
    const held = draft.state.tiers[scheme.code];
    const entitled = entitledTo(draft.state, scheme);
    if ((held?.tier ?? null) !== (entitled?.code ?? null)) change(draft, scheme, held, entitled, at);
  }
  leaveArchivedSchemes(draft, at);
};

/** A scheme of which every tier was archived is left; in the order of codes, which a store may not keep. */
const leaveArchivedSchemes = (draft: Draft, at: Instant): void => {
  for (const code of Object.keys(draft.state.tiers).sort()) {
    const held = draft.state.tiers[code];
    if (held !== undefined && held.tier !== null && !draft.rules.schemes.some((scheme) => scheme.code === code))
      change(draft, { code, tiers: [] }, held, null, at);
  }
};

/**
 * The earliest instant at which time alone may take a tier away: when what falls out of its window brings the total
 * below what it needs. With every bucket of the window at hand the answer is exact. Otherwise only the current day's
 * bucket is sure to stay, and the answer may be early: a reassessment then sets the true one.
 */
export const tierDueAt = (draft: Draft, allBucketsAtHand: boolean): Instant | null => {
  const { rules, state } = draft;
  let due: Instant | null = null;
  for (const scheme of rules.schemes) {
    const code = state.tiers[scheme.code]?.tier ?? null;
    const tier = code === null ? undefined : scheme.tiers.find((candidate) => candidate.code === code);
    if (tier === undefined || tier.entry.window === undefined) continue;
    const at = rules.calendar.startOf(allBucketsAtHand ? dayOfFall(draft, tier) : dayOfFallAtTheEarliest(draft, tier));
    due = due === null ? at : Math.min(due, at);
  }
  return due;
};

const daysOf = (tier: CompiledTier): number => (tier.entry.window === undefined ? 0 : WINDOWS[tier.entry.window]);

const dayOfFallAtTheEarliest = (draft: Draft, tier: CompiledTier): number =>
  countOf(tier.entry, draft.state.today) >= tier.entry.value ? draft.state.day + daysOf(tier) : draft.state.day + 1;

const dayOfFall = (draft: Draft, tier: CompiledTier): number => {
  const days = daysOf(tier);
  let left = totalsFor(tier.entry, draft.state.totals, draft.state.windows);
  const buckets = [...draft.buckets]
    .filter(([day]) => day > draft.state.day - days && day <= draft.state.day)
    .sort(([a], [b]) => a - b);
  for (const [day, totals] of buckets) {
    left = minus(left, totals);
    if (countOf(tier.entry, left) < tier.entry.value) return day + days;
  }
  return draft.state.day + days;
};
