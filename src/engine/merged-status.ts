import { instantTextOrNull } from '../model/instant.ts';
import type { TierHeld } from '../model/member-state.ts';
import type { Kept } from '../model/merge.ts';
import type { Scheme } from '../rules/status-rules.ts';
import { addEvent, type Draft } from './draft.ts';
import { countersOf } from './handover.ts';
import { enterAgain, leaveWithMerge } from './segments.ts';
import { noTierHeld, tierOf } from './tiers.ts';

/*
 * Tiers and segments when two members become one, and when they are parted. The one who stays has the higher tier of
 * both, with the stay that goes with it; whatever the sums of both bring is entered besides. When they are parted, what
 * the merge brought is put back as it was, unless something else changed it since. None of it sets off a rule.
 */

/** Whether two values of a state say the same, in whatever order their keys are stored. */
export const saysTheSame = (a: unknown, b: unknown): boolean => written(a) === written(b);

const written = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  ) ?? '';

/** What of a member is not a sum. */
export const keptOf = ({ state }: Draft): Kept => ({
  tiers: state.tiers,
  segments: state.segments,
  nps: state.nps,
  frozen_until: state.frozen_until ?? null,
  ...countersOf(state),
});

const setHeld = (draft: Draft, scheme: string, held: TierHeld): void => {
  draft.state.tiers = { ...draft.state.tiers, [scheme]: held };
};

const rankOf = (scheme: Scheme | undefined, code: string | null): number =>
  scheme === undefined ? 0 : (tierOf(scheme, code)?.rank ?? 0);

/** Holds a tier as it was held by somebody else, or at another time. */
const hold = (draft: Draft, code: string, held: TierHeld): void => {
  const current = draft.state.tiers[code] ?? noTierHeld(draft.now);
  if (current.tier === held.tier) {
    setHeld(draft, code, { ...held, changes: current.changes });
    return;
  }
  const number = current.changes + 1;
  const scheme = draft.rules.schemes.find((one) => one.code === code);
  const rises = rankOf(scheme, held.tier) > rankOf(scheme, current.tier);
  setHeld(draft, code, { ...held, changes: number });
  draft.transitions.push({
    scheme: code,
    number,
    from_tier: current.tier,
    to_tier: held.tier,
    at: draft.now,
    recorded_at: draft.now,
    revision: draft.rules.revision,
    facts: { because: 'merge', of: held.tier, values: {} },
  });
  addEvent(draft, rises ? 'tier.upgraded' : 'tier.downgraded', draft.now, {
    scheme: code,
    from: current.tier,
    to: held.tier,
    stay_until: instantTextOrNull(held.stay_until),
  });
};

const longer = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

/** The higher tier of both; of the same, the longer stay. */
export const inheritTiers = (draft: Draft, tiers: Kept['tiers']): void => {
  for (const scheme of draft.rules.schemes) {
    // A stay that a purchase of theirs began is not taken away by a return: that is not known here.
    const { begun: _, ...theirs } = tiers[scheme.code] ?? noTierHeld(draft.now);
    const own = draft.state.tiers[scheme.code];
    const [higher, held] = [rankOf(scheme, theirs.tier), rankOf(scheme, own?.tier ?? null)];
    if (higher > held) hold(draft, scheme.code, theirs);
    else if (higher === held && higher > 0 && own !== undefined)
      setHeld(draft, scheme.code, { ...own, stay_until: longer(own.stay_until, theirs.stay_until) });
  }
};

/** Tiers as they were before, of schemes in which nothing changed since. */
export const restoreTiers = (draft: Draft, before: Kept['tiers'], after: Kept['tiers']): void => {
  for (const code of Object.keys(draft.state.tiers).sort()) {
    const current = draft.state.tiers[code];
    const left = after[code];
    if (current === undefined || left === undefined || current.changes !== left.changes) continue;
    const held = before[code] ?? { ...noTierHeld(draft.now), changes: 0 };
    if (held.tier !== current.tier || saysTheSame(current, left)) hold(draft, code, held);
  }
};

/** Segments that the merge entered are left, and those it left are entered again, unless that changed since. */
export const restoreSegments = (draft: Draft, before: Kept['segments'], after: Kept['segments']): void => {
  for (const code of Object.keys(after).sort())
    if (before[code] === undefined && draft.state.segments[code]?.number === after[code]?.number)
      leaveWithMerge(draft, code);
  for (const [code, { since }] of Object.entries(before).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (after[code] === undefined) enterAgain(draft, code, since);
};
