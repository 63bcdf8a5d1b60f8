import { sql } from 'kysely';
import type { Activity, ActivityRow } from '../model/activity.ts';
import { type MemberId, type ProgramId, shardOfMember, shardOfText } from '../model/ids.ts';
import { instantText } from '../model/instant.ts';
import type { Db } from './connection.ts';

export interface ReadActivity extends ActivityRow {
  readonly external_id: string;
}

const selected = sql`a.number, a.activity_id, a.type, a.occurred_at, a.recorded_at, a.report, a.facts, s.external_id`;

const ofMember = sql`join member_state s on s.program_id = a.program_id and s.shard = a.shard and s.member_id = a.member_id`;

/** An activity by the caller's own id. */
export const findActivity = async (db: Db, program: ProgramId, id: string): Promise<ReadActivity | null> => {
  const [row] = await db.run(sql<ReadActivity>`
    select ${selected}
    from operation_reference r
    join activity a on a.program_id = r.program_id and a.shard = (r.member_id % 16)::smallint and a.member_id = r.member_id and a.number = r.ordinal
    ${ofMember}
    where r.program_id = ${program} and r.shard = ${shardOfText(id)} and r.kind = 'activity' and r.id = ${id}
  `);
  return row ?? null;
};

/** A member's activities, the last recorded first, those before a number. */
export const listActivities = (
  db: Db,
  program: ProgramId,
  member: MemberId,
  before: number | null,
  limit: number,
): Promise<ReadActivity[]> =>
  db.run(sql<ReadActivity>`
    select ${selected}
    from activity a
    ${ofMember}
    where a.program_id = ${program} and a.shard = ${shardOfMember(member)} and a.member_id = ${member} and a.number < ${before ?? 2 ** 31 - 1}
    order by a.number desc
    limit ${limit}
  `);

/** An activity as the API shows it. */
export const activityView = ({
  external_id,
  activity_id,
  type,
  occurred_at,
  recorded_at,
  report,
  facts,
}: ReadActivity): Activity => ({
  id: activity_id,
  member: external_id,
  type,
  occurred_at: instantText(occurred_at),
  recorded_at: instantText(recorded_at),
  fields: report.fields,
  context: report.context,
  revision: facts.revision,
  rules: facts.rules.map(({ rule, points }) => ({ rule, points })),
});
