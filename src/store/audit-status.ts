import { sql } from 'kysely';
import type { AuditCheck } from './audit-check.ts';

/** Years from one day to another as calendars count them; on which of the two it is too many, one less. */
const sinceAnniversary = sql`
  case
    when s.enrolled_on + make_interval(years => (extract(year from s.day) - extract(year from s.enrolled_on))::integer) <= s.day
      then (s.enrolled_on + make_interval(years => (extract(year from s.day) - extract(year from s.enrolled_on))::integer))::date
    else (s.enrolled_on + make_interval(years => (extract(year from s.day) - extract(year from s.enrolled_on))::integer - 1))::date
  end
`;

/** What tiers, segments and conditions stand on. */
export const statusChecks: readonly AuditCheck[] = [
  {
    name: 'the windows of a member are sums of days',
    faults: sql`
      select s.program_id, s.member_id, format('window %s says %s, days %s', w.key, w.value, coalesce(d.purchases, 0)) as what
      from (select *, date '1970-01-01' + (state ->> 'day')::integer as day from member_state) s
      cross join lateral json_each(s.state -> 'windows') w
      cross join lateral (
        select coalesce(sum(day.purchases), 0) as purchases, coalesce(sum(day.spend), 0) as spend,
          -- A day of which everything came back has a bucket with nothing in it.
          min(day.day) filter (where (day.purchases, day.spend, day.earned::text, day.activities::text) <> (0, 0, '{}', '{}')) as earliest
        from member_day day
        where day.program_id = s.program_id and day.shard = s.shard and day.member_id = s.member_id and day.day <= s.day
          and day.day >= case w.key
            when 'calendar_year' then date_trunc('year', s.day)::date
            when 'membership_year' then ${sinceAnniversary}
            else s.day - replace(w.key, 'd', '')::integer + 1
          end
      ) d
      where ((w.value ->> 'purchases')::bigint, (w.value ->> 'spend')::bigint) <> (d.purchases, d.spend)
        or (d.purchases > 0 and coalesce(date '1970-01-01' + (w.value ->> 'from')::integer > d.earliest, true))
    `,
  },
  {
    name: 'the tier held is the one last entered',
    faults: sql`
      select s.program_id, s.member_id, format('scheme %s: held %s, last entered %s', held.key, held.value ->> 'tier', last.to_tier) as what
      from member_state s
      cross join lateral json_each(s.state -> 'tiers') held
      left join lateral (
        select t.to_tier, t.number
        from tier_transition t
        where t.program_id = s.program_id and t.shard = s.shard and t.member_id = s.member_id and t.scheme = held.key
        order by t.number desc
        limit 1
      ) last on true
      where (held.value ->> 'tier', (held.value ->> 'changes')::integer) is distinct from (last.to_tier, last.number)
    `,
  },
  {
    name: 'what members are selected by is what their states say',
    faults: sql`
      select program_id, member_id, format('columns say %s, the state %s', (spend, purchases, tiers, segments), state) as what
      from member_state
      where (spend, purchases, status_revision)
          is distinct from ((state #>> '{totals,spend}')::bigint, (state #>> '{totals,purchases}')::integer, (state ->> 'status_revision')::integer)
        or enrolled_on is distinct from date '1970-01-01' + (state ->> 'enrolled_on')::integer
        or (extract(epoch from first_purchase_at) * 1000)::bigint is distinct from (state ->> 'first_purchase_at')::bigint
        or (extract(epoch from last_purchase_at) * 1000)::bigint is distinct from (state ->> 'last_purchase_at')::bigint
        or not (tiers @> array(select held.value ->> 'tier' from json_each(state -> 'tiers') held where held.value ->> 'tier' is not null) and tiers <@ array(select held.value ->> 'tier' from json_each(state -> 'tiers') held where held.value ->> 'tier' is not null))
        or not (segments @> array(select json_object_keys(state -> 'segments')) and segments <@ array(select json_object_keys(state -> 'segments')))
    `,
  },
  {
    name: 'the segments a member is in are the memberships that have not ended',
    faults: sql`
      select coalesce(s.program_id, m.program_id) as program_id, coalesce(s.member_id, m.member_id) as member_id,
        format('the state says %s number %s, the table %s number %s', s.segment, s.number, m.segment, m.number) as what
      from (
        select program_id, member_id, held.key as segment, (held.value ->> 'number')::integer as number, (held.value ->> 'since')::bigint as since
        from member_state
        cross join lateral json_each(state -> 'segments') held
      ) s
      full join (select * from segment_membership where left_at is null) m
        on m.program_id = s.program_id and m.member_id = s.member_id and m.segment = s.segment and m.number = s.number
      where s.since is distinct from (extract(epoch from m.entered_at) * 1000)::bigint
    `,
  },
];
