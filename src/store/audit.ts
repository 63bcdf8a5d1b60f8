import { sql } from 'kysely';
import { burnChecks } from './audit-burns.ts';
import type { AuditCheck, AuditFault } from './audit-check.ts';
import { ledgerChecks } from './audit-ledger.ts';
import { mergeChecks } from './audit-merges.ts';
import { pastChecks } from './audit-past.ts';
import { privacyChecks } from './audit-privacy.ts';
import { recordChecks } from './audit-records.ts';
import { redemptionChecks } from './audit-redemptions.ts';
import { rewardChecks } from './audit-rewards.ts';
import { statusChecks } from './audit-status.ts';
import { transferChecks } from './audit-transfers.ts';
import type { Db } from './connection.ts';

export const auditChecks: readonly AuditCheck[] = [
  ...ledgerChecks,
  ...recordChecks,
  ...redemptionChecks,
  ...transferChecks,
  ...mergeChecks,
  ...burnChecks,
  ...rewardChecks,
  ...statusChecks,
  ...pastChecks,
  ...privacyChecks,
];

/** Faults listed for each check. */
const FAULTS_SHOWN = 20;

/** Runs one check over the whole database, every program. For the observer. */
export const runCheck = async (db: Db, check: AuditCheck): Promise<AuditFault[]> => {
  // A large database takes longer than a request may.
  await db.run(sql`set statement_timeout = 0`);
  return db.run(
    sql<AuditFault>`select program_id, member_id, what from (${check.faults}) faults limit ${FAULTS_SHOWN}`,
  );
};
