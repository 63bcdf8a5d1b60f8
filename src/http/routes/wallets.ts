import { Wallet, WalletResource } from '../../model/wallet.ts';
import type { App, Services } from '../services.ts';
import { configurationRoutes } from './configuration-resource.ts';

export const walletRoutes = (app: App, services: Services): void =>
  configurationRoutes(app, services, {
    kind: 'wallets',
    path: '/v1/wallets',
    noun: 'wallet',
    operations: { list: 'listWallets', get: 'getWallet', put: 'putWallet', archive: 'archiveWallet' },
    body: Wallet,
    view: WalletResource,
    example: 'gifts',
    about:
      'Points must be pending for less time than they take to expire. Points already given keep the terms they were given under.',
  });
