import type { TransitionFacts } from '../model/decision.ts';
import { earliest, type Instant, instantTextOrNull } from '../model/instant.ts';
import type { TierHeld } from '../model/member-state.ts';
import type { Subject } from '../rules/conditions/subject.ts';
import type { CompiledTier, Scheme } from '../rules/status-rules.ts';
import { aheadDue, leavingAhead } from './ahead.ts';
import { addEvent, type Draft } from './draft.ts';
import { factsOf } from './facts.ts';
import { announcedFrom, leavingOf, stayUntil } from './stay.ts';
import { subjectAt } from './subject.ts';

/*
 * A member and a scheme, at one instant:
 *
 *   no tier ──entry true──▶ held, qualified ◀──entry true again── held, not qualified ──stay over──▶ in grace ──▶ left
 *
 * The highest tier whose entry is true is entered at once. A tier is on its way out only when its entry is not true and
 * its exit, if it has one, is; what holds it then is the minimum stay, a tier set by hand, and grace, in this order.
 */

export const noTierHeld = (since: Instant): TierHeld => ({
  tier: null,
  since,
  changes: 0,
  stay_until: null,
  qualified_since: null,
  leaves_at: null,
  manual: null,
  announced: null,
});

const higher = (a: CompiledTier | null, b: CompiledTier | null): CompiledTier | null =>
  (a?.rank ?? 0) >= (b?.rank ?? 0) ? a : b;

/** The highest tier of the scheme whose entry is true. */
export const entitledTo = (scheme: Scheme, subject: Subject): CompiledTier | null =>
  scheme.tiers.find((tier) => tier.entry.test(subject) === true) ?? null;

export const tierOf = (scheme: Scheme, code: string | null): CompiledTier | null =>
  scheme.tiers.find((tier) => tier.code === code) ?? null;

/** The tier set by hand, while it holds. */
export const floorOf = (scheme: Scheme, held: TierHeld, at: Instant): CompiledTier | null =>
  held.manual === null || (held.manual.until !== null && held.manual.until <= at)
    ? null
    : tierOf(scheme, held.manual.tier);

const setHeld = (draft: Draft, scheme: string, held: TierHeld): void => {
  draft.state.tiers = { ...draft.state.tiers, [scheme]: held };
};

/** What decided: the entry that became true, or the entry and exit of the tier that was lost. */
const factsOfChange = (
  draft: Draft,
  from: CompiledTier | null,
  to: CompiledTier | null,
  floor: CompiledTier | null,
  at: Instant,
): TransitionFacts => {
  const subject = subjectAt(draft, at);
  const rises = (to?.rank ?? 0) > (from?.rank ?? 0);
  if (rises && to !== null && to === floor && to.entry.test(subject) !== true)
    return { because: 'manual', of: to.code, values: {} };
  const decided = rises ? to : from;
  if (decided === null) return { because: 'archived', of: null, values: {} };
  return {
    because: rises || decided.exit === null ? 'entry' : 'exit',
    of: decided.code,
    values: {
      ...factsOf(decided.entry, subject),
      ...(rises || decided.exit === null ? {} : factsOf(decided.exit, subject)),
    },
  };
};

/** A stay that begins with the purchase at hand goes with it: what there was before is kept for that. */
const begunNow = (draft: Draft, { tier, stay_until, begun }: TierHeld): Pick<TierHeld, 'begun'> => {
  const purchase = draft.purchase?.ordinal;
  if (purchase === undefined) return {};
  return { begun: begun?.purchase === purchase ? begun : { purchase, tier, stay_until } };
};

