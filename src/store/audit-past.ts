import { sql } from 'kysely';
import { dayText } from '../model/instant.ts';
import { UNDATED_DAY } from '../model/opening-balance.ts';
import type { AuditCheck } from './audit-check.ts';

/** The day of what another system counted and no past purchase dates. */
export const undated = sql`date ${sql.lit(dayText(UNDATED_DAY))}`;

const pastPurchases = sql`
  select program_id, shard, member_id, purchase_id, spend, coalesce(report -> 'points_given', '[]') as points_given
  from purchase
  where facts -> 'past' is not null
`;

const givenInPast = sql`
  select p.program_id, p.member_id, coalesce(given ->> 'wallet', 'points') as wallet, (given ->> 'points')::bigint as points
  from (${pastPurchases}) p
  cross join lateral json_array_elements(p.points_given) given
`;

/** Points that count as earned without an entry: the old system gave them. */
export const earnedBefore = sql`
  ${givenInPast}
  union all
  select program_id, member_id, earned.key, earned.value::text::bigint
  from member_day
  cross join lateral json_each(earned) earned
  where day = ${undated}
`;

/** What members brought with them. */
export const pastChecks: readonly AuditCheck[] = [
  {
    name: 'an opening balance is what its entries say',
    faults: sql`
      select coalesce(o.program_id, e.program_id) as program_id, coalesce(o.member_id, e.member_id) as member_id,
        format('wallet %s: %s points were taken over, entries say %s', coalesce(o.wallet, e.wallet), o.points, e.points) as what
      from opening_balance o
      full join (
        select program_id, member_id, wallet, coalesce(sum(points) filter (where from_bucket = 'issued'), 0) as points
        from ledger_entry
        where movement = 'opening'
        group by program_id, member_id, wallet
      ) e using (program_id, member_id, wallet)
      where o.program_id is null or o.points <> coalesce(e.points, 0)
    `,
  },
  {
    name: 'of past purchases and of totals taken over the larger sum counts',
    faults: sql`
      select coalesce(d.program_id, said.program_id) as program_id, coalesce(d.member_id, said.member_id) as member_id,
        format('without a day: %s, it should be %s', (d.spend, d.purchases)::text, (said.spend, said.purchases)::text) as what
      from (select program_id, member_id, spend, purchases from member_day where day = ${undated}) d
      full join (
        select o.program_id, o.member_id, greatest(max(o.spend) - coalesce(max(p.spend), 0), 0) as spend,
          greatest(max(o.purchases) - coalesce(max(p.purchases), 0), 0) as purchases
        from (
          select program_id, member_id, coalesce((lifetime ->> 'spend')::bigint, 0) as spend,
            coalesce((lifetime ->> 'purchases')::integer, 0) as purchases
          from opening_balance
        ) o
        left join (
          select program_id, member_id, sum(spend) as spend, count(*) as purchases from (${pastPurchases}) past group by program_id, member_id
        ) p using (program_id, member_id)
        group by o.program_id, o.member_id
      ) said using (program_id, member_id)
      where (coalesce(d.spend, 0), coalesce(d.purchases, 0)) <> (coalesce(said.spend, 0), coalesce(said.purchases, 0))
    `,
  },
];
