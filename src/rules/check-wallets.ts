import type { Configuration } from '../model/configuration.ts';
import { RENEWING_ACTS, type WalletExpiry } from '../model/duration.ts';
import type { Fault } from '../model/problem.ts';
import type { Wallet } from '../model/wallet.ts';
import { activityTypeOf, builtInActivities, ENGINE_ACTIVITIES } from './built-in-activities.ts';
import { alwaysShorter } from './compare-durations.ts';
import { inForce } from './resources.ts';
import { oneOf } from './suggest.ts';

/** Acts that can renew: what the engine records by itself is not done by the member. */
const actsOf = (configuration: Configuration): string[] => [
  ...RENEWING_ACTS,
  ...inForce<unknown>(configuration.activity_types).map(([code]) => code),
  ...[...builtInActivities.keys()].filter((code) => !ENGINE_ACTIVITIES.includes(code)),
];

const checkSliding = (configuration: Configuration, pointer: string, { sliding }: WalletExpiry): Fault[] => {
  const acts = actsOf(configuration);
  return (sliding?.renewed_by ?? []).flatMap((act, index): Fault[] => {
    if (acts.includes(act)) return [];
    const isKnown = activityTypeOf(configuration, act) !== undefined;
    return [
      {
        pointer: `${pointer}/${index}`,
        code: isKnown ? 'not_applicable' : 'unknown_activity',
        detail: isKnown ? `${act} is recorded by the engine itself` : `there is no type of activity ${act}`,
        expected: oneOf(act, acts),
      },
    ];
  });
};

const checkWallet = (configuration: Configuration, code: string, { pending, expiry }: Wallet): Fault[] => {
  if (expiry === null) return [];
  const faults = checkSliding(configuration, `/wallets/${code}/expiry/sliding/renewed_by`, expiry);
  if (pending === null || alwaysShorter(pending, expiry.after)) return faults;
  return [
    {
      pointer: `/wallets/${code}/pending`,
      code: 'not_before_expiry',
      detail: `points pending for ${pending} may expire, after ${expiry.after}, before they are available`,
      expected: `shorter than ${expiry.after}`,
    },
    ...faults,
  ];
};

/** What is wrong with the wallets in force. */
export const checkWallets = (configuration: Configuration): Fault[] =>
  inForce(configuration.wallets).flatMap(([code, wallet]) => checkWallet(configuration, code, wallet));
