/**
 * The fields of one row of comma-separated values; a field in quotes may hold commas and doubled quotes (RFC 4180).
 * Null when a quote stays open or is followed by something else. Line breaks inside quotes are not supported.
 */
export function csvFields(row: string): string[] | null {
  if (!row.includes('"')) return row.split(',');
  const fields: string[] = [];
  const field = /("(?:[^"]|"")*"|[^",]*)(,|$)/y;
  for (;;) {
    const match = field.exec(row);
    if (match === null) return null;
    const [, text = '', end] = match;
    fields.push(text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text);
    if (end === '') return fields;
  }
}
