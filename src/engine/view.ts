import type { AccountView, Balances, Expiring } from '../model/account.ts';
import { instantText, instantTextOrNull } from '../model/instant.ts';
import type { MemberState, TierHeld } from '../model/member-state.ts';
import type { Clause, SegmentView, TierView } from '../model/tier-view.ts';
import type { CompiledCondition } from '../rules/conditions/compiled.ts';
import type { Subject } from '../rules/conditions/subject.ts';
import type { Rules } from '../rules/rules.ts';
import type { CompiledTier, Scheme } from '../rules/status-rules.ts';
import { accountOf } from './draft.ts';
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

export const accountViews = (
  state: MemberState,
  rules: Rules,
  expiring: ReadonlyMap<string, readonly Expiring[]>,
): AccountView[] =>
  walletsOf(state, rules).map((wallet) => {
    const { pending, available, held, debt, redeemed, expired } = accountOf(state, wallet);
    return {
      wallet,
      pending,
      available,
      held,
      debt,
      lifetime: { earned: state.totals.earned[wallet] ?? 0, redeemed, expired },
      expiring: [...(expiring.get(wallet) ?? [])],
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
