import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { instants, numbers } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/** Says when members are due from now on; null is never. */
export const saveDue = (
  tx: Tx,
  program: ProgramId,
  due: readonly (readonly [MemberId, Instant | null])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into member_due (program_id, shard, member_id, due_at)
    select ${program}, new.*
    from unnest(
      ${numbers(due.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(due.map(([member]) => member))}::bigint[],
      ${instants(
        due.map(([, at]) => at),
        'infinity',
      )}::timestamptz[]
    ) as new
    on conflict (program_id, shard, member_id) do update set due_at = excluded.due_at
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
