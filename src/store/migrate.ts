import { readdir, readFile } from 'node:fs/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { Pool } from 'pg';

const migrationsDirectory = new URL('../../migrations/', import.meta.url);

/** Views with `security_invoker` and `nulls not distinct` came with it; older ones are not tested. */
const oldestVersion = 15;

/**
 * Brings the database at `url` up to date and gives the names of the migrations that were applied, oldest first. Any
 * number of instances may call it at once: the first takes an advisory lock, the others wait and find nothing to do.
 * The lock belongs to the session, so `url` must not lead through a pooler that shares sessions between transactions.
 * Throws when Postgres is too old, when a migration fails (nothing of it stays), and when the database is newer than
 * this code.
 */
export async function migrate(url: string, directory: URL = migrationsDirectory): Promise<string[]> {
  const pool = new Pool({ connectionString: url, max: 1, application_name: 'tessera migrate' });
  // A connection that breaks tells its query, and then everybody: unheard, that ends the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await checkVersion(db);
    const migrator = new Migrator({ db, provider: { getMigrations: () => migrationFiles(directory) } });
    const { error, results } = await migrator.migrateToLatest();
    if (error !== undefined) throw explained(error);
    return (results ?? []).map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}

async function checkVersion(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ server_version: string }>`show server_version`.execute(db);
  const version = rows[0]?.server_version ?? '0';
  if (Number.parseInt(version, 10) < oldestVersion) {
    throw new Error(`Tessera needs Postgres ${oldestVersion} or newer, and this server is version ${version}.`);
  }
}

/** The files of the directory, by name. A file travels as one message, so it needs no splitting at its semicolons. */
async function migrationFiles(directory: URL): Promise<Record<string, Migration>> {
  const migrations: Record<string, Migration> = {};
  for (const file of (await readdir(directory)).sort()) {
    if (!file.endsWith('.sql')) continue;
    const text = await readFile(new URL(file, directory), 'utf8');
    migrations[file.replace('.sql', '')] = {
      async up(db) {
        await sql
          .raw(text)
          .execute(db)
          .catch((error: unknown) => {
            throw new Error(`migrations/${file}${lineOf(error, text)}: ${messageOf(error)}`, { cause: error });
          });
      },
    };
  }
  return migrations;
}

function lineOf(error: unknown, text: string): string {
  const position = Number((error as { position?: unknown }).position);
  return position > 0 ? `, line ${text.slice(0, position).split('\n').length}` : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Kysely calls a database that knows more migrations than the code corrupted; mostly it is only newer. */
function explained(error: unknown): unknown {
  const missing = /previously executed migration (\S+) is missing/.exec(messageOf(error))?.[1];
  if (missing === undefined) return error;
  return new Error(`The database is newer than this Tessera: it has migration ${missing}, which is not known here.`, {
    cause: error,
  });
}
