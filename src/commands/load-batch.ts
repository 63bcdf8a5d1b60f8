import { membersOf, redemptionsNamed } from '../engine/named.ts';
import { identitiesIn, identityKey, normalIdentity } from '../engine/put-member.ts';
import type { Command } from '../model/command.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { openingId } from '../model/opening-balance.ts';
import type { Tx } from '../store/connection.ts';
import { followUpKey, loadFollowUps } from '../store/follow-ups.ts';
import { keyOf, loadKeys } from '../store/idempotency-keys.ts';
import type { AnyIdentity } from '../store/identities.ts';
import { findMembers, REFERRAL } from '../store/identities.ts';
import { loadStates, lockMembers, newMemberIds } from '../store/members.ts';
import {
  findOperations,
  loadOperationAnswers,
  type OperationKind,
  operationKey,
} from '../store/operation-references.ts';
import { loadMoment } from '../store/programs.ts';
import { holdOffPasses } from '../store/reassessments.ts';
import { loadRedemptions } from '../store/redemptions.ts';
import type { RulesCache } from '../store/rules-cache.ts';
import { loadErased } from './erased-members.ts';
import { loadBudgets } from './load-budgets.ts';
import { loadClaims } from './load-claims.ts';
import { loadKeyBurns } from './load-key-burns.ts';
import { loadKeysOfKin, loadMergesOf, loadOpeningsOfKin } from './load-merges.ts';
import { loadNeeds } from './load-needs.ts';
import { loadQuotesOf } from './load-quotes.ts';
import { loadReturnsOf } from './load-returns.ts';
import { loadStock } from './load-stock.ts';
import type { Submission } from './submission.ts';
import { noReturns, nothingShared, type World, workingMember } from './world.ts';

/** What carries an id of the caller's. */
export type Operation = { readonly kind: OperationKind; readonly id: string };

type PutMember = Extract<Command, { kind: 'put_member' }>;

/** The caller's id of a purchase, activity or redemption; of an opening balance, which has none, what stands for it. */
export const operationOf = (command: Command): Operation | null => {
  switch (command.kind) {
    case 'record_purchase':
    case 'record_past_purchase':
    case 'record_guest_purchase':
      return { kind: 'purchase', id: command.report.id };
    case 'open_balance':
      return { kind: 'opening_balance', id: openingId(command.member_id, command.request) };
    case 'record_activity':
      return { kind: 'activity', id: command.report.id };
    case 'return_purchase':
    case 'return_guest_purchase': {
      const { request, purchase } = command;
      if (request.kind === 'cancellation') return { kind: 'cancellation', id: purchase };
      return request.dry_run === true ? null : { kind: 'return', id: request.id };
    }
    case 'redeem_points':
    case 'redeem_reward':
      return { kind: 'redemption', id: command.request.id };
    default:
      return null;
  }
};

/** The redemptions that a purchase makes: each is recorded under an id of its own. */
export const operationsWithin = (command: Command): Operation[] =>
  command.kind === 'record_purchase' ? (command.report.redeem ?? []).map(({ id }) => ({ kind: 'redemption', id })) : [];

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

const identitiesNamed = (puts: readonly PutMember[]): AnyIdentity[] => {
  const named = puts.flatMap((put): AnyIdentity[] => [
    ...(put.member_id === null ? [{ kind: 'id', value: put.external_id }] : []),
    ...(put.body.referred_by === undefined ? [] : [{ kind: REFERRAL, value: put.body.referred_by }]),
    ...identitiesIn(put.body).map(({ identity }) => normalIdentity(identity)),
  ]);
  return [...new Map(named.map((identity) => [`${identity.kind}:${identity.value}`, identity])).values()];
};

const none = <T>(value: T): Promise<T> => Promise.resolve(value);

/**
 * Locks the batch's members, then what members share that it may use, and loads what its commands need. The lock and the
 * first load travel together; each statement sees what was committed when it began, so what is read after the lock is not
 * older than the lock. How many statements there are depends on the kinds of command present, never on how many.
 */
