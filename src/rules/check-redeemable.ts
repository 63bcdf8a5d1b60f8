import type { Configuration } from '../model/configuration.ts';
import type { Fault } from '../model/problem.ts';
import { findResource, inForce } from './resources.ts';
import { oneOf } from './suggest.ts';

/** Whether the wallet that something is paid from is one whose points can be redeemed. One that is not there is told with the other references to wallets. */
export const checkRedeemable = ({ wallet }: { readonly wallet: string }, configuration: Configuration): Fault[] => {
  const found = findResource(configuration, 'wallets', wallet);
  if (found === undefined || found.archived || found.body.redeemable) return [];
  const redeemable = inForce(configuration.wallets).flatMap(([code, body]) => (body.redeemable ? [code] : []));
  const expected = redeemable.length === 0 ? 'a wallet whose points can be redeemed' : oneOf(wallet, redeemable);
  const detail = `points of wallet ${wallet} cannot be redeemed`;
  return [{ pointer: '/wallet', code: 'wallet_not_redeemable', detail, expected }];
};
