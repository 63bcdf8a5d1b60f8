import { sql } from 'kysely';
import type { NumberedEvent } from '../model/event.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { texts } from './arrays.ts';
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
