import { sql } from 'kysely';
import type { ProgramId } from '../model/ids.ts';
import type { ImportError, ImportKind, ImportOptions, ImportRecord, ImportStatus } from '../model/import.ts';
import { DAY_MS, type Instant, instantText } from '../model/instant.ts';
import { numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

export interface ImportCounts {
  readonly succeeded: number;
  readonly unchanged: number;
  readonly stale: number;
  readonly failed: number;
}

export interface ImportRow extends ImportCounts {
  readonly number: number;
  readonly kind: ImportKind;
  readonly options: ImportOptions;
  readonly status: ImportStatus;
  readonly total: number;
  readonly created_at: Instant;
  readonly finished_at: Instant | null;
}

const columns = sql`number, kind, options, status, total, succeeded, unchanged, stale, failed, created_at, finished_at`;

/** First half of the advisory locks under which imports get their numbers; the other half is the program. */
const NUMBER_LOCK = 1_854;

/** Errors kept of one import. Lines beyond are counted. */
const ERRORS_MAX = 100_000;

/** How long an import and its errors are kept once it has ended. */
const KEPT_MS = 30 * DAY_MS;
/** After so long without a word an upload is taken for broken. */
const SILENT_MS = 10 * 60_000;

/** Begins an import whose file is yet to arrive. Returns its number. */
export const beginImport = async (
  tx: Tx,
  program: ProgramId,
  kind: ImportKind,
  options: ImportOptions,
  by: string,
  now: Instant,
): Promise<number> => {
  await tx.run(sql`select pg_advisory_xact_lock(${NUMBER_LOCK}::integer, ${program}::integer)`);
  const [row] = await tx.run(sql<{ number: number }>`
    insert into import (program_id, number, kind, options, status, created_at, created_by, heard_at)
    select ${program}, coalesce(max(number), 0) + 1, ${kind}, ${JSON.stringify(options)}::json, 'uploading',
      ${instantText(now)}::timestamptz, ${by}, ${instantText(now)}::timestamptz
    from import
    where program_id = ${program}
    returning number
  `);
  if (row === undefined) throw new Error('the import was not written');
  return row.number;
};

/** Keeps lines until they are worked off. `records` is the text of an array of `ImportRecord`. */
export const insertChunk = (
  tx: Tx,
  program: ProgramId,
  number: number,
  chunk: number,
  records: string,
  now: Instant,
): Promise<unknown[]> =>
  tx.run(sql`
    with heard as (
      update import
      set heard_at = ${instantText(now)}
      where program_id = ${program} and number = ${number}
    )
    insert into import_chunk (program_id, number, chunk, records)
    values (${program}, ${number}, ${chunk}, ${records}::json)
  `);

/** The whole file is there: from now on it is worked off. */
export const completeUpload = async (
  tx: Tx,
  program: ProgramId,
  number: number,
  total: number,
  now: Instant,
): Promise<ImportRow> => {
  const [row] = await tx.run(sql<ImportRow>`
    update import
    set status = 'waiting', total = ${total}, created_at = ${instantText(now)}, heard_at = ${instantText(now)}
    where program_id = ${program} and number = ${number} and status = 'uploading'
    returning ${columns}
  `);
  if (row === undefined) throw new Error('the upload was taken for broken');
  return row;
};

/** A file that did not arrive whole leaves nothing. */
export const dropUpload = async (tx: Tx, program: ProgramId, number: number): Promise<void> => {
  await tx.run(sql`delete from import_chunk where program_id = ${program} and number = ${number}`);
  await tx.run(sql`delete from import where program_id = ${program} and number = ${number} and status = 'uploading'`);
};

export const findImport = async (db: Db, program: ProgramId, number: number): Promise<ImportRow | null> => {
  const [row] = await db.run(sql<ImportRow>`
    select ${columns}
    from import
    where program_id = ${program} and number = ${number} and status <> 'uploading'
  `);
  return row ?? null;
};

/** Imports, the last first, from before a number. */
export const listImports = (db: Db, program: ProgramId, before: number | null, limit: number): Promise<ImportRow[]> =>
  db.run(sql<ImportRow>`
    select ${columns}
    from import
    where program_id = ${program} and status <> 'uploading' and (${before}::integer is null or number < ${before})
    order by number desc
    limit ${limit}
  `);

export interface ImportErrorRow extends ImportError {
  /** Which of the errors of its line. */
  readonly place: number;
}

/** Errors in the order of lines, after one of them. */
export const listImportErrors = (
  db: Db,
  program: ProgramId,
  number: number,
  after: Pick<ImportErrorRow, 'line' | 'place'>,
  limit: number,
): Promise<ImportErrorRow[]> =>
  db.run(sql<ImportErrorRow>`
    select line, place, pointer, code, detail
    from import_error
    where program_id = ${program} and number = ${number} and (line, place) > (${after.line}, ${after.place})
    order by line, place
    limit ${limit}
  `);

/** Ends an import before its time: what was not worked off is forgotten. Null: it has ended, or there is none. */
export const cancelImport = async (
  tx: Tx,
  program: ProgramId,
  number: number,
  now: Instant,
): Promise<ImportRow | null> => {
  const [row] = await tx.run(sql<ImportRow>`
    update import
    set status = 'cancelled', finished_at = ${instantText(now)}, leased_until = null
    where program_id = ${program} and number = ${number} and status in ('waiting', 'running')
    returning ${columns}
  `);
  if (row === undefined) return null;
  await tx.run(sql`delete from import_chunk where program_id = ${program} and number = ${number}`);
  return row;
};

/** For the observer: programs with an import that waits for somebody to work it off. */
export const programsToImport = async (db: Db, now: Instant): Promise<ProgramId[]> => {
  const rows = await db.run(sql<{ program_id: ProgramId }>`
    select distinct program_id
    from import
    where status in ('waiting', 'running') and (leased_until is null or leased_until < ${instantText(now)}::timestamptz)
    order by program_id
  `);
  return rows.map((row) => row.program_id);
};

/** Takes the program's oldest open import on for a while: one file after another. Null: somebody else has it, or there is none. */
export const leaseImport = async (
  tx: Tx,
  program: ProgramId,
  now: Instant,
  until: Instant,
): Promise<ImportRow | null> => {
  const [row] = await tx.run(sql<ImportRow>`
    update import
    set status = 'running', leased_until = ${instantText(until)}
    where program_id = ${program}
      and number = (select min(number) from import where program_id = ${program} and status in ('waiting', 'running'))
      and (leased_until is null or leased_until < ${instantText(now)}::timestamptz)
    returning ${columns}
  `);
  return row ?? null;
};

export interface ImportChunk {
  readonly chunk: number;
  readonly records: readonly ImportRecord[];
}

export const nextChunks = (db: Db, program: ProgramId, number: number, limit: number): Promise<ImportChunk[]> =>
  db.run(sql<ImportChunk>`
    select chunk, records
    from import_chunk
    where program_id = ${program} and number = ${number}
    order by chunk
    limit ${limit}
  `);

/**
 * Says what became of a chunk, and forgets its lines. Of two instances that worked on one the first tells; nothing of an
 * import that was cancelled is told. Returns whether this one told.
 */
export const finishChunk = async (
  tx: Tx,
  program: ProgramId,
  number: number,
  chunk: number,
  counts: ImportCounts,
  errors: readonly ImportErrorRow[],
  leasedUntil: Instant,
): Promise<boolean> => {
  const gone = await tx.run(sql`
    delete from import_chunk
    where program_id = ${program} and number = ${number} and chunk = ${chunk}
    returning chunk
  `);
  if (gone.length === 0) return false;
  const [before] = await tx.run(sql<{ failed: number }>`
    update import
    set succeeded = succeeded + ${counts.succeeded}, unchanged = unchanged + ${counts.unchanged},
      stale = stale + ${counts.stale}, failed = failed + ${counts.failed}, leased_until = ${instantText(leasedUntil)}
    where program_id = ${program} and number = ${number}
    returning failed - ${counts.failed} as failed
  `);
  if (errors.length > 0 && (before?.failed ?? 0) < ERRORS_MAX)
    await tx.run(sql`
      insert into import_error (program_id, number, line, place, pointer, code, detail)
      select ${program}, ${number}::integer, new.*
      from unnest(
        ${numbers(errors.map(({ line }) => line))}::integer[],
        ${numbers(errors.map(({ place }) => place))}::smallint[],
        ${texts(errors.map(({ pointer }) => pointer))}::text[],
        ${texts(errors.map(({ code }) => code))}::text[],
        ${texts(errors.map(({ detail }) => detail))}::text[]
      ) as new
      on conflict do nothing
    `);
  return true;
};

/** Gives the lease back; an import without lines left is done. */
export const releaseImport = (tx: Tx, program: ProgramId, number: number, now: Instant): Promise<unknown[]> =>
  tx.run(sql`
    update import
    set leased_until = null,
      status = case when left_over.some then status else 'done' end,
      finished_at = case when left_over.some then null else ${instantText(now)}::timestamptz end
    from (
      select exists (select from import_chunk where program_id = ${program} and number = ${number}) as some
    ) left_over
    where program_id = ${program} and number = ${number} and status = 'running'
  `);

/** Deletes imports that ended long ago with their errors, and uploads that broke off. Returns how many. */
export const sweepImports = async (tx: Tx, program: ProgramId, now: Instant, limit: number): Promise<number> => {
  const over = sql`
    select number
    from import
    where program_id = ${program}
      and (finished_at < ${instantText(now - KEPT_MS)}::timestamptz
        or (status = 'uploading' and heard_at < ${instantText(now - SILENT_MS)}::timestamptz))
    order by number
    limit ${Math.min(limit, 10)}
  `;
  for (const table of ['import_error', 'import_chunk'])
    await tx.run(sql`delete from ${sql.table(table)} where program_id = ${program} and number in (${over})`);
  const gone = await tx.run(
    sql`delete from import where program_id = ${program} and number in (${over}) returning number`,
  );
  return gone.length < 10 ? 0 : limit;
};
