import type { Configuration } from '../model/configuration.ts';
import { inForce } from './resources.ts';

/** A place in the configuration that names a wallet. */
export interface WalletReference {
  readonly pointer: string;
  readonly wallet: string;
}

/** Every place outside of conditions that names a wallet: where earn rules give points, and burn rules and rewards take them. */
export const walletReferences = (configuration: Configuration): WalletReference[] => [
  ...inForce(configuration.earn_rules)
    .filter(([, rule]) => rule.effect.type !== 'reward')
    .map(([code, rule]) => ({ pointer: `/earn_rules/${code}/wallet`, wallet: rule.wallet })),
  ...inForce(configuration.burn_rules).map(([code, { wallet }]) => ({ pointer: `/burn_rules/${code}/wallet`, wallet })),
  ...inForce(configuration.rewards).map(([code, { wallet }]) => ({ pointer: `/rewards/${code}/wallet`, wallet })),
];
