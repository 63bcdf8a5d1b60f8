import { sql } from 'kysely';
import type { AuditCheck } from './audit-check.ts';

/** A twelfth of a window in milliseconds. */
const part = sql`(regexp_replace(window_name, '[^0-9]', '', 'g')::bigint * case when window_name like 'PT%' then 300000 else 7200000 end)`;

const counts = (burns: ReturnType<typeof sql>) => sql`
        cross join lateral json_each(${burns}) windows (window_name, counted)
        cross join lateral json_array_elements(counted) count
        cross join lateral (
          select to_timestamp((count ->> 'from')::bigint / 1000.0)::timestamptz(3) as from_at,
            to_timestamp(((count ->> 'from')::bigint + ${part}) / 1000.0)::timestamptz(3) as until_at,
            (count ->> 'times')::bigint as times, (count ->> 'points')::bigint as points
        ) counted_in`;

/** Points taken to be spent. What passes with a merge is not. */
const burn = sql`e.from_bucket = 'available' and e.to_bucket in ('held', 'redeemed', 'transferred') and e.movement not in ('merge', 'unmerge')`;

/*
 * Counting begins when a limit is set, in the middle of a twelfth: what was burned then may be more than was counted,
 * never less.
 */
export const burnChecks: readonly AuditCheck[] = [
  {
    name: 'what a member is counted to have burned lately is in the ledger',
    faults: sql`
      select program_id, member_id, format('%s from %s: %s points in %s burns, the ledger says %s in %s', window_name, from_at, points, times, burned, entries) as what
      from (
        select program_id, member_id, window_name, from_at, times, points,
          (
            select coalesce(sum(e.points), 0)
            from ledger_entry e
            where e.program_id = s.program_id and e.shard = s.shard and e.member_id = s.member_id and ${burn}
              and e.recorded_at >= from_at and e.recorded_at < until_at
          ) as burned,
          (
            select count(*)
            from ledger_entry e
            where e.program_id = s.program_id and e.shard = s.shard and e.member_id = s.member_id and ${burn}
              and e.recorded_at >= from_at and e.recorded_at < until_at
          ) as entries
        from member_state s
        ${counts(sql`s.state -> 'burns'`)}
      ) counted
      where points > burned or times > entries or times < 1
    `,
  },
  {
    name: 'what was burned lately with API keys is in the ledger',
    faults: sql`
      with counted as (
        select program_id, window_name, from_at, until_at, sum(points) as points
        from key_burns k
        ${counts(sql`k.burns`)}
        group by program_id, window_name, from_at, until_at
      ),
      -- Read once: the ledger is long, and the counts of the keys are of its last days.
      recent as materialized (
        select program_id, recorded_at, points
        from ledger_entry e
        where ${burn} and recorded_at >= (select min(from_at) from counted)
      )
      select counted.program_id, null::bigint as member_id,
        format('%s from %s: %s points with keys, the ledger says %s', window_name, from_at, counted.points, coalesce(sum(recent.points), 0)) as what
      from counted
      left join recent on recent.program_id = counted.program_id and recorded_at >= from_at and recorded_at < until_at
      group by counted.program_id, window_name, from_at, until_at, counted.points
      having counted.points > coalesce(sum(recent.points), 0)
    `,
  },
];