/** Moves the member to another tier of the scheme, or to none. */
const change = (
  draft: Draft,
  scheme: Scheme,
  held: TierHeld,
  to: CompiledTier | null,
  at: Instant,
  stay: Instant | null,
): void => {
  const from = tierOf(scheme, held.tier);
  const floor = floorOf(scheme, held, at);
  const rises = (to?.rank ?? 0) > (from?.rank ?? 0);
  const number = held.changes + 1;
  const code = to?.code ?? null;
  const facts = factsOfChange(draft, from, to, floor, at);
  setHeld(draft, scheme.code, {
    tier: code,
    since: at,
    changes: number,
    stay_until: stay,
    qualified_since: to !== null && to.entry.test(subjectAt(draft, at)) === true ? at : null,
    leaves_at: null,
    manual: floor === null ? null : held.manual,
    announced: null,
    ...begunNow(draft, held),
  });
  draft.transitions.push({
    scheme: scheme.code,
    number,
    from_tier: held.tier,
    to_tier: code,
    at,
    recorded_at: draft.now,
    revision: draft.rules.revision,
    facts,
  });
  addEvent(draft, rises ? 'tier.upgraded' : 'tier.downgraded', at, {
    scheme: scheme.code,
    from: held.tier,
    to: code,
    stay_until: instantTextOrNull(stay),
    ...(draft.backfill ? { backfill: true } : {}),
  });
  if (rises && code !== null) draft.entered.push({ kind: 'tier', code, at });
};

const later = (a: Instant | null, b: Instant): Instant => (a === null ? b : Math.max(a, b));

/** Leaves a tier the way its downgrade policy says; a tier set by hand is the floor. */
const leave = (draft: Draft, scheme: Scheme, held: TierHeld, from: CompiledTier, at: Instant): void => {
  const { calendar } = draft.rules;
  const floor = floorOf(scheme, held, at);
  const entitled = higher(entitledTo(scheme, subjectAt(draft, at)), floor);
  if (from.tier.downgrade !== 'one_level') {
    change(draft, scheme, held, entitled, at, entitled === null ? null : stayUntil(calendar, entitled, at));
    return;
  }
  const below = higher(scheme.tiers.find((tier) => tier.rank < from.rank) ?? null, entitled);
  const tomorrow = calendar.startOf(calendar.dayOf(at) + 1);
  change(draft, scheme, held, below, at, below === null ? null : later(stayUntil(calendar, below, at), tomorrow));
  // What is one level below may be on its way out already: it is said now, not when somebody happens to look again.
  const next = draft.state.tiers[scheme.code];
  if (below !== null && next?.qualified_since === null) disqualified(draft, scheme, next, below, at);
};

/**
 * A tier whose stay began with the purchase that is being returned protects nobody: neither stay nor grace holds it.
 * What was held before is held again for as long as its own stay says.
 */
const forfeit = (draft: Draft, scheme: Scheme, { begun, ...held }: TierHeld, tier: CompiledTier, at: Instant): void => {
  const { calendar } = draft.rules;
  const entitled = higher(entitledTo(scheme, subjectAt(draft, at)), floorOf(scheme, held, at));
  const earlier = tierOf(scheme, begun?.tier ?? null);
  const to = higher(entitled, earlier);
  if (to === tier) {
    setHeld(draft, scheme.code, { ...held, stay_until: begun?.stay_until ?? null, qualified_since: null });
    disqualified(draft, scheme, { ...held, stay_until: begun?.stay_until ?? null, qualified_since: null }, tier, at);
    return;
  }
  const stay = to === null ? null : to === entitled ? stayUntil(calendar, to, at) : (begun?.stay_until ?? null);
  change(draft, scheme, held, to, at, stay);
  const next = draft.state.tiers[scheme.code];
  if (to !== null && next?.qualified_since === null) disqualified(draft, scheme, next, to, at);
};

const announce = (draft: Draft, scheme: Scheme, held: TierHeld, leaving: Instant, at: Instant): TierHeld => {
  const from = announcedFrom(draft.rules, leaving);
  if (from === null || at < from || held.announced === leaving) return held;
  addEvent(draft, 'tier.expiring', at, {
    scheme: scheme.code,
    tier: held.tier,
    leaves_at: new Date(leaving).toISOString(),
  });
  return { ...held, announced: leaving };
};