export const loadBatch = async (
  tx: Tx,
  program: ProgramId,
  submissions: readonly Submission[],
  cache: RulesCache,
  realNow: Instant,
): Promise<World> => {
  const commands = submissions.map((submission) => submission.command);
  const members = unique(commands.flatMap(membersOf)).sort((a, b) => a - b);
  const puts = commands.filter((command) => command.kind === 'put_member');
  const enrolments = puts.filter((put) => put.member_id === null).length;
  const operations = [
    ...new Map(
      commands
        .flatMap((command) => [operationOf(command) ?? [], operationsWithin(command)].flat())
        .map((operation) => [operationKey(operation), operation]),
    ).values(),
  ];
  const named = unique(commands.flatMap(redemptionsNamed)).map((id) => ({ kind: 'redemption' as const, id }));
  const scopes = submissions.flatMap(({ key, command }) =>
    key === null || command.member_id === null ? [] : [{ key, member: command.member_id }],
  );
  const identities = identitiesNamed(puts);
  const followUps = commands.flatMap((command) => ('followUp' in command ? [command.followUp] : []));

  const [, , states, moment, references, namedReferences, keys, owners, open, newIds] = await Promise.all([
    enrolments > 0 ? holdOffPasses(tx, program) : none([]),
    members.length > 0 ? lockMembers(tx, program, members) : none([]),
    members.length > 0 ? loadStates(tx, program, members) : none([]),
    loadMoment(tx, program),
    operations.length > 0 ? findOperations(tx, program, operations) : none([]),
    named.length > 0 ? findOperations(tx, program, named) : none([]),
    scopes.length > 0 ? loadKeys(tx, program, scopes, realNow) : none([]),
    identities.length > 0 ? findMembers(tx, program, identities) : none(new Map<string, MemberId>()),
    followUps.length > 0 ? loadFollowUps(tx, program, followUps) : none([]),
    enrolments > 0 ? newMemberIds(tx, enrolments) : none([]),
  ]);
  const rules = cache.find(program, moment.revision) ?? (await cache.load(tx, program, moment.revision));
  const world: World = {
    program,
    rules,
    now: moment.clock ?? realNow,
    realNow,
    members: new Map(states.map((state) => [state.member_id, workingMember(state, null, false)])),
    identities: owners,
    operations: new Map(),
    keys: new Map(
      keys.map((key) => [
        keyOf({ member: key.member_id, key: key.key }),
        { fingerprint: key.fingerprint, status: key.status, body: key.answer },
      ]),
    ),
    ...noReturns(),
    quotes: new Map(),
    followUps: new Set(open.map(followUpKey)),
    ...nothingShared(),
    newIds,
  };
  for (const { member_id, ...row } of namedReferences.length > 0
    ? await loadRedemptions(tx, program, namedReferences)
    : [])
    world.members.get(member_id)?.redemptions.set(row.redemption_id, row);
  await loadReturnsOf(tx, world, commands, cache);
  await loadQuotesOf(tx, world, commands, cache);
  await loadMergesOf(tx, world, commands);
  const [answers] = await Promise.all([
    references.length > 0 ? loadOperationAnswers(tx, program, references) : none([]),
    loadBudgets(tx, world, commands),
    // After the budgets, as every batch does: no two wait for each other in a circle.
    loadStock(tx, world, commands),
    loadKeyBurns(tx, world, submissions),
    loadNeeds(tx, world, commands),
    loadClaims(tx, world, commands),
    loadKeysOfKin(tx, world, submissions),
    loadOpeningsOfKin(tx, world, commands),
    loadErased(tx, world, commands),
  ]);
  for (const answer of answers)
    world.operations.set(operationKey(answer), { fingerprint: answer.fingerprint, status: 201, body: answer.answer });
  return world;
};

/** Identities a command names that belong to somebody else, as the world stands. */
export const takenIdentities = (world: World, put: PutMember): Set<string> => {
  const taken = new Set<string>();
  for (const { identity } of identitiesIn(put.body)) {
    const key = identityKey(normalIdentity(identity));
    const owner = world.identities.get(key);
    if (owner !== undefined && owner !== put.member_id) taken.add(key);
  }
  return taken;
};

/** Whose the referral code is that an enrolment names. */
export const referrerOf = (world: World, { body }: PutMember): MemberId | null =>
  body.referred_by === undefined ? null : (world.identities.get(`${REFERRAL}:${body.referred_by}`) ?? null);
