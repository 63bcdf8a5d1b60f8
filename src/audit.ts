import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { auditChecks, runCheck } from './store/audit.ts';
import { Database } from './store/database.ts';

/** `npm run audit`: checks every invariant over the whole database and says what is wrong where. Exit code 1 when something is. */
const audit = async (url: string): Promise<number> => {
  const database = new Database({ url, lanes: 0, readConnections: 1 });
  let faulty = 0;
  for (const check of auditChecks) {
    const faults = await database.observe((db) => runCheck(db, check));
    if (faults.length > 0) faulty += 1;
    console.log(`${faults.length === 0 ? 'ok    ' : 'FAULT '} ${check.name}`);
    for (const fault of faults)
      console.log(`         program ${fault.program_id}, member ${fault.member_id ?? '-'}: ${fault.what}`);
  }
  await database.close();
  console.log(
    faulty === 0 ? `All ${auditChecks.length} checks hold.` : `${faulty} of ${auditChecks.length} checks do not hold.`,
  );
  return faulty === 0 ? 0 : 1;
};

const config = readConfig();
if (config.databaseUrl !== undefined) process.exit(await audit(config.databaseUrl));

const { startEmbeddedPostgres } = await import('./embedded-postgres.ts');
const embedded = await startEmbeddedPostgres({
  dataDir: config.dataDir,
  log: createLog({ logLevel: 'warn' }),
  beside: true,
});
const code = await audit(embedded.url).finally(() => embedded.stop());
process.exit(code);
