import { sql } from 'kysely';
import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
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
