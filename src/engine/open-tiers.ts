import { type Instant, instantText, instantTextOrNull, parseInstant } from '../model/instant.ts';
import type { TierHeld } from '../model/member-state.ts';
import type { OpenBalance } from '../model/opening-balance.ts';
import type { Fault } from '../model/problem.ts';
import type { Scheme } from '../rules/status-rules.ts';
import { oneOf } from '../rules/suggest.ts';
import { addEvent, type Draft } from './draft.ts';
import { floorOf, noTierHeld, tierOf } from './tiers.ts';

/* Tiers as the old system gave them: held since then, and not lost before their date, whatever is imported in which order. */

type Tiers = NonNullable<OpenBalance['tiers']>;

const pointerTo = (scheme: string, property: string): string => `/tiers/${scheme}/${property}`;

export const faultsOfTiers = ({ rules, now }: Draft, tiers: Tiers): Fault[] =>
  Object.entries(tiers).flatMap(([code, { tier, since }]): Fault[] => {
    const scheme = rules.schemes.find((one) => one.code === code);
    if (scheme === undefined) {
      const expected = oneOf(
        code,
        rules.schemes.map((one) => one.code),
      );
      return [{ pointer: `/tiers/${code}`, code: 'unknown_scheme', detail: code, expected }];
    }
    const codes = scheme.tiers.map((one) => one.code);
    return [
      ...(codes.includes(tier)
        ? []
        : [{ pointer: pointerTo(code, 'tier'), code: 'unknown_tier', detail: tier, expected: oneOf(tier, codes) }]),
      ...(parseInstant(since) <= now
        ? []
        : [
            {
              pointer: pointerTo(code, 'since'),
              code: 'occurred_in_future',
              detail: since,
              expected: `at most ${instantText(now)}`,
            },
          ]),
    ];
  });

const enter = (
  draft: Draft,
  scheme: Scheme,
  held: TierHeld,
  tier: string,
  since: Instant,
  until: Instant | null,
): TierHeld => {
  const number = held.changes + 1;
  draft.transitions.push({
    scheme: scheme.code,
    number,
    from_tier: held.tier,
    to_tier: tier,
    at: since,
    recorded_at: draft.now,
    revision: draft.rules.revision,
    facts: { because: 'imported', of: tier, values: {} },
  });
  addEvent(draft, 'tier.upgraded', since, {
    scheme: scheme.code,
    from: held.tier,
    to: tier,
    stay_until: instantTextOrNull(until),
    backfill: true,
  });
  return { ...noTierHeld(since), tier, changes: number, manual: held.manual };
};

/** For good is later than any date. */
const isLater = (until: Instant | null, other: Instant | null = null): boolean =>
  (until ?? Number.POSITIVE_INFINITY) > (other ?? Number.POSITIVE_INFINITY);

const openTier = (draft: Draft, scheme: Scheme, code: string, since: Instant, until: Instant | null): void => {
  const before = draft.state.tiers[scheme.code] ?? noTierHeld(draft.now);
  const rank = tierOf(scheme, code)?.rank ?? 0;
  const rankHeld = tierOf(scheme, before.tier)?.rank ?? 0;
  const held =
    rankHeld < rank
      ? enter(draft, scheme, before, code, since, until)
      : { ...before, since: rankHeld === rank ? Math.min(before.since, since) : before.since };
  // Where a person, or the balance of another wallet, says otherwise, the higher tier counts, and of one tier the later date.
  const floor = floorOf(scheme, held, draft.now);
  const isLess = floor === null || floor.rank < rank || (floor.rank === rank && isLater(until, held.manual?.until));
  const manual = isLess ? { tier: code, until } : held.manual;
  draft.state.tiers = { ...draft.state.tiers, [scheme.code]: { ...held, manual } };
};

/** Gives the tiers of an opening balance that are not over. They were checked. */
export const openTiers = (draft: Draft, tiers: Tiers): void => {
  for (const [code, { tier, since, until }] of Object.entries(tiers)) {
    const scheme = draft.rules.schemes.find((one) => one.code === code);
    const ends = until === null ? null : parseInstant(until);
    if (scheme === undefined || (ends !== null && ends <= draft.now)) continue;
    openTier(draft, scheme, tier, parseInstant(since), ends);
  }
};
