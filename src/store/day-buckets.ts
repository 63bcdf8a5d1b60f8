import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { EpochDay } from '../model/instant.ts';
import type { Totals } from '../model/member-state.ts';
import { days, documents, numbers } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

export interface DayRange {
  readonly member: MemberId;
  readonly from: EpochDay;
  readonly to: EpochDay;
}

type Row = Totals & { readonly member_id: MemberId; readonly day: EpochDay };
export type OwnedDay = readonly [MemberId, EpochDay, Totals];

/** Day buckets within ranges, both ends included. */
export const loadDays = async (db: Db, program: ProgramId, ranges: readonly DayRange[]): Promise<OwnedDay[]> => {
  const rows = await db.run(sql<Row>`
    select d.member_id, d.day, d.spend, d.purchases, d.earned, d.activities
    from unnest(
      ${numbers(ranges.map((range) => shardOfMember(range.member)))}::smallint[],
      ${numbers(ranges.map((range) => range.member))}::bigint[],
      ${days(ranges.map((range) => range.from))}::date[],
      ${days(ranges.map((range) => range.to))}::date[]
    ) as wanted (shard, member_id, first, last)
    cross join lateral (
      select *
      from member_day
      where program_id = ${program} and shard = wanted.shard and member_id = wanted.member_id and day between wanted.first and wanted.last
      offset 0
    ) d
  `);
  return rows.map(({ member_id, day, ...totals }) => [member_id, day, totals]);
};

/** Writes whole buckets: the member's lock makes what was loaded the truth. */
export const saveDays = (tx: Tx, program: ProgramId, buckets: readonly OwnedDay[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into member_day (program_id, shard, member_id, day, spend, purchases, earned, activities)
    select ${program}, new.*
    from unnest(
      ${numbers(buckets.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(buckets.map(([member]) => member))}::bigint[],
      ${days(buckets.map(([, day]) => day))}::date[],
      ${numbers(buckets.map(([, , totals]) => totals.spend))}::bigint[],
      ${numbers(buckets.map(([, , totals]) => totals.purchases))}::integer[],
      ${documents(buckets.map(([, , totals]) => totals.earned))}::json[],
      ${documents(buckets.map(([, , totals]) => totals.activities))}::json[]
    ) as new (shard, member_id, day, spend, purchases, earned, activities)
    on conflict (program_id, shard, member_id, day) do update
    set spend = excluded.spend, purchases = excluded.purchases, earned = excluded.earned, activities = excluded.activities
  `);
