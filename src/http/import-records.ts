import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { CsvError, parse } from 'csv-parse';
import type { ImportRecord } from '../model/import.ts';
import type { Column } from './csv-columns.ts';
import { ProblemError } from './problem-error.ts';

/** Bytes of one line. */
const LINE_BYTES_MAX = 1_048_576;

type Fault = { readonly pointer: string; readonly code: string; readonly detail: string };

export const lineFault = (line: number, code: string, detail: string, pointer = ''): ImportRecord => [
  line,
  null,
  [{ pointer, code, detail } satisfies Fault],
];

const parsed = (line: number, bytes: Buffer): ImportRecord | null => {
  if (!isUtf8(bytes)) return lineFault(line, 'malformed_line', 'the line is not UTF-8');
  const text = bytes.toString().trim();
  if (text === '') return null;
  try {
    return [line, JSON.parse(text) as unknown];
  } catch {
    return lineFault(line, 'malformed_line', 'the line is not JSON');
  }
};

const tooLong = (line: number): ImportRecord =>
  lineFault(line, 'line_too_long', `a line has at most ${LINE_BYTES_MAX} bytes`);

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Lines of NDJSON as they come in: no more than one of them and a piece of the file is held at a time. */
export async function* ndjsonRecords(file: AsyncIterable<Buffer>): AsyncGenerator<ImportRecord> {
  let line = 1;
  let pending: Buffer[] = [];
  let held = 0;
  let first = true;
  const take = (): ImportRecord | null => {
    const record = held > LINE_BYTES_MAX ? tooLong(line) : parsed(line, Buffer.concat(pending));
    pending = [];
    held = 0;
    line += 1;
    return record;
  };
  const keep = (piece: Buffer): void => {
    held += piece.length;
    if (held > LINE_BYTES_MAX) pending = [];
    else if (piece.length > 0) pending.push(piece);
  };
  for await (const piece of file) {
    let from = first && piece.subarray(0, 3).equals(BOM) ? 3 : 0;
    first = false;
    for (let end = piece.indexOf(10, from); end !== -1; end = piece.indexOf(10, from)) {
      keep(piece.subarray(from, end));
      const record = take();
      if (record !== null) yield record;
      from = end + 1;
    }
    // What is kept across pieces is copied: a line would otherwise keep the whole of its piece.
    keep(Buffer.from(piece.subarray(from)));
  }
  const record = take();
  if (record !== null) yield record;
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number; readonly error?: CsvError };
}

const headerFault = (name: string, detail: string, expected: string): ProblemError =>
  new ProblemError('invalid_request', 'the header of the file is not one of this kind', {
    errors: [
      {
        pointer: `/header/${name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`,
        code: 'header',
        detail,
        expected,
      },
    ],
  });

/** Columns by the names of the header. Throws for one that is not known, or is there twice. */
const columnsOf = (header: readonly string[], columnOf: (name: string) => Column | null): Column[] => {
  const seen = new Set<string>();
  return header.map((raw) => {
    const name = raw.trim();
    const column = columnOf(name);
    if (column === null)
      throw headerFault(name, 'is no place in a line', 'names as the line has them in JSON, with dots');
    if (seen.has(name)) throw headerFault(name, 'is there twice', 'each column once');
    seen.add(name);
    return column;
  });
};

const wellFormed = async function* (file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for await (const piece of file) {
      decoder.decode(piece, { stream: true });
      yield piece;
    }
    decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? new ProblemError('malformed_request', 'the file is not UTF-8') : error;
  }
};

/**
 * Records of a CSV file (RFC 4180) as they come in: a header, commas, quotes where needed, CRLF or LF, a BOM or none. A
 * record with another number of cells than the header is at fault by itself; quotes that do not match end the file.
 */
export async function* csvRecords(
  file: AsyncIterable<Buffer>,
  columnOf: (name: string) => Column | null,
): AsyncGenerator<ImportRecord> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LINE_BYTES_MAX,
  });
  const feed = (async () => {
    for await (const piece of wellFormed(file))
      if (!parser.write(piece)) await Promise.race([once(parser, 'drain'), once(parser, 'close')]);
    parser.end();
  })().catch((error: Error) => void parser.destroy(error));
  let columns: Column[] | null = null;
  let line = 1;
  // The library counts a line break of two characters inside quotes as two.
  let twice = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      const breaks = record.reduce((sum, cell) => sum + (cell.match(/\r?\n/g)?.length ?? 0), 0);
      twice += record.reduce((sum, cell) => sum + (cell.match(/\r\n/g)?.length ?? 0), 0);
      line = info.lines - twice;
      const begins = line - breaks;
      if (columns === null) columns = columnsOf(record, columnOf);
      else if (record.length !== columns.length)
        yield lineFault(begins, 'columns', `${record.length} cells, and the header has ${columns.length}`);
      else {
        const value: Record<string, unknown> = {};
        for (const [index, cell] of record.entries()) if (cell !== '') columns[index]?.(value, cell);
        yield [begins, value];
      }
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new ProblemError('malformed_request', `the file is not CSV from line ${line} on`);
    throw error;
  } finally {
    parser.destroy();
    await feed;
  }
}
