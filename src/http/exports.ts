import { memberView } from '../commands/member-view.ts';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Member } from '../model/member.ts';
import { eventView } from '../rules/event-view.ts';
import { loadFeed } from '../store/event-feed.ts';
import { readFeed } from '../store/events.ts';
import { FIRST_PLACE, listEntriesFrom, listMembersFrom, type RecordedRange } from '../store/exports.ts';
import { entryView } from '../store/ledger-entry-reads.ts';
import type { Services } from './services.ts';

/*
 * What can be downloaded as a file: read a page at a time while it is sent, so that it may be of any size. A row is a
 * line of JSON, or the columns of a line of CSV.
 */

type Row = Readonly<Record<string, unknown>>;

export interface ExportOf {
  /** Names of the columns of CSV, each with what stands in it. */
  readonly columns: Readonly<Record<string, (row: Row) => unknown>>;
  rows(services: Services, program: ProgramId, range: RecordedRange): AsyncGenerator<Row[]>;
}

const PAGE = 500;

const inRange = (at: Instant, { from, until }: RecordedRange): boolean =>
  (from === null || at >= from) && (until === null || at < until);

async function* events(services: Services, program: ProgramId, range: RecordedRange) {
  const { database } = services;
  const feed = await database.read(program, (db) => loadFeed(db, program));
  // What happens while it is sent is not for this file.
  const to = feed.last_position;
  for (let after = feed.dropped_position; after < to; ) {
    const from = after;
    const found = await database.read(program, (db) => readFeed(db, program, { after: from, to, types: null }, PAGE));
    yield found.filter(({ recorded_at }) => inRange(recorded_at, range)).map(eventView);
    after = found.length < PAGE ? to : (found.at(-1)?.position ?? to);
  }
}

async function* entries({ database }: Services, program: ProgramId, range: RecordedRange) {
  for (let after = FIRST_PLACE; ; ) {
    const place = after;
    const found = await database.transaction(program, (tx) => listEntriesFrom(tx, program, place, range, PAGE));
    yield found.map((entry): Row => ({ member: entry.external_id, ...entryView(entry) }));
    const last = found.at(-1);
    if (last === undefined || found.length < PAGE) return;
    after = { shard: last.shard, member: last.member_id, sequence: last.sequence };
  }
}

async function* members({ database, members: reader }: Services, program: ProgramId, range: RecordedRange) {
  for (let after: Parameters<typeof listMembersFrom>[2] = FIRST_PLACE; ; ) {
    const place = after;
    const found = await database.transaction(program, (tx) => listMembersFrom(tx, program, place, PAGE));
    const read = await Promise.all(found.map(({ external_id: value }) => reader.find(program, { kind: 'id', value })));
    // The name of a member who was merged leads to another; one who was erased is nobody.
    const own = read.flatMap((member, index) => {
      if (member === null || member.state.status === 'erased') return [];
      return member.state.external_id === found[index]?.external_id ? member : [];
    });
    yield own.filter(({ state }) => inRange(state.enrolled_at, range)).map((member): Row => memberView(member));
    const last = found.at(-1);
    if (last === undefined || found.length < PAGE) return;
    after = last;
  }
}

const same = (...names: readonly string[]): ExportOf['columns'] =>
  Object.fromEntries(names.map((name) => [name, (row: Row) => row[name]]));

const within = (part: string, ...names: readonly string[]): ExportOf['columns'] =>
  Object.fromEntries(names.map((name) => [name, (row: Row) => (row[part] as Row | null)?.[name]]));

const identity = (kind: string) => (row: Row) =>
  (row as unknown as Member).identities.find((one) => one.kind === kind)?.value;

const codes = (row: Row, part: string, name: string) => (row[part] as Row[]).map((one) => one[name]).join('|');

/** By what is exported. */
export const EXPORTS = {
  members: {
    columns: {
      ...same('id', 'status', 'enrolled_at'),
      ...within('profile', 'given_name', 'family_name', 'birth_date', 'language', 'country'),
      ...Object.fromEntries(['email', 'phone', 'card', 'crm'].map((kind) => [kind, identity(kind)])),
      tiers: (row: Row) => codes(row, 'tiers', 'tier'),
      segments: (row: Row) => codes(row, 'segments', 'segment'),
      ...within('totals', 'spend', 'purchases'),
      ...same('tags', 'accounts', 'attributes', 'consents'),
    },
    rows: members,
  },
  'ledger-entries': {
    columns: {
      ...same('id', 'member', 'sequence', 'wallet', 'movement', 'from', 'to', 'points'),
      ...within('balances', 'pending', 'available', 'held', 'debt'),
      ...same('cause', 'cause_id', 'rules', 'lots', 'reason', 'actor', 'revision', 'occurred_at', 'recorded_at'),
    },
    rows: entries,
  },
  events: {
    columns: same('id', 'type', 'timestamp', 'recorded_at', 'position', 'member', 'number', 'data'),
    rows: events,
  },
} as const satisfies Record<string, ExportOf>;
export type ExportName = keyof typeof EXPORTS;

/** A value as RFC 4180 writes it; what is no text or number as JSON. */
const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** The lines of a file, as they are read. */
export async function* exportLines(
  { columns, rows }: ExportOf,
  format: 'csv' | 'ndjson',
  services: Services,
  program: ProgramId,
  range: RecordedRange,
) {
  if (format === 'csv') yield `${Object.keys(columns).join(',')}\r\n`;
  for await (const page of rows(services, program, range)) {
    const lines = page.map((row) =>
      format === 'csv'
        ? `${Object.values(columns)
            .map((value) => cell(value(row)))
            .join(',')}\r\n`
        : `${JSON.stringify(row)}\n`,
    );
    yield lines.join('');
  }
}

/** Name of the file, for who saves it. */
export const fileName = (what: ExportName, format: string, now: Instant): string =>
  `${what}-${instantText(now).slice(0, 10)}.${format}`;
