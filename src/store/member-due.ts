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

/**
 * Members whose instant has come, `now` for live programs and its own clock for each sandbox, the longest due of each
 * program first and the programs in turn: one whose members are many, or cannot be settled, keeps no other waiting.
 * A sandbox whose clock is being moved is left to the move. For the observer.
 */
export const findDue = (
  db: Db,
  now: Instant,
  limit: number,
  passedOver: readonly MemberId[] = [],
): Promise<{ program_id: ProgramId; member_id: MemberId }[]> =>
  db.run(sql<{ program_id: ProgramId; member_id: MemberId }>`
    select p.program_id, due.member_id
    from program p
    cross join lateral (
      select d.member_id, d.due_at, row_number() over (order by d.due_at) as turn
      from member_due d
      where d.program_id = p.program_id
        and d.due_at <= coalesce(p.clock, ${instantText(now)}::timestamptz)
        and d.member_id <> all (${numbers(passedOver)}::bigint[])
      order by d.due_at
      limit ${limit}
    ) due
    where not exists (select from clock_move m where m.program_id = p.program_id and m.status = 'running')
    order by due.turn, due.due_at
    limit ${limit}
  `);

/** Members of one program who are due by an instant, the longest due first. */
export const findDueOf = async (
  db: Db,
  program: ProgramId,
  by: Instant,
  limit: number,
  passedOver: readonly MemberId[],
): Promise<MemberId[]> => {
  const rows = await db.run(sql<{ member_id: MemberId }>`
    select member_id
    from member_due
    where program_id = ${program} and due_at <= ${instantText(by)}::timestamptz
      and member_id <> all (${numbers(passedOver)}::bigint[])
    order by due_at
    limit ${limit}
  `);
  return rows.map((row) => row.member_id);
};
