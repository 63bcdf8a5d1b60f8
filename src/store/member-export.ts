import { type RawBuilder, sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type ExportSection, exportSections } from '../model/member-export.ts';
import { bytes } from './arrays.ts';
import type { Db } from './connection.ts';
import type { DB } from './tables.ts';

/** Whose rows are exported, with the hashes under which guests' identities of theirs are kept. */
export interface Exported {
  readonly member: MemberId;
  readonly guestHashes: readonly Uint8Array[];
}

interface Source {
  readonly table: keyof DB;
  /** In which order rows come, and where a page goes on: unique among the rows of a member. */
  readonly key: readonly string[];
  /** Absent: by shard and member. */
  readonly by?: 'member_id' | 'recipient_id' | 'survivor_id' | 'identity_hash';
}

/** Where the rows of each section are. */
const sources: Readonly<Record<ExportSection, Source>> = {
  membership: { table: 'member_state', key: [] },
  person: { table: 'member_profile', key: [] },
  consent_changes: { table: 'consent_change', key: ['number', 'purpose'] },
  tier_transitions: { table: 'tier_transition', key: ['scheme', 'number'] },
  tier_notes: { table: 'tier_note', key: ['number'] },
  segment_memberships: { table: 'segment_membership', key: ['number'] },
  lots: { table: 'lot', key: ['lot'] },
  ledger_entries: { table: 'ledger_entry', key: ['sequence'] },
  entry_notes: { table: 'entry_note', key: ['sequence'] },
  purchases: { table: 'purchase', key: ['ordinal'] },
  guest_purchases: { table: 'guest_purchase', key: ['shard', 'purchase_id'], by: 'identity_hash' },
  returns: { table: 'purchase_return', key: ['kind', 'id'], by: 'member_id' },
  activities: { table: 'activity', key: ['number'] },
  opening_balances: { table: 'opening_balance', key: ['wallet'] },
  redemptions: { table: 'redemption', key: ['ordinal'] },
  vouchers: { table: 'voucher', key: ['number'] },
  entitlements: { table: 'entitlement', key: ['number'] },
  reward_notes: { table: 'reward_note', key: ['kind', 'number'] },
  transfers_sent: { table: 'transfer', key: ['ordinal'] },
  transfers_received: { table: 'transfer', key: ['member_id', 'ordinal'], by: 'recipient_id' },
  merges: { table: 'member_merge', key: ['ordinal'] },
  merged_in: { table: 'member_merge', key: ['member_id', 'ordinal'], by: 'survivor_id' },
  events: { table: 'event', key: ['number'] },
  quotes: { table: 'quote', key: ['quote_id'] },
  stored_answers: { table: 'idempotency_key', key: ['key'] },
  audit_entries: { table: 'audit_log', key: ['number'], by: 'member_id' },
  audit_actors: { table: 'audit_actor', key: ['number'] },
};

const rowsOf = ({ by }: Source, program: ProgramId, { member, guestHashes }: Exported): RawBuilder<unknown> => {
  switch (by) {
    case undefined:
      return sql`program_id = ${program} and shard = ${shardOfMember(member)} and member_id = ${member}`;
    case 'identity_hash':
      return sql`program_id = ${program} and identity_hash = any(${bytes(guestHashes)}::bytea[])`;
    default:
      return sql`program_id = ${program} and ${sql.ref(by)} = ${member}`;
  }
};

const isInstant = (schema: unknown): boolean => JSON.stringify(schema).includes('"format":"date-time"');

/** A column as JSON shows it: instants as everywhere in the API, no member's number inside the state. */
const shown = (name: string, schema: unknown): RawBuilder<unknown> => {
  const column = sql.ref(name);
  if (name === 'state')
    return sql`(state::jsonb - array['member_id', 'absorbed', 'merged', 'parted'] #- '{referred_by,member_id}') as state`;
  if (name === 'identity_hash') return sql`encode(identity_hash, 'hex') as identity_hash`;
  if (!isInstant(schema)) return column;
  return sql`case when isfinite(${column}) then to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end as ${column}`;
};

export interface ExportedRow {
  /** Where the next page goes on. */
  readonly key: readonly (string | number)[];
  /** The row as JSON text. */
  readonly text: string;
}

/** Rows of a section, in its order, from after one of them. */
export const exportRows = async (
  db: Db,
  program: ProgramId,
  exported: Exported,
  section: ExportSection,
  after: ExportedRow['key'] | null,
  limit: number,
): Promise<ExportedRow[]> => {
  const source = sources[section];
  const key = source.key.map((column) => sql.ref(column));
  const columns = Object.entries(exportSections[section].properties).map(([name, schema]) => shown(name, schema));
  const ofFound = sql.join(source.key.map((column) => sql.ref(`found.${column}`)));
  const order = key.length === 0 ? sql`` : sql`order by ${sql.join(key)}`;
  const place = after === null || key.length === 0 ? sql`` : sql`and (${sql.join(key)}) > (${sql.join([...after])})`;
  return db.run(sql<ExportedRow>`
    select json_build_array(${ofFound}) as key, row_to_json(shown)::text as text
    from (
      select * from ${sql.table(source.table)}
      where ${rowsOf(source, program, exported)} ${place}
      ${order}
      limit ${limit}
    ) found
    cross join lateral (select ${sql.join(columns)}) shown
    ${key.length === 0 ? sql`` : sql`order by ${ofFound}`}
  `);
};
