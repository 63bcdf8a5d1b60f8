import { memberView } from '../../../src/commands/member-view.ts';
import { identityOf } from '../../../src/commands/resolve-member.ts';
import { workingMember } from '../../../src/commands/world.ts';
import { settled } from '../../../src/engine/decide.ts';
import { memberNotFound } from '../../../src/http/problem-error.ts';
import { EXPIRING_WITHIN_DAYS } from '../../../src/model/account.ts';
import type { ProgramId } from '../../../src/model/ids.ts';
import type { Member } from '../../../src/model/member.ts';
import { loadExpiring, toExpiring } from '../../../src/store/expiring.ts';
import { readMembers } from '../../../src/store/member-reads.ts';
import { loadRevision } from '../../../src/store/programs.ts';
import type { RulesCache } from '../../../src/store/rules-cache.ts';
import type { TransactionPool } from './pool.ts';

const EXPIRING_MS = EXPIRING_WITHIN_DAYS * 86_400_000;

/** The member read in a transaction of its own, every statement awaited. The statements are the service's. */
export const read = (
  pool: TransactionPool,
  rules: RulesCache,
  program: ProgramId,
  reference: string,
): Promise<Member> =>
  pool.run(program, async (tx) => {
    const now = Date.now();
    const compiled = await rules.load(tx, program, await loadRevision(tx, program));
    const [row] = await readMembers(tx, program, [identityOf(reference)]);
    if (row === undefined) throw memberNotFound();
    const accounts = Object.entries(row.state.accounts).flatMap(([wallet, account]) =>
      (account.expires_from ?? Number.POSITIVE_INFINITY) < now + EXPIRING_MS
        ? [{ member: row.state.member_id, wallet }]
        : [],
    );
    const soon = accounts.length === 0 ? [] : await loadExpiring(tx, program, accounts, now, now + EXPIRING_MS);
    const expiring = new Map(
      [...Map.groupBy(soon, (item) => item.wallet)].map(([wallet, items]) => [wallet, items.map(toExpiring)]),
    );
    const { state } = settled(workingMember(row.state, null, false), compiled, now);
    return memberView({ rules: compiled, row, state, expiring, now });
  });
