import { auditChecks, runCheck } from '../../src/store/audit.ts';
import type { TestApp } from './app.ts';

/** Everything the audit finds wrong with the whole database. */
export const auditFaults = async ({ service }: Pick<TestApp, 'service'>): Promise<string[]> => {
  const faults: string[] = [];
  for (const check of auditChecks) {
    const found = await service.services.database.observe((db) => runCheck(db, check));
    faults.push(...found.map(({ what }) => `${check.name}: ${what}`));
  }
  return faults;
};
