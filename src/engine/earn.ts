import type { Instant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import { mulDiv } from '../model/mul-div.ts';
import type { Wallet } from '../model/wallet.ts';
import { availableAt, expiresAt, isSliding } from '../rules/points-life.ts';
import { apply } from './apply.ts';
import { accountOf, addEvent, type Draft } from './draft.ts';
import { spreadByWeight } from './rounding.ts';
import { slidingOf, startSliding } from './sliding.ts';

/** What giving points came to. */
export interface Given {
  readonly entry: LedgerEntry;
  readonly recovered: number;
  readonly availableAt: Instant;
  /** As things stand, where it slides. */
  readonly expiresAt: Instant | null;
  readonly slides: boolean;
}

type Shares = LedgerEntry['rules'];

/** Splits the rules' shares between what pays back debt and the rest, in proportion. */
const splitShares = (shares: Shares, recovered: number): [recovered: Shares, rest: Shares] => {
  const parts = spreadByWeight(
    recovered,
    shares.map((share) => share.points),
  );
  return [
    shares.map((share, index) => ({ rule: share.rule, points: parts[index] ?? 0 })).filter((share) => share.points > 0),
    shares
      .map((share, index) => ({ rule: share.rule, points: share.points - (parts[index] ?? 0) }))
      .filter((share) => share.points > 0),
  ];
};

/**
 * Gives points to a wallet: a share of them pays back debt first, the rest becomes a lot, pending or available.
 * `expiry` overrides the wallet's policy.
 */
export const givePoints = (
  draft: Draft,
  movement: 'earn' | 'adjust',
  walletCode: string,
  wallet: Wallet,
  points: number,
  at: Instant,
  options: {
    readonly rules?: LedgerEntry['rules'];
    readonly expiresAt?: Instant | null;
    readonly atOnce?: boolean;
  } = {},
): Given => {
  const { calendar, policies } = draft.rules;
  const available = options.atOnce === true ? at : availableAt(calendar, wallet, at);
  const policy = options.expiresAt === undefined ? expiresAt(calendar, wallet, at) : options.expiresAt;
  const slides = options.expiresAt === undefined && isSliding(wallet);
  const expires = policy === null ? null : Math.max(policy, available);
  const recovered = Math.min(
    accountOf(draft.state, walletCode).debt,
    mulDiv(points, policies.debt_recovery_percent, 100, 'floor'),
  );
  const [recoveredRules, restRules] = splitShares(options.rules ?? [], recovered);
  let entry: LedgerEntry | null = null;
  if (recovered > 0) {
    entry = apply(draft, {
      movement: 'recover',
      wallet: walletCode,
      from: 'issued',
      to: 'debt',
      points: recovered,
      occurredAt: at,
      rules: recoveredRules,
    });
    addEvent(draft, 'points.debt_recovered', at, { wallet: walletCode, points: recovered, entry: entry.sequence });
  }
  const rest = points - recovered;
  if (rest > 0) {
    const to = available > draft.now ? 'pending' : 'available';
    if (slides && policy !== null) startSliding(draft, walletCode, at, policy);
    entry = apply(draft, {
      movement,
      wallet: walletCode,
      from: 'issued',
      to,
      points: rest,
      occurredAt: at,
      rules: restRules,
      makes: { value: wallet.value, availableAt: available, expiresAt: slides ? null : expires, slides },
    });
  }
  if (entry === null) throw new Error('points are given only when there are some');
  const told = slides ? (slidingOf(accountOf(draft.state, walletCode)).at ?? expires) : expires;
  return { entry, recovered, availableAt: available, expiresAt: told, slides };
};
