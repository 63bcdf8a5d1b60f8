import { sql } from 'kysely';
import type { AuditCheck } from './audit-check.ts';
import { heirs, mergedInto } from './audit-merges.ts';
import { earnedBefore, undated } from './audit-past.ts';

export const recordChecks: readonly AuditCheck[] = [
  {
    name: 'the totals of a member are those of the purchases less returns, with those of members merged into it, and of the days',
    faults: sql`
      select s.program_id, s.member_id,
        format('totals say %s, purchases %s, days %s', (s.purchases, s.spend)::text, (p.purchases, p.spend)::text, (d.purchases, d.spend)::text) as what
      from (
        select program_id, shard, member_id, (state #>> '{totals,purchases}')::bigint as purchases, (state #>> '{totals,spend}')::bigint as spend
        from member_state
      ) s
      left join (
        select program_id, member_id, sum(purchases) as purchases, sum(spend) as spend
        from (
          select program_id, member_id, 1 as purchases, spend from purchase
          union all
          -- A purchase is counted out with the return after which nothing of it is left, however many follow.
          select program_id, member_id, case when whole and not lag(whole, 1, false) over (partition by program_id, purchase_id order by number) then -1 else 0 end, -spend
          from purchase_return
          where member_id is not null
          union all
          select program_id, member_id, purchases, spend from member_day where day = ${undated}
          union all
          select program_id, survivor_id, (state #>> '{totals,purchases}')::bigint, (state #>> '{totals,spend}')::bigint
          from (${mergedInto}) merged
        ) counted
        group by program_id, member_id
      ) p using (program_id, member_id)
      left join (select program_id, member_id, sum(purchases) as purchases, sum(spend) as spend from member_day group by program_id, member_id) d
        using (program_id, member_id)
      where (s.purchases, s.spend) is distinct from (coalesce(p.purchases, 0), coalesce(p.spend, 0))
        or (s.purchases, s.spend) is distinct from (coalesce(d.purchases, 0), coalesce(d.spend, 0))
    `,
  },
  {
    name: 'points earned, less those taken back, are the same in entries, totals and days',
    faults: sql`
      select program_id, member_id, format('wallet %s: entries say %s, with those merged %s, totals %s, days %s', wallet, e.points, m.points, t.points, d.points) as what
      from (
        select program_id, member_id, wallet, nullif(sum(points), 0) as points
        from (
          select program_id, member_id, wallet, case movement when 'return' then -points else points end as points
          from ledger_entry n
          where (movement in ('earn', 'recover') and cause <> 'adjustment' and from_bucket = 'issued')
            -- What is taken back for a purchase nobody reported had not been earned here.
            or (movement = 'return' and not (cause = 'return' and exists (
              select from purchase_return u
              where u.program_id = n.program_id and u.kind = 'return' and u.id = n.cause_id and u.taken -> 'unknown' is not null
            )))
          union all
          ${earnedBefore}
        ) counted
        group by program_id, member_id, wallet
      ) e
      full join (
        select program_id, survivor_id as member_id, earned.key as wallet, nullif(sum(earned.value::text::bigint), 0) as points
        from (${mergedInto}) merged
        cross join lateral json_each(state #> '{totals,earned}') earned
        group by program_id, survivor_id, earned.key
      ) m using (program_id, member_id, wallet)
      full join (
        select program_id, member_id, earned.key as wallet, earned.value::text::bigint as points
        from member_state
        cross join lateral json_each(state #> '{totals,earned}') earned
      ) t using (program_id, member_id, wallet)
      full join (
        select program_id, member_id, earned.key as wallet, sum(earned.value::text::bigint) as points
        from member_day
        cross join lateral json_each(earned) earned
        group by program_id, member_id, earned.key
      ) d using (program_id, member_id, wallet)
      where nullif(coalesce(e.points, 0) + coalesce(m.points, 0), 0) is distinct from t.points or t.points is distinct from d.points
    `,
  },
  {
    name: 'every purchase, return, activity and redemption is known by its id, once',
    faults: sql`
      select coalesce(o.program_id, r.program_id) as program_id, coalesce(o.member_id, r.member_id) as member_id,
        format('%s %s', coalesce(o.kind, r.kind), coalesce(o.id, r.id)) as what
      from (
        select program_id, 'purchase' as kind, purchase_id as id, member_id, ordinal from purchase
        union all
        select program_id, 'redemption', redemption_id, member_id, ordinal from redemption
        union all
        select program_id, 'activity', activity_id, member_id, number from activity where activity_id is not null
        union all
        select program_id, 'purchase', purchase_id, null, 0 from guest_purchase
        union all
        select program_id, kind, id, member_id, ordinal from purchase_return
        union all
        select program_id, 'opening_balance', format('%s:%s', member_id, wallet), member_id, ordinal from opening_balance
      ) o
      full join operation_reference r
        on r.program_id = o.program_id and r.kind = o.kind and r.id = o.id and r.ordinal = o.ordinal and r.member_id is not distinct from o.member_id
      where o.id is null or r.id is null
    `,
  },
  {
    name: 'no more of a purchase is returned than was bought, and what is taken back is what entries say',
    faults: sql`
      select p.program_id, p.member_id, format('purchase %s of %s: %s returned', p.purchase_id, p.spend, r.spend) as what
      from (
        select program_id, member_id, purchase_id, spend from purchase
        union all
        select program_id, null, purchase_id, spend from guest_purchase
      ) p
      join (
        select program_id, purchase_id, sum(spend) as spend, bool_or(whole) as whole, count(*) as count, max(number) as last
        from purchase_return
        group by program_id, purchase_id
      ) r using (program_id, purchase_id)
      where r.spend > p.spend or (r.whole and r.spend <> p.spend) or r.count <> r.last
      union all
      select r.program_id, r.member_id, format('return %s takes %s points back, entries %s', r.id, told.points, coalesce(e.points, 0))
      from purchase_return r
      cross join lateral (
        -- What was told of a purchase that was a guest's then is nothing; what it came to stands with the return. The answer
        -- of a purchase that replaced another tells what that came to.
        select case
          when r.member_id is not null and r.answer::json ->> 'member' is null then (
            (select coalesce(sum((item ->> 'points')::bigint), 0) from json_array_elements(r.taken -> 'points') item)
            + (
              select coalesce(sum(gave.points), 0)
              from json_array_elements_text(r.taken -> 'triggered') triggered
              join ledger_entry gave
                on gave.program_id = r.program_id and gave.member_id = r.member_id and gave.sequence = triggered::integer
            )
          )
          else (
            select coalesce(sum((item ->> 'points')::bigint), 0)
            from json_array_elements(coalesce(r.answer::json -> 'taken_back', r.answer::json #> '{replaced,taken_back}')) item
          )
        end as points
      ) told
      left join (
        select program_id, member_id, cause, cause_id, sum(points) as points
        from ledger_entry
        where movement = 'return'
        group by program_id, member_id, cause, cause_id
      ) e on e.program_id = r.program_id and e.member_id = r.member_id and e.cause = r.kind and e.cause_id = r.id
      where told.points <> coalesce(e.points, 0)
    `,
  },
  {
    name: 'every redemption of points is an entry, and every redeeming entry a redemption',
    faults: sql`
      select coalesce(r.program_id, e.program_id) as program_id, coalesce(r.member_id, e.member_id) as member_id,
        format('redemption %s of %s points, entry %s of %s', r.redemption_id, r.points, e.sequence, e.points) as what
      from redemption r
      full join (select * from ledger_entry where movement in ('redeem', 'hold')) e
        on e.program_id = r.program_id and e.shard = r.shard and e.member_id = r.member_id and e.sequence = r.entry
      where r.points is distinct from coalesce(e.points, 0) or (r.points > 0 and r.wallet is distinct from e.wallet)
    `,
  },
  {
    name: 'a member is due when the state says',
    faults: sql`
      select program_id, member_id, format('the state says %s, the table %s', s.state ->> 'due_at', d.due_at) as what
      from member_state s
      full join member_due d using (program_id, shard, member_id)
      where (s.state ->> 'due_at')::bigint is distinct from (extract(epoch from nullif(d.due_at, 'infinity')) * 1000)::bigint
    `,
  },
  {
    name: 'every member is known by the caller’s id, and every identity is a member’s',
    faults: sql`
      select program_id, member_id, 'the id is missing or somebody else’s' as what
      from (
        select program_id, 'id' as kind, external_id as value, heir_id as member_id, true as is_member from (${heirs}) every
        union all
        select program_id, 'merged', external_id, member_id, true from member_state where status = 'merged'
      ) s
      full join (select program_id, kind, value, member_id, true as is_there from identity where kind in ('id', 'merged')) i
        using (program_id, kind, value, member_id)
      where i.is_there is null or s.is_member is null
      union all
      select coalesce(i.program_id, p.program_id), coalesce(i.member_id, p.member_id), 'the profile says other identities'
      from (select * from identity where kind not in ('id', 'referral', 'merged')) i
      full join (
        select profile.program_id, profile.member_id, listed ->> 'kind' as kind, listed ->> 'value' as value
        from member_profile profile
        cross join lateral json_array_elements(profile.identities) listed
        -- What a merged member was known by is kept, and leads to the other.
        where not exists (
          select from member_state m
          where m.program_id = profile.program_id and m.shard = profile.shard and m.member_id = profile.member_id and m.status = 'merged'
        )
      ) p on p.program_id = i.program_id and p.member_id = i.member_id and p.kind = i.kind and p.value = i.value
      where i.member_id is null or p.member_id is null
      union all
      select i.program_id, i.member_id, 'an identity without a member'
      from identity i
      left join member_state s on s.program_id = i.program_id and s.member_id = i.member_id
      where s.member_id is null
    `,
  },
];
