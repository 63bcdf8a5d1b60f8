import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { migrate } from '../src/store/migrate.ts';
import { errorsDocument } from './generate/errors.ts';
import { openApiDocument } from './generate/openapi.ts';
import { tableTypes } from './generate/tables.ts';

/*
 * `npm run generate`: rewrites what is generated and committed. A test fails when one of these files is not what this
 * would write. The table types need a database: DATABASE_URL, or the embedded one.
 */

const write = async (path: string, text: string): Promise<void> => {
  await writeFile(fileURLToPath(new URL(`../${path}`, import.meta.url)), text);
  console.log(`wrote ${path}`);
};

const withDatabase = async (work: (url: string) => Promise<void>): Promise<void> => {
  const config = readConfig();
  if (config.databaseUrl !== undefined) return work(config.databaseUrl);
  const { startEmbeddedPostgres } = await import('../src/embedded-postgres.ts');
  const server = await startEmbeddedPostgres({
    dataDir: config.dataDir,
    log: createLog({ logLevel: 'warn' }),
    beside: true,
  });
  await work(server.url).finally(() => server.stop());
};

await withDatabase(async (url) => {
  await migrate(url);
  await write('src/store/tables.ts', await tableTypes(url));
});
await write('openapi/openapi.json', await openApiDocument());
await write('docs/errors.md', errorsDocument());
