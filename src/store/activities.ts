import { sql } from 'kysely';
import type { ActivityRow } from '../model/activity.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { bytes, documents, instants, numbers, texts } from './arrays.ts';
import type { Tx } from './connection.ts';
import type { Answered } from './purchases.ts';

/** An activity of a member. Those the engine recorded by itself have no answer to be given again. */
export interface MemberActivity {
  readonly member: MemberId;
  readonly row: ActivityRow;
  readonly answered: Answered | null;
}

/** JSON text that is kept as text: a repetition gets the same bytes. */
const answers = (activities: readonly MemberActivity[]): string =>
  texts(activities.map(({ answered }) => answered?.answer ?? null));

export const insertActivities = (
  tx: Tx,
  program: ProgramId,
  activities: readonly MemberActivity[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into activity (program_id, shard, member_id, number, activity_id, type, occurred_at, recorded_at, report, facts, fingerprint, answer)
    select ${program}, new.*
    from unnest(
      ${numbers(activities.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(activities.map(({ member }) => member))}::bigint[],
      ${numbers(activities.map(({ row }) => row.number))}::integer[],
      ${texts(activities.map(({ row }) => row.activity_id))}::text[],
      ${texts(activities.map(({ row }) => row.type))}::text[],
      ${instants(activities.map(({ row }) => row.occurred_at))}::timestamptz[],
      ${instants(activities.map(({ row }) => row.recorded_at))}::timestamptz[],
      ${documents(activities.map(({ row }) => row.report))}::json[],
      ${documents(activities.map(({ row }) => row.facts))}::json[],
      ${bytes(activities.map(({ answered }) => answered?.fingerprint ?? null))}::bytea[],
      ${answers(activities)}::text[]
    ) as new
  `);
