import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const generator = fileURLToPath(new URL('../../node_modules/kysely-codegen/dist/cli/bin.js', import.meta.url));

/** Types as the connection parses them: see the parsers in src/store/connection.ts. */
const mapping = { timestamptz: 'number', int8: 'number', date: 'number', json: 'unknown', jsonb: 'unknown' };

/** src/store/tables.ts, out of a migrated database. */
export const tableTypes = async (databaseUrl: string): Promise<string> => {
  const options = [
    '--url',
    databaseUrl,
    '--dialect',
    'postgres',
    '--exclude-pattern',
    'kysely_*',
    '--type-mapping',
    JSON.stringify(mapping),
    '--log-level',
    'error',
    '--print',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [generator, ...options]);
  return `${stdout.trim()}\n`;
};
