import { sql } from 'kysely';
import type { AuditCheck } from './audit-check.ts';

/** What the entries of each redemption come to. */
const ofEntries = sql`
  select program_id, member_id, cause_id as redemption_id,
    coalesce(sum(points) filter (where movement = 'hold'), 0) as held,
    coalesce(sum(points) filter (where movement in ('redeem', 'capture')), 0) as captured,
    coalesce(sum(points) filter (where movement in ('void', 'lapse')), 0) as released,
    coalesce(sum(points) filter (where movement = 'refund'), 0) as refunded
  from ledger_entry
  where cause = 'redemption'
  group by program_id, member_id, cause_id
`;

export const redemptionChecks: readonly AuditCheck[] = [
  {
    name: 'every redemption is captured, released and refunded as its entries say',
    faults: sql`
      select coalesce(r.program_id, e.program_id) as program_id, coalesce(r.member_id, e.member_id) as member_id,
        format('redemption %s says %s, entries %s', coalesce(r.redemption_id, e.redemption_id), (r.held, r.captured, r.released, r.refunded)::text,
          (e.held - e.captured - e.released, e.captured, e.released, e.refunded)::text) as what
      from (
        select program_id, member_id, redemption_id, points, status, expires_at is not null as was_held,
          case status when 'held' then points else 0 end as held, case status when 'held' then 0 else points - released end as captured,
          released, refunded
        from redemption
      ) r
      full join (${ofEntries}) e using (program_id, member_id, redemption_id)
      where (r.captured, r.released, r.refunded) is distinct from (coalesce(e.captured, 0), coalesce(e.released, 0), coalesce(e.refunded, 0))
        or r.held is distinct from case when r.was_held then coalesce(e.held - e.captured - e.released, 0) else 0 end
        or (r.points > 0 and (r.status = 'refunded') <> (r.captured > 0 and r.refunded = r.captured))
    `,
  },
  {
    name: 'a redemption gives back only points of the lots it took from, and no more of each than it took',
    faults: sql`
      select program_id, member_id, format('redemption %s took %s of lot %s and gave back %s', redemption_id, taken, lot, back) as what
      from (
        select program_id, member_id, cause_id as redemption_id, (a ->> 'lot')::integer as lot,
          coalesce(sum((a ->> 'points')::bigint) filter (where from_bucket = 'available'), 0) as taken,
          coalesce(sum((a ->> 'points')::bigint) filter (where movement in ('void', 'lapse', 'refund')), 0) as back
        from ledger_entry
        cross join lateral json_array_elements(allocations) a
        where cause = 'redemption' and movement <> 'grace'
        group by program_id, member_id, cause_id, (a ->> 'lot')::integer
      ) lots
      where back > taken
    `,
  },
  {
    name: 'the holds a member counts are the redemptions that are held, and the points held are theirs',
    faults: sql`
      select coalesce(s.program_id, r.program_id) as program_id, coalesce(s.member_id, r.member_id) as member_id,
        format('redemption %s: the member says %s, the redemption %s', coalesce(s.redemption_id, r.redemption_id), s.points, r.points) as what
      from (
        select program_id, member_id, hold ->> 'id' as redemption_id, hold ->> 'wallet' as wallet, hold -> 'reward' ->> 'code' as reward, (hold ->> 'points')::bigint as points,
          to_timestamp((hold ->> 'expires_at')::bigint / 1000.0)::timestamptz(3) as expires_at
        from member_state
        cross join lateral json_array_elements(state -> 'holds') hold
      ) s
      full join (select * from redemption where status = 'held') r using (program_id, member_id, redemption_id)
      where (s.wallet, s.points, s.expires_at, s.reward) is distinct from (r.wallet, r.points, r.expires_at, r.reward ->> 'code')
      union all
      select program_id, member_id, format('wallet %s: %s points are held by redemptions, %s in the account', wallet, r.points, a.held)
      from (
        select program_id, member_id, account.key as wallet, (account.value ->> 'held')::bigint as held
        from member_state
        cross join lateral json_each(state -> 'accounts') account
      ) a
      full join (
        select program_id, member_id, wallet, sum(points) as points from redemption where status = 'held' group by program_id, member_id, wallet
      ) r using (program_id, member_id, wallet)
      where coalesce(a.held, 0) <> coalesce(r.points, 0)
    `,
  },
];
