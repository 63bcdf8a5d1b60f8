import type { ProgramId } from '../model/ids.ts';
import { insertAudit } from '../store/audit-log.ts';
import type { Tx } from '../store/connection.ts';
import { insertConsents } from '../store/consents.ts';
import { eraseMembers } from '../store/erase-member.ts';
import { saveErased } from '../store/erased-identities.ts';
import { auditEntries } from './audit-entries.ts';
import { all, type Change, saving } from './batch-changes.ts';
import type { DecidedBatch } from './decide-batch.ts';
import { erasureOf } from './erased-members.ts';
import { hashText } from './load-claims.ts';
import type { World } from './world.ts';

/**
 * The history of consents; what erasures take away and keep, after everything that commands before them wrote; and what
 * the audit log tells, of members who are erased with it as well.
 */
export const personStatements = (
  tx: Tx,
  program: ProgramId,
  world: World,
  changes: readonly Change[],
  { accepted }: DecidedBatch,
): Promise<unknown>[] => {
  const save = saving(tx, program);
  const erasures = changes.flatMap((change) => erasureOf(world, change) ?? []);
  const kept = new Map(erasures.flatMap((erasure) => erasure.kept.map((one) => [hashText(one.hash), one])));
  return [
    ...save(
      all(changes, (change) => change.consents),
      insertConsents,
    ),
    ...save(erasures, eraseMembers),
    ...save([...kept.values()], saveErased),
    ...save(auditEntries(accepted, world.realNow), insertAudit),
  ];
};
