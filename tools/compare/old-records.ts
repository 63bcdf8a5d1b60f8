import { csvFields } from '../replay/csv.ts';

/*
 * The file of the old system. NDJSON: a member a line. CSV: a row for each account, or for each expiry of one; rows of
 * one member stand together.
 */

export interface OldExpiry {
  readonly points: number;
  /** Null: never. */
  readonly expires_at: string | null;
}

/** What the file does not say is null, and is not compared. */
export interface OldAccount {
  readonly wallet: string;
  readonly available: number;
  readonly pending: number | null;
  readonly debt: number | null;
  readonly expiries: readonly OldExpiry[] | null;
}

export interface OldTier {
  /** Null: none. */
  readonly tier: string | null;
  /** Until when at least; null: not said. */
  readonly until: string | null;
}

export interface OldMember {
  readonly member: string;
  /** The row of the file it begins in, from 1. */
  readonly row: number;
  readonly accounts: readonly OldAccount[];
  readonly tiers: ReadonlyMap<string, OldTier>;
}

export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord';
  constructor(row: number, what: string) {
    super(`row ${row}: ${what}`);
  }
}

const MEMBER = /^[A-Za-z0-9][A-Za-z0-9._~@=+-]{0,127}$/;

const memberOf = (row: number, value: unknown): string => {
  if (typeof value !== 'string' || !MEMBER.test(value)) throw new UnreadableRecord(row, 'the member is not an id');
  return value;
};

const wholeOf = (row: number, name: string, value: unknown): number => {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : value;
  if (!Number.isSafeInteger(number)) throw new UnreadableRecord(row, `${name} is not a whole number`);
  return number as number;
};

const instantOf = (row: number, name: string, value: unknown): string => {
  const at =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw new UnreadableRecord(row, `${name} is not an instant such as 2026-03-01T00:00:00Z`);
  return new Date(at).toISOString();
};

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const objects = (row: number, name: string, value: unknown): Json[] => {
  if (!Array.isArray(value) || !value.every(isObject))
    throw new UnreadableRecord(row, `${name} is not a list of objects`);
  return value;
};

const optional = <T>(value: unknown, read: (value: unknown) => T): T | null =>
  value === undefined || value === null || value === '' ? null : read(value);

/** The point values of an account; a balance below zero is debt. */
const accountOf = (row: number, of: Json, expiries: OldExpiry[] | null): OldAccount => {
  const number = (name: string): number | null => optional(of[name], (value) => wholeOf(row, name, value));
  const available = number('available');
  if (available === null) throw new UnreadableRecord(row, 'available is missing');
  const debt = number('debt');
  return {
    wallet: optional(of['wallet'], String) ?? 'points',
    available: debt === null ? available : Math.max(available, 0),
    pending: number('pending'),
    debt,
    expiries,
  };
};

const expiryOf = (row: number, { points, expires_at }: Json): OldExpiry => ({
  points: wholeOf(row, 'points', points),
  expires_at: optional(expires_at, (value) => instantOf(row, 'expires_at', value)),
});

const tierOf = (row: number, value: unknown): OldTier => {
  if (!isObject(value)) return { tier: optional(value, String), until: null };
  return {
    tier: optional(value['tier'], String),
    until: optional(value['until'], (until) => instantOf(row, 'until', until)),
  };
};

/** A member of NDJSON: `{member, accounts: [{wallet, available, …}], tiers}`, or with the one account's values beside. */
const memberOfLine = (row: number, line: string): OldMember => {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    throw new UnreadableRecord(row, 'not JSON');
  }
  if (!isObject(read)) throw new UnreadableRecord(row, 'not an object');
  const { member, tiers = {}, accounts } = read;
  if (!isObject(tiers)) throw new UnreadableRecord(row, 'tiers is not an object');
  const whole =
    accounts === undefined && read['available'] === undefined ? [] : objects(row, 'accounts', accounts ?? [read]);
  return {
    member: memberOf(row, member),
    row,
    accounts: whole.map((one) =>
      accountOf(
        row,
        one,
        one['expiries'] === undefined
          ? null
          : objects(row, 'expiries', one['expiries']).map((expiry) => expiryOf(row, expiry)),
      ),
    ),
    tiers: new Map(Object.entries(tiers).map(([scheme, value]) => [scheme, tierOf(row, value)])),
  };
};

export async function* readNdjson(lines: AsyncIterable<string>): AsyncGenerator<OldMember> {
  let row = 0;
  for await (const line of lines) {
    row++;
    if (line.trim() !== '') yield memberOfLine(row, line);
  }
}

interface Row {
  readonly number: number;
  readonly member: string;
  readonly of: Json;
}

const COLUMNS = ['member', 'wallet', 'available', 'pending', 'debt', 'points', 'expires_at'];
const TIER = /^tier\.([a-z][a-z0-9_-]{0,63})(\.until)?$/;

const headerOf = (line: string): string[] => {
  const names = (csvFields(line.replace(/^\ufeff/, '')) ?? []).map((name) => name.trim());
  const unknown = names.find((name) => !COLUMNS.includes(name) && !TIER.test(name));
  if (unknown !== undefined || !names.includes('member') || !names.includes('available'))
    throw new UnreadableRecord(
      1,
      `expected a header of ${COLUMNS.join(', ')}, tier.SCHEME, tier.SCHEME.until; member and available are needed`,
    );
  return names;
};

/** Rows of one member as one: an account for each wallet, an expiry for each row that has points. */
const together = (rows: readonly Row[], names: readonly string[]): OldMember => {
  const [first] = rows;
  if (first === undefined) throw new Error('a member has a row');
  const dated = names.includes('points');
  const accounts = [...Map.groupBy(rows, ({ of }) => optional(of['wallet'], String) ?? 'points').values()].map(
    (some) => {
      const expiries = some.flatMap(({ number, of }) => ((of['points'] ?? '') === '' ? [] : [expiryOf(number, of)]));
      const [{ number, of } = first] = some;
      return accountOf(number, of, dated ? expiries : null);
    },
  );
  const tiers = names.flatMap((name): [string, OldTier][] => {
    const [, scheme, until] = TIER.exec(name) ?? [];
    if (scheme === undefined || until !== undefined) return [];
    const value = { tier: first.of[name], until: first.of[`${name}.until`] };
    return [[scheme, tierOf(first.number, value)]];
  });
  return { member: first.member, row: first.number, accounts, tiers: new Map(tiers) };
};

export async function* readCsv(lines: AsyncIterable<string>): AsyncGenerator<OldMember> {
  let names: string[] | null = null;
  let number = 0;
  let rows: Row[] = [];
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    if (names === null) {
      names = headerOf(line);
      continue;
    }
    const fields = csvFields(line);
    if (fields === null || fields.length !== names.length)
      throw new UnreadableRecord(number, `expected ${names.length} fields`);
    const of = Object.fromEntries(names.map((name, index) => [name, fields[index]?.trim()]));
    const member = memberOf(number, of['member']);
    if (rows[0] !== undefined && rows[0].member !== member) {
      yield together(rows, names);
      rows = [];
    }
    rows.push({ number, member, of });
  }
  if (names !== null && rows.length > 0) yield together(rows, names);
}
