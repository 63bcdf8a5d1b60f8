import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { instants, numbers } from './arrays.ts';
import type { Db, Tx } from './connection.ts';
import { wantedMembers } from './members.ts';

export const saveDue = (
  tx: Tx,
  program: ProgramId,
  due: readonly (readonly [MemberId, Instant])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into member_due (program_id, shard, member_id, due_at)
    select ${program}, new.*
    from unnest(
      ${numbers(due.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(due.map(([member]) => member))}::bigint[],
      ${instants(due.map(([, at]) => at))}::timestamptz[]
    ) as new
    on conflict (program_id, shard, member_id) do update set due_at = excluded.due_at
  `);

export const deleteDue = (tx: Tx, program: ProgramId, members: readonly MemberId[]): Promise<unknown[]> =>
  tx.run(sql`
    delete from member_due d
    using ${wantedMembers(members)}
    where d.program_id = ${program} and d.shard = wanted.shard and d.member_id = wanted.member_id
  `);

/** Members of any program whose instant has come, the longest due first. For the observer. */
export const findDue = (
  db: Db,
  now: Instant,
  limit: number,
): Promise<{ program_id: ProgramId; member_id: MemberId }[]> =>
  db.run(sql<{ program_id: ProgramId; member_id: MemberId }>`
    select program_id, member_id
    from member_due
    where due_at <= ${instantText(now)}::timestamptz
    order by due_at
    limit ${limit}
  `);
