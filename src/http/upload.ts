import type { ProgramId } from '../model/ids.ts';
import type { ImportKind, ImportOptions, ImportRecord } from '../model/import.ts';
import { IMPORT_LINES } from '../model/import.ts';
import { ref } from '../model/schema.ts';
import { inForce } from '../rules/resources.ts';
import { insertAudit } from '../store/audit-log.ts';
import { beginImport, completeUpload, dropUpload, type ImportRow, insertChunk } from '../store/imports.ts';
import { loadCurrent } from '../store/programs.ts';
import { columnOf } from './csv-columns.ts';
import { csvRecords, ndjsonRecords } from './import-records.ts';
import { ROW_GROUPS, together } from './import-rows.ts';
import { ProblemError } from './problem-error.ts';
import type { Services } from './services.ts';
import { faultsOf } from './validation.ts';
import type { Check } from './validators.ts';

/** Lines kept, and worked off, together. */
const CHUNK_LINES = 512;
const CHUNK_CHARACTERS = 1_048_576;
/** Bytes of a file. */
export const FILE_BYTES_MAX = 2 * 1_073_741_824;
/** Characters of a pointer that are told: it may hold names out of the file. */
const POINTER_MAX = 256;

export interface Upload {
  readonly program: ProgramId;
  readonly kind: ImportKind;
  readonly options: ImportOptions;
  readonly format: 'ndjson' | 'csv';
  readonly file: AsyncIterable<Buffer>;
  /** The key that sends it. */
  readonly by: string;
  readonly requestId: string;
}

async function* limited(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of file) {
    bytes += piece.length;
    if (bytes > FILE_BYTES_MAX) throw new ProblemError('body_too_large', `a file has at most ${FILE_BYTES_MAX} bytes`);
    yield piece;
  }
}

const recordsOf = async (services: Services, { program, kind, format, file }: Upload) => {
  if (format === 'ndjson') return ndjsonRecords(limited(file));
  const { configuration } = await services.database.read(program, (db) => loadCurrent(db, program));
  const attributes = new Map(inForce(configuration.attributes));
  const rows = csvRecords(limited(file), (name) => columnOf(ref(IMPORT_LINES[kind]), name, attributes));
  const group = ROW_GROUPS[kind];
  return group === undefined ? rows : together(rows, group);
};

const checked = (check: Check, record: ImportRecord): ImportRecord => {
  const [line, value, faults] = record;
  if (faults !== undefined || check(value) !== false) return record;
  const all = faultsOf(check.errors ?? [], 'body');
  const found = all.filter(({ pointer }, index) => all.findIndex((other) => other.pointer === pointer) === index);
  return [
    line,
    null,
    found.map(({ pointer, code, detail }) => ({ pointer: pointer.slice(0, POINTER_MAX), code, detail })),
  ];
};

/**
 * Keeps a file as it comes in, some hundred lines a transaction: what of it is in memory does not grow with it. A file
 * that does not arrive whole leaves nothing. Lines are held against their schema here; the job does the rest.
 */
export const keepUpload = async (services: Services, upload: Upload, check: Check): Promise<ImportRow> => {
  const { database, clock } = services;
  const { program } = upload;
  const number = await database.transaction(program, (tx) =>
    beginImport(tx, program, upload.kind, upload.options, upload.by, clock()),
  );
  try {
    let chunk = 0;
    let total = 0;
    let lines: string[] = [];
    let characters = 0;
    const keep = async (): Promise<void> => {
      const records = `[${lines.join(',')}]`;
      lines = [];
      characters = 0;
      chunk += 1;
      await database.transaction(program, (tx) => insertChunk(tx, program, number, chunk, records, clock()));
    };
    for await (const record of await recordsOf(services, upload)) {
      const text = JSON.stringify(checked(check, record));
      lines.push(text);
      characters += text.length;
      total += 1;
      if (lines.length === CHUNK_LINES || characters >= CHUNK_CHARACTERS) await keep();
    }
    if (lines.length > 0) await keep();
    return await database.transaction(program, async (tx) => {
      const row = await completeUpload(tx, program, number, total, clock());
      const { by: author, requestId: request_id, kind } = upload;
      const details = { kind, records: total, ...upload.options };
      const about = { member: null, actor: null, subject: `imp_${number}`, details };
      await insertAudit(tx, program, [{ at: clock(), action: 'import.created', author, request_id, ...about }]);
      return row;
    });
  } catch (error) {
    // Should this fail as well, the sweep finds that nothing more is heard of the upload.
    await database.transaction(program, (tx) => dropUpload(tx, program, number)).catch(() => {});
    if ((error as { code?: unknown }).code === 'ECONNRESET')
      throw new ProblemError('malformed_request', 'the file did not arrive whole');
    throw error;
  }
};
