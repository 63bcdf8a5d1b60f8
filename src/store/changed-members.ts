import { sql } from 'kysely';
import type { MemberId, ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Db } from './connection.ts';

/** Where a list of changes goes on: after a write, and among those of one instant after a member. */
export interface ChangePlace {
  readonly updated_at: Instant;
  readonly member_id: MemberId;
}

export interface ChangedMember extends ChangePlace {
  readonly external_id: string;
}

/** Members by when their profiles were last written, after a place and before an instant (see `findHorizon`). */
export const listChangedMembers = (
  db: Db,
  program: ProgramId,
  after: ChangePlace,
  before: Instant,
  limit: number,
): Promise<ChangedMember[]> =>
  db.run(sql<ChangedMember>`
    select changed.updated_at, changed.member_id, s.external_id
    from (
      select updated_at, shard, member_id
      from member_profile
      where program_id = ${program}
        and (updated_at, member_id) > (${instantText(after.updated_at)}::timestamptz, ${after.member_id}::bigint)
        and updated_at < ${instantText(before)}::timestamptz
      order by updated_at, member_id
      limit ${limit}
    ) changed
    join member_state s on s.program_id = ${program} and s.shard = changed.shard and s.member_id = changed.member_id
    order by changed.updated_at, changed.member_id
  `);
