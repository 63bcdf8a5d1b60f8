import { mayBurn } from '../engine/named.ts';
import type { Tx } from '../store/connection.ts';
import { lockKeyBurns } from '../store/key-burns.ts';
import type { Submission } from './submission.ts';
import type { World } from './world.ts';

/** Locks what was burned with the API keys that the batch may burn with, where the program limits that, and takes it into the world. */
export const loadKeyBurns = async (tx: Tx, world: World, submissions: readonly Submission[]): Promise<void> => {
  if (world.rules.policies.burn_limits.every(({ per }) => per !== 'key')) return;
  const keys = submissions.flatMap(({ command, apiKey }) => (apiKey !== undefined && mayBurn(command) ? [apiKey] : []));
  if (keys.length === 0) return;
  for (const { key, burns } of await lockKeyBurns(tx, world.program, [...new Set(keys)].sort()))
    world.keyBurns.set(key, burns);
};
