import { sql } from 'kysely';
import type { MemberId, ProgramId } from '../model/ids.ts';
import { type Instant, instantTextOrNull } from '../model/instant.ts';
import type { Db } from './connection.ts';
import type { ReadEntry } from './ledger-entry-reads.ts';
import type { Place } from './reassessments.ts';

export interface ListedMember extends Place {
  readonly external_id: string;
}

/** A program's members after a place, in the order of shards and members' numbers. */
export const listMembersFrom = (db: Db, program: ProgramId, after: Place, limit: number): Promise<ListedMember[]> =>
  db.run(sql<ListedMember>`
    select shard, member_id as member, external_id
    from member_state
    where program_id = ${program} and (shard, member_id) > (${after.shard}::smallint, ${after.member}::bigint)
    order by shard, member_id
    limit ${limit}
  `);

/** Where a list of a program's ledger entries goes on. */
export interface EntryPlace extends Place {
  readonly sequence: number;
}

export interface ListedEntry extends ReadEntry {
  readonly shard: number;
  readonly external_id: string;
}

/** When entries were recorded: from an instant, and before another; null: without a bound. */
export interface RecordedRange {
  readonly from: Instant | null;
  readonly until: Instant | null;
}

/** Ledger entries of all members after a place, those of a member in their order. */
export const listEntriesFrom = (
  db: Db,
  program: ProgramId,
  after: EntryPlace,
  { from, until }: RecordedRange,
  limit: number,
): Promise<ListedEntry[]> =>
  db.run(sql<ListedEntry>`
    select e.*, n.reason, n.actor, s.external_id
    from (
      select *
      from ledger_entry
      where program_id = ${program}
        and (shard, member_id, sequence) > (${after.shard}::smallint, ${after.member}::bigint, ${after.sequence}::integer)
        and (${instantTextOrNull(from)}::timestamptz is null or recorded_at >= ${instantTextOrNull(from)}::timestamptz)
        and (${instantTextOrNull(until)}::timestamptz is null or recorded_at < ${instantTextOrNull(until)}::timestamptz)
      order by shard, member_id, sequence
      limit ${limit}
    ) e
    left join entry_note n on n.program_id = e.program_id and n.shard = e.shard and n.member_id = e.member_id and n.sequence = e.sequence
    join member_state s on s.program_id = e.program_id and s.shard = e.shard and s.member_id = e.member_id
    order by e.shard, e.member_id, e.sequence
  `);

/** Before everything. */
export const FIRST_PLACE: EntryPlace = { shard: -1, member: 0 as MemberId, sequence: 0 };