/** A tier that is held and whose entry is not true: kept by something, or left. */
const disqualified = (draft: Draft, scheme: Scheme, held: TierHeld, tier: CompiledTier, at: Instant): void => {
  const subject = subjectAt(draft, at);
  const kept =
    tier.tier.downgrade === 'none' ||
    (tier.exit !== null && tier.exit.test(subject) !== true) ||
    (floorOf(scheme, held, at)?.rank ?? 0) >= tier.rank;
  const forfeits = draft.returned !== null && held.begun?.purchase === draft.returned;
  if (kept) {
    if (forfeits || held.qualified_since !== null || held.leaves_at !== null) {
      const stay_until = forfeits ? null : held.stay_until;
      setHeld(draft, scheme.code, { ...held, stay_until, qualified_since: null, leaves_at: null });
    }
    return;
  }
  if (forfeits) {
    forfeit(draft, scheme, held, tier, at);
    return;
  }
  const leaving = leavingOf(draft.rules.calendar, tier, held, at);
  if (leaving.at <= at) {
    leave(draft, scheme, held, tier, at);
    return;
  }
  const next = announce(
    draft,
    scheme,
    { ...held, qualified_since: null, leaves_at: leaving.graceEnds },
    leaving.at,
    at,
  );
  if (
    next.qualified_since !== held.qualified_since ||
    next.leaves_at !== held.leaves_at ||
    next.announced !== held.announced
  )
    setHeld(draft, scheme.code, next);
};

/** A tier that is held, and that time alone will take away before long. */
const lookAhead = (draft: Draft, scheme: Scheme, held: TierHeld, tier: CompiledTier, at: Instant): void => {
  if ((floorOf(scheme, held, at)?.rank ?? 0) >= tier.rank) return;
  const leaving = leavingAhead(draft, held, tier, at);
  const next = leaving === null ? held : announce(draft, scheme, held, leaving, at);
  if (next !== held) setHeld(draft, scheme.code, next);
};

/** Looks at one tier scheme again as of an instant. */
export const assessScheme = (draft: Draft, scheme: Scheme, at: Instant): void => {
  const { calendar } = draft.rules;
  const before = draft.state.tiers[scheme.code] ?? noTierHeld(at);
  const held = before.manual !== null && floorOf(scheme, before, at) === null ? { ...before, manual: null } : before;
  if (held !== before) setHeld(draft, scheme.code, held);
  const subject = subjectAt(draft, at);
  const target = higher(entitledTo(scheme, subject), floorOf(scheme, held, at));
  const current = tierOf(scheme, held.tier);
  if ((target?.rank ?? 0) > (current?.rank ?? 0) || (current === null && held.tier !== null)) {
    change(draft, scheme, held, target, at, target === null ? null : stayUntil(calendar, target, at));
    return;
  }
  if (current === null) return;
  if (current.entry.test(subject) !== true) disqualified(draft, scheme, held, current, at);
  else if (held.qualified_since === null)
    setHeld(draft, scheme.code, {
      ...held,
      qualified_since: at,
      stay_until: stayUntil(calendar, current, at),
      leaves_at: null,
      announced: null,
      ...begunNow(draft, held),
    });
  else lookAhead(draft, scheme, held, current, at);
};

/** When time will do something to a tier by itself: stay, grace or a tier by hand ends, or leaving is to be announced. */
export const schemeDue = (draft: Draft, scheme: Scheme, now: Instant): Instant | null => {
  const held = draft.state.tiers[scheme.code];
  const tier = held === undefined ? null : tierOf(scheme, held.tier);
  if (held === undefined || tier === null) return null;
  const instants = [held.manual?.until ?? null];
  if (held.qualified_since === null) {
    const leaving = leavingOf(draft.rules.calendar, tier, held, now);
    instants.push(held.stay_until, leaving.at, announcedFrom(draft.rules, leaving.at));
  } else instants.push(aheadDue(draft, held, tier, now));
  return earliest(instants.filter((at) => at !== null && at > now));
};
