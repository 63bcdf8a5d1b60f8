import type { ImportKind, ImportRecord } from '../model/import.ts';
import { lineFault } from './import-records.ts';

/*
 * Rows of a CSV file that are one record: an opening balance has a row for each lot, a past purchase one for each line.
 * They follow each other. A record is taken whole or not at all: a lot that is missing would be missing for ever. So where
 * a row cannot be read, the records beside it, which it may belong to, are at fault as well.
 */

export interface RowGroup {
  /** What rows of one record have in common. */
  readonly key: readonly string[];
  /** What each adds to. */
  readonly lists: readonly string[];
  /** The list that is empty where no row adds to it: who had no points has no lots. */
  readonly empty?: string;
}

export const ROW_GROUPS: Readonly<Partial<Record<ImportKind, RowGroup>>> = {
  opening_balances: { key: ['member', 'wallet'], lists: ['lots'], empty: 'lots' },
  past_purchases: { key: ['id'], lists: ['lines', 'points_given'] },
};

/** More than any list takes: what comes behind is not kept, and the schema says that there are too many. */
const ITEMS_MAX = 2_001;

type Values = Record<string, unknown>;

interface Pending {
  readonly line: number;
  readonly value: Values;
  fault: ImportRecord | null;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Adds a row to the record it belongs to. What it says besides its lists was said before, or is empty. */
const addRow = (pending: Pending, line: number, row: Values, { lists }: RowGroup): void => {
  for (const [name, value] of Object.entries(row)) {
    const before = pending.value[name];
    if (lists.includes(name)) {
      const items = (before ?? []) as unknown[];
      if (items.length < ITEMS_MAX) pending.value[name] = [...items, ...(value as unknown[])];
    } else if (!same(before, value))
      pending.fault ??= lineFault(
        line,
        'rows_differ',
        'the row says otherwise than the first of its record',
        `/${name}`,
      );
  }
};

/** Records out of rows that follow each other. What is wrong with one is told of its first line, or of the row. */
export async function* together(rows: AsyncIterable<ImportRecord>, group: RowGroup): AsyncGenerator<ImportRecord> {
  let pending: Pending | null = null;
  let afterFault = false;
  const beside = (line: number): ImportRecord =>
    lineFault(line, 'row_beside', 'a row beside the record cannot be read, and may belong to it');
  const { empty } = group;
  const whole = ({ line, value, fault }: Pending): ImportRecord =>
    fault ?? [line, empty === undefined ? value : { [empty]: [], ...value }];
  for await (const row of rows) {
    const [line, value, faults] = row;
    if (faults !== undefined) {
      if (pending !== null) yield beside(pending.line);
      pending = null;
      afterFault = true;
      yield row;
      continue;
    }
    const values = value as Values;
    const isSame: boolean = pending !== null && group.key.every((name) => same(pending?.value[name], values[name]));
    if (pending !== null && isSame) {
      addRow(pending, line, values, group);
      continue;
    }
    if (pending !== null) yield whole(pending);
    pending = { line, value: values, fault: afterFault ? beside(line) : null };
    afterFault = false;
  }
  if (pending !== null) yield whole(pending);
}
