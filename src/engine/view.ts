import type { AccountView, Balances, Expiring } from '../model/account.ts';
import { instantTextOrNull } from '../model/instant.ts';
import type { MemberState } from '../model/member-state.ts';
import type { TierView } from '../model/tier-view.ts';
import type { CompiledTier, Rules, Scheme } from '../rules/rules.ts';
import { countOf, totalsFor } from '../rules/threshold.ts';
import { accountOf } from './draft.ts';

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

const nextOf = (scheme: Scheme, held: string | null): CompiledTier | undefined => {
  const rank = scheme.tiers.find((tier) => tier.code === held)?.rank ?? 0;
  return scheme.tiers.findLast((tier) => tier.rank > rank);
};

/** The tier held in each scheme, and what is missing to the next one up. The state is settled. */
export const tierViews = (state: MemberState, rules: Rules): TierView[] =>
  rules.schemes.map((scheme) => {
    const held = state.tiers[scheme.code];
    const next = nextOf(scheme, held?.tier ?? null);
    const current = next === undefined ? 0 : countOf(next.entry, totalsFor(next.entry, state.totals, state.windows));
    return {
      scheme: scheme.code,
      tier: held?.tier ?? null,
      since: instantTextOrNull(held?.since ?? null),
      next:
        next === undefined
          ? null
          : {
              tier: next.code,
              field: next.entry.field,
              window: next.entry.window ?? null,
              value: next.entry.value,
              current,
              missing: Math.max(0, next.entry.value - current),
            },
    };
  });
