import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { readConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { migrate } from '../src/store/migrate.ts';
import { errorsDocument } from './generate/errors.ts';
import { eventsDocument } from './generate/events.ts';
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

const serverUrl = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  const config = readConfig();
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl, stop: async () => {} };
  const { startEmbeddedPostgres } = await import('../src/embedded-postgres.ts');
  return startEmbeddedPostgres({ dataDir: config.dataDir, log: createLog({ logLevel: 'warn' }), beside: true });
};

/** A migrated database that is there only for the moment: the one in use may be behind the migrations. */
const withFreshDatabase = async (work: (url: string) => Promise<void>): Promise<void> => {
  const server = await serverUrl();
  const name = `tessera_generate_${process.pid}`;
  const client = new pg.Client(server.url);
  try {
    await client.connect();
    await client.query(`create database ${name} template template0`);
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    await migrate(url.href);
    await work(url.href);
    await client.query(`drop database ${name} with (force)`);
  } finally {
    await client.end();
    await server.stop();
  }
};

await withFreshDatabase(async (url) => {
  await write('src/store/tables.ts', await tableTypes(url));
});
await write('openapi/openapi.json', await openApiDocument());
await write('docs/errors.md', errorsDocument());
await write('docs/events.md', eventsDocument());
