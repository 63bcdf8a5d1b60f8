import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { migrate } from './store/migrate.ts';

/*
 * `npm run migrate`: applies what is missing in migrations/ and ends. The service does the same when it starts; this
 * is for deployments that want it done first, by another user of the database. Without DATABASE_URL it is the embedded
 * database's turn.
 */

async function migrateAndTell(url: string): Promise<void> {
  const applied = await migrate(url);
  for (const name of applied) console.log(`applied ${name}`);
  console.log(applied.length === 0 ? 'nothing to apply' : `${applied.length} applied`);
}

try {
  const config = readConfig();
  if (config.databaseUrl !== undefined) {
    await migrateAndTell(config.databaseUrl);
  } else {
    const { startEmbeddedPostgres } = await import('./embedded-postgres.ts');
    const server = await startEmbeddedPostgres({ dataDir: config.dataDir, log: createLog({ logLevel: 'warn' }) });
    await migrateAndTell(server.url).finally(() => server.stop());
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
