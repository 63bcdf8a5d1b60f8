import type { Configuration, ResourceKind } from '../model/configuration.ts';
import { limits } from '../model/limits.ts';
import type { Fault } from '../model/problem.ts';
import { checkBurnRules } from './check-burn-rules.ts';
import { checkConditions } from './check-conditions.ts';
import { checkDeclarations } from './check-declarations.ts';
import { checkEarnRules } from './check-earn-rules.ts';
import { checkPolicies } from './check-policies.ts';
import { checkRewards } from './check-rewards.ts';
import { checkStreams } from './check-streams.ts';
import { checkTiers } from './check-tiers.ts';
import { checkWallets } from './check-wallets.ts';
import { findResource, inForce } from './resources.ts';
import { oneOf } from './suggest.ts';
import { type WalletReference, walletReferences } from './wallet-references.ts';

const inForceMax: Readonly<Record<ResourceKind, number>> = {
  wallets: limits.walletsPerProgram,
  earn_rules: limits.earnRulesPerProgram,
  burn_rules: limits.burnRulesPerProgram,
  tiers: limits.tiersPerProgram,
  attributes: limits.attributesPerProgram,
  segments: limits.segmentsPerProgram,
  activity_types: limits.activityTypesPerProgram,
  context_fields: limits.contextFieldsPerProgram,
  rewards: limits.rewardsPerProgram,
  streams: limits.streamsPerProgram,
};
const kinds = Object.keys(inForceMax) as ResourceKind[];

/** Characters of the whole configuration as JSON, what is archived included: every revision keeps all of it. */
export const CONFIGURATION_CHARACTERS = 4_000_000;

/** Codes become keys of objects, in states and in JSON; of what objects inherit, only this has the form of a code. */
const RESERVED = 'constructor';

const checkSize = (configuration: Configuration): Fault[] => {
  const faults = kinds.flatMap((kind): Fault[] => {
    const count = inForce<unknown>(configuration[kind]).length;
    const most = inForceMax[kind];
    return count <= most
      ? []
      : [
          {
            pointer: `/${kind}`,
            code: 'too_many',
            detail: `${count}`,
            expected: `at most ${most} that are not archived`,
          },
        ];
  });
  const characters = JSON.stringify(configuration).length;
  if (characters > CONFIGURATION_CHARACTERS) {
    const expected = `at most ${CONFIGURATION_CHARACTERS} characters, what is archived included`;
    faults.push({ pointer: '', code: 'too_large', detail: `${characters} characters`, expected });
  }
  return faults;
};

const checkNames = (configuration: Configuration): Fault[] => [
  ...kinds
    .filter((kind) => findResource(configuration, kind, RESERVED)?.archived === false)
    .map((kind) => ({ pointer: `/${kind}/${RESERVED}`, code: 'reserved', detail: RESERVED, expected: 'another code' })),
  ...inForce(configuration.tiers)
    .filter(([, tier]) => tier.scheme === RESERVED)
    .map(([code]) => ({
      pointer: `/tiers/${code}/scheme`,
      code: 'reserved',
      detail: RESERVED,
      expected: 'another code',
    })),
];

const checkReference = (configuration: Configuration, { pointer, wallet }: WalletReference): Fault[] => {
  const found = findResource(configuration, 'wallets', wallet);
  if (found?.archived === false) return [];
  const known = inForce(configuration.wallets).map(([code]) => code);
  const detail = found === undefined ? `there is no wallet ${wallet}` : `wallet ${wallet} is archived`;
  const code = found === undefined ? 'unknown_wallet' : 'archived_wallet';
  return [{ pointer, code, detail, expected: known.length === 0 ? 'a wallet' : oneOf(wallet, known) }];
};

/**
 * Everything that keeps a configuration from holding together, each fault at its place: `/earn_rules/CODE/wallet`.
 * What is archived is not looked at. The parts are taken to have the shape of their schemas.
 */
export const checkConfiguration = (configuration: Configuration): Fault[] => {
  const wallets = inForce(configuration.wallets);
  const none: Fault = { pointer: '/wallets', code: 'required', detail: 'no wallet is left', expected: 'at least one' };
  // A condition can be deeper than what the rest could take apart.
  const conditions = checkConditions(configuration);
  if (conditions.some((fault) => fault.code === 'too_deep')) return conditions;
  return [
    ...checkSize(configuration),
    ...checkNames(configuration),
    ...checkPolicies(configuration),
    ...(wallets.length === 0 ? [none] : []),
    ...checkWallets(configuration),
    ...checkEarnRules(configuration),
    ...checkBurnRules(configuration),
    ...checkRewards(configuration),
    ...checkStreams(configuration),
    ...walletReferences(configuration).flatMap((reference) => checkReference(configuration, reference)),
    ...conditions,
    ...checkTiers(configuration),
    ...checkDeclarations(configuration),
  ];
};
