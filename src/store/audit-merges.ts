import { sql } from 'kysely';
import type { AuditCheck } from './audit-check.ts';

/** Members that are merged, with whom each is merged into. What those have counted of them is what they count themselves. */
export const mergedInto = sql`
  select program_id, shard, member_id, (state #>> '{merged,into}')::bigint as survivor_id, (state #>> '{merged,ordinal}')::integer as ordinal, state
  from member_state
  where state -> 'merged' is not null
`;

/** Every member, with the one its names lead to. */
export const heirs = sql`
  with recursive heir as (
    select program_id, member_id, external_id, status, member_id as heir_id
    from member_state
    where state -> 'merged' is null
    union all
    select s.program_id, s.member_id, s.external_id, s.status, heir.heir_id
    from heir
    join member_state s on s.program_id = heir.program_id and (s.state #>> '{merged,into}')::bigint = heir.member_id
  )
  select * from heir
`;

export const mergeChecks: readonly AuditCheck[] = [
  {
    name: 'what passes with a merge leaves one member and comes to the other',
    faults: sql`
      select program_id, min(member_id) as member_id,
        format('merge %s, wallet %s: %s points left, %s came', cause_id, wallet,
          sum(points) filter (where to_bucket = 'transferred'), sum(points) filter (where from_bucket = 'transferred')) as what
      from ledger_entry
      where movement in ('merge', 'unmerge')
      group by program_id, movement, cause_id, wallet
      having coalesce(sum(points) filter (where to_bucket = 'transferred'), 0) <> coalesce(sum(points) filter (where from_bucket = 'transferred'), 0)
    `,
  },
  {
    name: 'a lot that was taken over is what it was with the member who was merged',
    faults: sql`
      select m.program_id, m.member_id, format('lot %s of %s points, of lot %s of member %s', m.lot, m.points, m.source_lot, m.source_id) as what
      from merged_lot m
      left join lot l on l.program_id = m.program_id and l.shard = m.shard and l.member_id = m.member_id and l.lot = m.lot
      left join lot s
        on s.program_id = m.program_id and s.shard = (m.source_id % 16)::smallint and s.member_id = m.source_id and s.lot = m.source_lot
      where (l.original, l.wallet, l.earned_at, l.value_points, l.value_amount) is distinct from (m.points, s.wallet, s.earned_at, s.value_points, s.value_amount)
    `,
  },
  {
    name: 'a merged member says into whom, as the merge and the other do, and has no points',
    faults: sql`
      select coalesce(s.program_id, m.program_id) as program_id, coalesce(s.member_id, m.member_id) as member_id,
        format('the state says %s, the merge %s', s.survivor_id, m.survivor_id) as what
      from (${mergedInto}) s
      full join (select * from member_merge where unmerged_at is null) m using (program_id, shard, member_id, ordinal)
      where s.survivor_id is distinct from m.survivor_id
      union all
      select program_id, member_id, format('the status is %s', status)
      from member_state
      where (status = 'merged') <> (state -> 'merged' is not null)
      union all
      select coalesce(s.program_id, a.program_id), coalesce(s.member_id, a.member_id), format('merged into %s, counted by %s', s.survivor_id, a.survivor_id)
      from (${mergedInto}) s
      full join (
        select program_id, member_id as survivor_id, (one ->> 'member')::bigint as member_id
        from member_state
        cross join lateral json_array_elements(state -> 'absorbed') one
        where (one ->> 'into')::bigint = member_id
      ) a using (program_id, member_id)
      where s.survivor_id is distinct from a.survivor_id
      union all
      select s.program_id, s.member_id, format('wallet %s: %s', account.key, account.value)
      from (${mergedInto}) s
      cross join lateral json_each(s.state -> 'accounts') account
      where (account.value ->> 'pending', account.value ->> 'available', account.value ->> 'held', account.value ->> 'debt') <> ('0', '0', '0', '0')
    `,
  },
];
