/** A row of a table: one text for each column. */
export type Row = readonly string[];

const isNumber = (text: string): boolean => /^[\d,.\s]*\d(×| ms| MB)?$/.test(text);

/** Columns as wide as their widest text; those that hold numbers are set to the right. */
export function table(head: Row, rows: readonly Row[]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const right = head.map((_, column) => rows.some((row) => isNumber(row[column] ?? '')));
  const line = (row: Row) =>
    row
      .map((text, column) => (right[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join('   ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('   '), ...rows.map(line)]
    .map((text) => `  ${text.trimEnd()}`)
    .join('\n');
}

export const perSecond = (rate: number): string => Math.round(rate).toLocaleString('en-US');

export const milliseconds = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;

export const times = (ratio: number): string => `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(1)}×`;

export const megabytes = (value: number): string => `${Math.round(value)} MB`;

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};
