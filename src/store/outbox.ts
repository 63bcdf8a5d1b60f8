import { sql } from 'kysely';
import type { Event, ProgramEvent } from '../model/event.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { documents, instants, numbers } from './arrays.ts';
import type { Tx } from './connection.ts';

export interface OutboxRow {
  /** Null: of the program itself. */
  readonly member: MemberId | null;
  readonly events: readonly (Event | ProgramEvent)[];
  readonly recorded_at: Instant;
}

/** Puts the events of commands where a relay finds them, in the transaction that made them true. */
export const insertEvents = (tx: Tx, program: ProgramId, rows: readonly OutboxRow[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into outbox (program_id, shard, member_id, events, recorded_at)
    select ${program}, new.*
    from unnest(
      ${numbers(rows.map((row) => (row.member === null ? 0 : shardOfMember(row.member))))}::smallint[],
      ${numbers(rows.map((row) => row.member))}::bigint[],
      ${documents(rows.map((row) => row.events))}::json[],
      ${instants(rows.map((row) => row.recorded_at))}::timestamptz[]
    ) as new
  `);
