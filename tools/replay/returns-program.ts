import type { EarnRule } from '../../src/model/earn-rule.ts';
import type { Client } from './client.ts';
import { create } from './set-up.ts';

/** The program of a replay with returns: points expire, so that it matters which of them come back. */
export async function configureReturns(client: Client): Promise<void> {
  const perPound: Pick<EarnRule, 'name' | 'trigger' | 'effect' | 'life'> = {
    name: 'A point per pound',
    trigger: 'purchase',
    effect: { type: 'per_amount', points: 1, per: 100 },
    life: { pending: null, expiry: { after: 'P90D', round_up_to: null } },
  };
  await create(client, '/v1/earn-rules/point-per-pound', perPound);
}
