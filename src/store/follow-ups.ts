import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { FollowUp } from '../model/referral.ts';
import { instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

export const followUpKey = ({ member_id, id }: Pick<FollowUp, 'member_id' | 'id'>): string => `${member_id}:${id}`;

type Key = Pick<FollowUp, 'member_id' | 'id'>;

const keys = (rows: readonly Key[]) => sql`
  ${numbers(rows.map((row) => shardOfMember(row.member_id)))}::smallint[],
  ${numbers(rows.map((row) => row.member_id))}::bigint[],
  ${texts(rows.map((row) => row.id))}::text[]
`;

export const insertFollowUps = (tx: Tx, program: ProgramId, rows: readonly FollowUp[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into follow_up (program_id, shard, member_id, id, at)
    select ${program}, new.*
    from unnest(${keys(rows)}, ${instants(rows.map((row) => row.at))}::timestamptz[]) as new
  `);

/** Those of these follow-ups that are still to be done. The members are locked. */
export const loadFollowUps = (db: Db, program: ProgramId, wanted: readonly Key[]): Promise<FollowUp[]> =>
  db.run(sql<FollowUp>`
    select wanted.member_id, wanted.id, found.at
    from unnest(${keys(wanted)}) as wanted (shard, member_id, id)
    cross join lateral (
      select f.at
      from follow_up f
      where f.program_id = ${program} and f.shard = wanted.shard and f.member_id = wanted.member_id and f.id = wanted.id
        and f.done_at is null
      limit 1
    ) found
  `);

/** Marks follow-ups as done, in the transaction that does what they say. */
export const completeFollowUps = (
  tx: Tx,
  program: ProgramId,
  rows: readonly Key[],
  doneAt: Instant,
): Promise<unknown[]> =>
  tx.run(sql`
    insert into follow_up (program_id, shard, member_id, id, at, done_at)
    select ${program}, new.*, ${instantText(doneAt)}::timestamptz, ${instantText(doneAt)}::timestamptz
    from unnest(${keys(rows)}) as new
    on conflict (program_id, shard, member_id, id) do update set done_at = excluded.done_at
  `);

export interface OpenFollowUp extends FollowUp {
  readonly program_id: ProgramId;
}

/** Follow-ups that are still to be done, after one of them. For the observer. */
export const findFollowUps = (db: Db, after: OpenFollowUp | null, limit: number): Promise<OpenFollowUp[]> =>
  db.run(sql<OpenFollowUp>`
    select program_id, member_id, id, at
    from follow_up
    where done_at is null
      and (program_id, member_id, id) > (${after?.program_id ?? 0}, ${after?.member_id ?? (0 as MemberId)}, ${after?.id ?? ''})
    order by program_id, member_id, id
    limit ${limit}
  `);
