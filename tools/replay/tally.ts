import type { PurchaseAnswer } from '../../src/model/purchase-view.ts';
import type { TierView } from '../../src/model/tier-view.ts';
import { createLatencies, type Latencies } from './latencies.ts';
import type { PurchaseLog } from './purchase-log.ts';

/** Requests of one kind: enrolments, then purchases, and what comes with them. */
export interface Round {
  readonly latencies: Latencies;
  seconds: number;
}

/** What the answers have said, added up. */
export interface Tally {
  readonly enrolments: Round;
  readonly purchases: Round;
  /** Within the seconds of the purchases, among which they are sent. */
  readonly returns: Latencies;
  readonly redemptions: Latencies;
  redeemed: number;
  takenBack: number;
  /** Purchases that were there already, from an earlier run or from an attempt whose answer was lost. */
  replayed: number;
  /** Minor units. */
  money: number;
  points: number;
  /** Members by the tier that their last answer named, scheme by scheme. */
  readonly tiers: Map<string, Map<string, number>>;
  /** Why members were stopped, one text each. */
  readonly failures: string[];
}

export function createTally(log: PurchaseLog): Tally {
  const members = log.histories.filter(({ member }) => member !== null).length;
  const purchases = log.histories.reduce((sum, history) => sum + history.purchases.length, 0);
  return {
    enrolments: { latencies: createLatencies(members), seconds: 0 },
    purchases: { latencies: createLatencies(purchases), seconds: 0 },
    returns: createLatencies(log.histories.reduce((sum, history) => sum + history.returns.length, 0)),
    redemptions: createLatencies(purchases),
    redeemed: 0,
    takenBack: 0,
    replayed: 0,
    money: 0,
    points: 0,
    tiers: new Map(),
    failures: [],
  };
}

export function addPurchase(tally: Tally, { total, earned }: PurchaseAnswer, replayed: boolean): void {
  if (replayed) tally.replayed++;
  tally.money += total.amount;
  for (const { points } of earned) tally.points += points;
}

export function addTiers(tally: Tally, tiers: readonly TierView[]): void {
  for (const { scheme, tier } of tiers) {
    const members = tally.tiers.get(scheme) ?? new Map<string, number>();
    tally.tiers.set(scheme, members);
    const name = tier ?? 'none';
    members.set(name, (members.get(name) ?? 0) + 1);
  }
}
