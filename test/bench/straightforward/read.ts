import { memberView } from '../../../src/commands/member-view.ts';
import { identityOf } from '../../../src/commands/resolve-member.ts';
import { workingMember } from '../../../src/commands/world.ts';
import { settled } from '../../../src/engine/decide.ts';
import { memberNotFound } from '../../../src/http/problem-error.ts';
import type { ProgramId } from '../../../src/model/ids.ts';
import type { Member } from '../../../src/model/member.ts';
import { toExpiring } from '../../../src/store/expiring.ts';
import { readMembers } from '../../../src/store/member-reads.ts';
import { loadMoment } from '../../../src/store/programs.ts';
import type { RulesCache } from '../../../src/store/rules-cache.ts';
import type { TransactionPool } from './pool.ts';

/** The member read in a transaction of its own, every statement awaited. The statements are the service's. */
export const read = (
  pool: TransactionPool,
  rules: RulesCache,
  program: ProgramId,
  reference: string,
): Promise<Member> =>
  pool.run(program, async (tx) => {
    const now = Date.now();
    const compiled = await rules.load(tx, program, (await loadMoment(tx, program)).revision);
    const [row] = await readMembers(tx, program, [identityOf(reference)], now);
    if (row === undefined) throw memberNotFound();
    const { state } = settled(workingMember(row.state, null, false), compiled, now);
    return memberView({ rules: compiled, row, state, expiring: toExpiring(row.expiring), now });
  });
