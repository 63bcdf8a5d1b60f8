import {
  type AccountView,
  type Balances,
  EXPIRING_INSTANTS,
  EXPIRING_WITHIN_DAYS,
  type Expiring,
} from '../model/account.ts';
import { DAY_MS, type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import type { Account, MemberState, TierHeld } from '../model/member-state.ts';
import type { Clause, SegmentView, TierView } from '../model/tier-view.ts';
import type { CompiledCondition } from '../rules/conditions/compiled.ts';
import type { Subject } from '../rules/conditions/subject.ts';
import type { Rules } from '../rules/rules.ts';
import type { CompiledTier, Scheme } from '../rules/status-rules.ts';
import { accountOf } from './draft.ts';
import { slidingOf } from './sliding.ts';
import { keptUntil } from './stay.ts';
import { entitledTo, tierOf } from './tiers.ts';

/** Wallets the program has or the member ever had points in. */
const walletsOf = (state: MemberState, rules: Rules): string[] =>
  [...new Set([...rules.wallets.keys(), ...Object.keys(state.accounts)])].sort();

export const balancesOf = (state: MemberState, rules: Rules): Balances[] =>
  walletsOf(state, rules).map((wallet) => {
    const { pending, available, held, debt } = accountOf(state, wallet);
    return { wallet, pending, available, held, debt };
  });

/** Adds points to what expires at an instant, in order. */
export const withExpiring = (list: readonly Expiring[], points: number, expiresAt: string): Expiring[] => {
  const others = list.filter((item) => item.expires_at !== expiresAt);
  const there = list.find((item) => item.expires_at === expiresAt)?.points ?? 0;
  const all = [...others, { points: there + points, expires_at: expiresAt }];
  return all.sort((a, b) => (a.expires_at < b.expires_at ? -1 : 1)).slice(0, EXPIRING_INSTANTS);
};

/** Points that slide are known to the account: no lot has to be read for them. */
const withSliding = (list: readonly Expiring[], account: Account, now: Instant): Expiring[] => {
  const { at, available } = slidingOf(account);
  const isSoon = at !== null && available > 0 && at < now + EXPIRING_WITHIN_DAYS * DAY_MS;
  return isSoon ? withExpiring(list, available, instantText(at)) : [...list];
};

export const accountViews = (
  state: MemberState,
  rules: Rules,
  expiring: ReadonlyMap<string, readonly Expiring[]>,
  now: Instant,
): AccountView[] =>
  walletsOf(state, rules).map((wallet) => {
    const account = accountOf(state, wallet);
    const { pending, available, held, debt, redeemed, expired } = account;
    return {
      wallet,
      pending,
      available,
      held,
      debt,
      lifetime: { earned: state.totals.earned[wallet] ?? 0, redeemed, expired },
      expiring: withSliding(expiring.get(wallet) ?? [], account, now),
    };
  });

/** The tier above the one that is held; undefined: there is none. */
export const nextOf = (scheme: Scheme, held: CompiledTier | null): CompiledTier | undefined =>
  scheme.tiers.findLast((tier) => tier.rank > (held?.rank ?? 0));

/** The clauses that are not true; where there are numbers to be reached, how far they are. */
const missingOf = ({ clauses }: CompiledCondition, subject: Subject): Clause[] =>
  clauses
    .filter((clause) => clause.test(subject) !== true)
    .map(({ text, goal }) => {
      const current = goal?.current(subject) ?? null;
      const missing = goal === null || current === null ? null : Math.max(0, goal.needed - current);
      return { clause: text, field: goal?.field ?? null, needed: goal?.needed ?? null, current, missing };
    });

/** In the order of the documentation, whatever order the database has. */
const benefitsOf = ({ tier: { benefits } }: CompiledTier) => ({
  multiplier_percent: benefits.multiplier_percent,
  perks: [...benefits.perks],
});

const stayOf = (
  scheme: Scheme,
  held: TierHeld,
  tier: CompiledTier,
  subject: Subject,
): NonNullable<TierView['stay']> => ({
  qualified: held.qualified_since !== null,
  until: instantTextOrNull(keptUntil(held)),
  projected: entitledTo(scheme, subject)?.code ?? null,
  clauses: held.qualified_since === null ? missingOf(tier.entry, subject) : [],
});

/** The tier held in each scheme, what it gives, what it takes to stay and to rise. The state is settled. */
export const tierViews = (subject: Subject, rules: Rules): TierView[] =>
  rules.schemes.map((scheme) => {
    const held = subject.state.tiers[scheme.code];
    const tier = tierOf(scheme, held?.tier ?? null);
    const next = nextOf(scheme, tier);
    return {
      scheme: scheme.code,
      tier: held?.tier ?? null,
      since: instantTextOrNull(held?.since ?? null),
      next: next === undefined ? null : { tier: next.code, clauses: missingOf(next.entry, subject) },
      stay: held === undefined || tier === null ? null : stayOf(scheme, held, tier, subject),
      benefits: tier === null ? null : benefitsOf(tier),
    };
  });

export const segmentViews = (state: MemberState): SegmentView[] =>
  Object.entries(state.segments)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([segment, { since }]) => ({ segment, since: instantText(since) }));
