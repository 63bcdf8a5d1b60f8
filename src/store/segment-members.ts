import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { numbers } from './arrays.ts';
import type { Db } from './connection.ts';
import type { Place } from './reassessments.ts';

export interface SegmentMemberRow extends Place {
  readonly external_id: string;
  readonly entered_at: Instant;
}

/** The members a segment has now, after a place, in the order of shards and numbers. */
export const listSegmentMembers = (
  db: Db,
  program: ProgramId,
  segment: string,
  after: Place | null,
  limit: number,
): Promise<SegmentMemberRow[]> =>
  db.run(sql<SegmentMemberRow>`
    select m.shard, m.member_id as member, s.external_id, m.entered_at
    from (
      select shard, member_id, entered_at
      from segment_membership
      where program_id = ${program} and segment = ${segment} and left_at is null
        and (shard, member_id) > (${after?.shard ?? 0}::smallint, ${after?.member ?? 0}::bigint)
      order by shard, member_id
      limit ${limit}
    ) m
    cross join lateral (
      select external_id
      from member_state
      where program_id = ${program} and shard = m.shard and member_id = m.member_id
      limit 1
    ) s
    order by m.shard, m.member_id
  `);

export const countSegmentMembers = async (db: Db, program: ProgramId, segment: string): Promise<number> => {
  const [row] = await db.run(sql<{ count: number }>`
    select count(*) as count
    from segment_membership
    where program_id = ${program} and segment = ${segment} and left_at is null
  `);
  return row?.count ?? 0;
};

export interface SegmentEntry extends SegmentMemberRow {
  /** Which of the member's events told that it was entered. */
  readonly number: number;
}

/** The same, with the events that told it. */
export const listSegmentEntries = (
  db: Db,
  program: ProgramId,
  segment: string,
  after: Place,
  limit: number,
): Promise<SegmentEntry[]> =>
  db.run(sql<SegmentEntry>`
    select m.shard, m.member_id as member, m.number, s.external_id, m.entered_at
    from (
      select shard, member_id, number, entered_at
      from segment_membership
      where program_id = ${program} and segment = ${segment} and left_at is null
        and (shard, member_id) > (${after.shard}::smallint, ${after.member}::bigint)
      order by shard, member_id
      limit ${limit}
    ) m
    cross join lateral (
      select external_id
      from member_state
      where program_id = ${program} and shard = m.shard and member_id = m.member_id
      limit 1
    ) s
    order by m.shard, m.member_id
  `);

/** Of these entries, those that are still open, by member. */
export const findSegmentEntries = (
  db: Db,
  program: ProgramId,
  keys: readonly { readonly member: MemberId; readonly number: number }[],
): Promise<{ member: MemberId; number: number; external_id: string; entered_at: Instant }[]> =>
  db.run(sql`
    select wanted.member_id as member, wanted.number, s.external_id, m.entered_at
    from unnest(
      ${numbers(keys.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(keys.map(({ member }) => member))}::bigint[],
      ${numbers(keys.map(({ number }) => number))}::integer[]
    ) as wanted (shard, member_id, number)
    cross join lateral (
      select entered_at
      from segment_membership
      where program_id = ${program} and shard = wanted.shard and member_id = wanted.member_id and number = wanted.number
        and left_at is null
      limit 1
    ) m
    cross join lateral (
      select external_id
      from member_state
      where program_id = ${program} and shard = wanted.shard and member_id = wanted.member_id
      limit 1
    ) s
  `);

/** Of these members, those who entered the segment again after the event of this number: it is overtaken. */
export const overtakenIn = (
  db: Db,
  program: ProgramId,
  segment: string,
  keys: readonly { readonly member: MemberId; readonly number: number }[],
): Promise<{ member: MemberId; number: number }[]> =>
  db.run(sql`
    select wanted.member_id as member, wanted.number
    from unnest(
      ${numbers(keys.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(keys.map(({ member }) => member))}::bigint[],
      ${numbers(keys.map(({ number }) => number))}::integer[]
    ) as wanted (shard, member_id, number)
    where exists (
      select 1
      from segment_membership m
      where m.program_id = ${program} and m.shard = wanted.shard and m.member_id = wanted.member_id
        and m.number > wanted.number and m.segment = ${segment}
    )
  `);
