import type { Configuration } from '../model/configuration.ts';
import { inForce } from './resources.ts';

/** A place in the configuration that names a wallet. */
export interface WalletReference {
  readonly pointer: string;
  readonly wallet: string;
}

/** Every place that names a wallet: where earn rules give points, and what tiers count. */
export const walletReferences = (configuration: Configuration): WalletReference[] => [
  ...inForce(configuration.earn_rules).map(([code, rule]) => ({
    pointer: `/earn_rules/${code}/wallet`,
    wallet: rule.wallet,
  })),
  ...inForce(configuration.tiers)
    .filter(([, tier]) => tier.entry.field === 'earned_points')
    .map(([code, tier]) => ({ pointer: `/tiers/${code}/entry/wallet`, wallet: tier.entry.wallet ?? 'points' })),
];
