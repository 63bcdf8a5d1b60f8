import { sql } from 'kysely';
import type { NumberedEvent } from '../model/event.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { numbers, texts } from './arrays.ts';
import type { Db } from './connection.ts';

type EventRow = Omit<NumberedEvent, 'member'> & {
  readonly member_id: MemberId | null;
  readonly external_id: string | null;
  readonly number: number | null;
};

const eventOf = ({ member_id, external_id, number, ...event }: EventRow): NumberedEvent => ({
  ...event,
  member: member_id === null || external_id === null || number === null ? null : { member_id, external_id, number },
});

const columns = sql.raw('e.position, e.type, e.occurred_at, e.recorded_at, e.data, e.member_id, e.number');

/** Events by the caller's id that their member has now. */
const withMembers = (program: ProgramId, events: ReturnType<typeof sql>) => sql<EventRow>`
  select e.*, s.external_id
  from (${events}) e
  left join lateral (
    select external_id
    from member_state
    where program_id = ${program} and shard = e.shard and member_id = e.member_id
    limit 1
  ) s on true
`;

/** Which part of the feed is looked at: positions after `after` up to `to`, of these types; null: of all. */
export interface FeedRange {
  readonly after: number;
  readonly to: number;
  readonly types: readonly string[] | null;
}

/** Events of a range in the order of their positions. */
export const readFeed = async (
  db: Db,
  program: ProgramId,
  { after, to, types }: FeedRange,
  limit: number,
): Promise<NumberedEvent[]> => {
  const rows = await db.run(sql<EventRow>`
    ${withMembers(
      program,
      sql`
        select ${columns}, e.shard
        from event e
        where e.program_id = ${program} and e.position > ${after} and e.position <= ${to}
          and (${types === null} or e.type = any(${texts(types ?? [])}::text[]))
        order by e.position
        limit ${limit}
      `,
    )}
    order by e.position
  `);
  return rows.map(eventOf);
};

/** A member's events that are still kept, the latest first, from before a number. */
export const listMemberEvents = async (
  db: Db,
  program: ProgramId,
  member: MemberId,
  before: number | null,
  limit: number,
): Promise<NumberedEvent[]> => {
  const rows = await db.run(sql<EventRow>`
    ${withMembers(
      program,
      sql`
        select ${columns}, e.shard
        from event e
        where e.program_id = ${program} and e.shard = ${shardOfMember(member)} and e.member_id = ${member}
          and e.number < ${before ?? 2 ** 31 - 1}
        order by e.number desc
        limit ${limit}
      `,
    )}
    order by e.number desc
  `);
  return rows.map(eventOf);
};

/** Events by their member and number, as far as they are kept; those of the program (member 0) by their position. */
export const findEvents = async (
  db: Db,
  program: ProgramId,
  keys: readonly { readonly member: MemberId; readonly number: number }[],
): Promise<NumberedEvent[]> => {
  const rows = await db.run(sql<EventRow>`
    ${withMembers(
      program,
      sql`
        select ${columns}, e.shard
        from unnest(
          ${numbers(keys.map(({ member }) => shardOfMember(member)))}::smallint[],
          ${numbers(keys.map(({ member }) => member))}::bigint[],
          ${numbers(keys.map(({ number }) => number))}::bigint[]
        ) as wanted (shard, member_id, number)
        cross join lateral (
          select *
          from event
          where program_id = ${program} and shard = wanted.shard and member_id = wanted.member_id
            and number = wanted.number
            and wanted.member_id > 0
          union all
          select *
          from event
          where program_id = ${program} and position = wanted.number and member_id is null and wanted.member_id = 0
        ) e
      `,
    )}
  `);
  return rows.map(eventOf);
};

/** The last position before what was numbered at an instant or later: from there on a stream is sent it again. */
export const positionBefore = async (db: Db, program: ProgramId, at: Instant): Promise<number> => {
  const [row] = await db.run(sql<{ position: number }>`
    select position - 1 as position
    from event
    where program_id = ${program} and numbered_at >= ${instantText(at)}
    order by position
    limit 1
  `);
  if (row !== undefined) return row.position;
  const [feed] = await db.run(sql<{ position: number }>`
    select last_position as position
    from event_feed
    where program_id = ${program}
  `);
  return feed?.position ?? 0;
};
