import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { numbers } from './arrays.ts';
import type { Tx } from './connection.ts';

/** Deliveries of events, due now, whatever became of them before. What is held stays so, behind what fails. */
const resent = (program: ProgramId, stream: string, events: ReturnType<typeof sql>, now: Instant) => sql`
  insert into delivery (program_id, stream, shard, member_id, number, position, status, attempts, next_at, created_at)
  select ${program}, ${stream}, e.shard, coalesce(e.member_id, 0), coalesce(e.number, e.position), e.position, 'failing', 0,
    ${instantText(now)}, ${instantText(now)}
  from (${events}) e
  on conflict (program_id, stream, shard, member_id, number) do update
  set status = 'failing', attempts = 0, next_at = excluded.next_at
  where delivery.status <> 'held'
  returning 1
`;

/** Sends the events at these positions again. Returns how many. */
export const resendRange = async (
  tx: Tx,
  program: ProgramId,
  stream: string,
  from: number,
  to: number,
  now: Instant,
): Promise<number> => {
  const events = sql`
    select shard, member_id, number, position
    from event
    where program_id = ${program} and position >= ${from} and position <= ${to}
  `;
  return (await tx.run(resent(program, stream, events, now))).length;
};

/** Sends these events again, as far as they are kept. Of the program: member 0, and the position as the number. */
export const resendEvents = async (
  tx: Tx,
  program: ProgramId,
  stream: string,
  keys: readonly { readonly member: MemberId; readonly number: number }[],
  now: Instant,
): Promise<number> => {
  const events = sql`
    select e.shard, e.member_id, e.number, e.position
    from unnest(
      ${numbers(keys.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(keys.map(({ member }) => member))}::bigint[],
      ${numbers(keys.map(({ number }) => number))}::bigint[]
    ) as wanted (shard, member_id, number)
    cross join lateral (
      select shard, member_id, number, position
      from event
      where program_id = ${program} and shard = wanted.shard and member_id = wanted.member_id and number = wanted.number
      union all
      select shard, member_id, number, position
      from event
      where program_id = ${program} and position = wanted.number and member_id is null and wanted.member_id = 0
    ) e
  `;
  return (await tx.run(resent(program, stream, events, now))).length;
};

/** Sends again what was given up, the oldest first. Returns how many. */
export const resendDead = async (
  tx: Tx,
  program: ProgramId,
  stream: string,
  limit: number,
  now: Instant,
): Promise<number> =>
  (
    await tx.run(sql`
      update delivery d
      set status = 'failing', attempts = 0, next_at = ${instantText(now)}
      from (
        select shard, member_id, number
        from delivery
        where program_id = ${program} and stream = ${stream} and status = 'dead'
        order by created_at, shard, member_id, number
        limit ${limit}
      ) oldest
      where d.program_id = ${program} and d.stream = ${stream} and d.shard = oldest.shard and d.member_id = oldest.member_id
        and d.number = oldest.number
      returning 1
    `)
  ).length;
