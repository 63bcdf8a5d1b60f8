import { loadNeeds } from '../../../src/commands/load-needs.ts';
import { identityOf } from '../../../src/commands/resolve-member.ts';
import { noReturns, nothingShared, type World, workingMember } from '../../../src/commands/world.ts';
import { decide } from '../../../src/engine/decide.ts';
import { memberNotFound, ProblemError } from '../../../src/http/problem-error.ts';
import type { Command } from '../../../src/model/command.ts';
import type { MemberId, ProgramId } from '../../../src/model/ids.ts';
import { findMembers } from '../../../src/store/identities.ts';
import { loadStates, lockMembers } from '../../../src/store/members.ts';
import { findOperations, loadOperationAnswers, type OperationKind } from '../../../src/store/operation-references.ts';
import { loadMoment } from '../../../src/store/programs.ts';
import type { RulesCache } from '../../../src/store/rules-cache.ts';
import type { TransactionPool } from './pool.ts';
import { save } from './save.ts';

export type MemberWrite = Extract<Command, { kind: 'record_purchase' | 'redeem_points' }>;

export interface Write {
  readonly program: ProgramId;
  /** As the caller names the member. */
  readonly member: string;
  readonly operation: { readonly kind: OperationKind; readonly id: string };
  readonly commandFor: (member: MemberId) => MemberWrite;
  readonly fingerprint: Uint8Array;
}

/**
 * A purchase or redemption as one would write it without thinking of batches: a transaction a request, in it the
 * member's lock, what is to be read, the engine's decision, what is to be written. Every statement is awaited.
 */
export const write = (
  pool: TransactionPool,
  rules: RulesCache,
  { program, member, operation, commandFor, fingerprint }: Write,
): Promise<string> =>
  pool.run(program, async (tx) => {
    const [id] = (await findMembers(tx, program, [identityOf(member)])).values();
    if (id === undefined) throw memberNotFound();
    await lockMembers(tx, program, [id]);
    const [first] = await findOperations(tx, program, [operation]);
    if (first !== undefined) {
      const [stored] = await loadOperationAnswers(tx, program, [first]);
      if (stored?.fingerprint.equals(fingerprint)) return stored.answer;
      throw new ProblemError(
        operation.kind === 'purchase' ? 'purchase_conflict' : 'redemption_conflict',
        'recorded with other content',
      );
    }
    const [state] = await loadStates(tx, program, [id]);
    if (state === undefined) throw memberNotFound();
    const compiled = await rules.load(tx, program, (await loadMoment(tx, program)).revision);
    const working = workingMember(state, null, false);
    const world: World = {
      program,
      rules: compiled,
      now: Date.now(),
      realNow: Date.now(),
      ...noReturns(),
      quotes: new Map(),
      followUps: new Set(),
      members: new Map([[id, working]]),
      identities: new Map(),
      operations: new Map(),
      keys: new Map(),
      ...nothingShared(),
      newIds: [],
    };
    const command = commandFor(id);
    await loadNeeds(tx, world, [command]);
    const decision = decide({ member: working, command, rules: compiled, now: world.now });
    if (decision.outcome === 'refused') throw new ProblemError(decision.code, decision.detail);
    const answer = JSON.stringify(decision.answer);
    await save(tx, program, id, decision.changes, fingerprint, answer);
    return answer;
  });
