import { sql } from 'kysely';
import type { AuditCheck } from './audit-check.ts';

export const rewardChecks: readonly AuditCheck[] = [
  {
    name: 'what is used of the stock of a reward is held or captured by redemptions',
    faults: sql`
      select coalesce(s.program_id, r.program_id) as program_id, null::bigint as member_id,
        format('reward %s: %s used, %s redeemed', coalesce(s.reward, r.reward), s.used, r.count) as what
      from reward_stock s
      full join (
        select program_id, reward ->> 'code' as reward, count(*) as count
        from redemption
        where (reward ->> 'stocked')::boolean and status in ('held', 'captured')
        group by program_id, reward ->> 'code'
      ) r using (program_id, reward)
      where coalesce(s.used, 0) <> coalesce(r.count, 0)
    `,
  },
  {
    name: 'the open vouchers a member counts are those that are issued and lapse',
    faults: sql`
      select coalesce(s.program_id, v.program_id) as program_id, coalesce(s.member_id, v.member_id) as member_id,
        format('voucher %s: the member says %s, the voucher %s', coalesce(s.number, v.number), s.expires_at, v.expires_at) as what
      from (
        select program_id, member_id, (open ->> 'number')::integer as number, open ->> 'reward' as reward,
          to_timestamp((open ->> 'expires_at')::bigint / 1000.0)::timestamptz(3) as expires_at
        from member_state
        cross join lateral json_array_elements(state -> 'vouchers') open
      ) s
      full join (select * from voucher where status = 'issued' and expires_at is not null) v using (program_id, member_id, number)
      where (s.reward, s.expires_at) is distinct from (v.reward, v.expires_at)
    `,
  },
  {
    name: 'every voucher is that of one redemption, with a code of its own',
    faults: sql`
      select coalesce(v.program_id, r.program_id) as program_id, coalesce(v.member_id, r.member_id) as member_id,
        format('voucher %s of %s, redemption %s of %s %s', v.number, v.reward, r.redemption_id, r.reward ->> 'code', r.status) as what
      from voucher v
      full join (select * from redemption where voucher is not null) r
        on r.program_id = v.program_id and r.shard = v.shard and r.member_id = v.member_id and r.voucher = v.number
      where (v.redemption_id, v.reward) is distinct from (r.redemption_id, r.reward ->> 'code')
        or r.status not in ('captured', 'refunded')
        or (r.status = 'refunded' and v.status in ('issued', 'used'))
      union all
      select program_id, member_id, format('redemption %s was captured without a voucher', redemption_id)
      from redemption
      where status = 'captured' and voucher is null and json_typeof(reward -> 'voucher') = 'object'
      union all
      select coalesce(v.program_id, c.program_id), coalesce(v.member_id, c.member_id),
        format('voucher %s of %s has the code of %s', coalesce(v.number, c.number), v.reward, c.reward)
      from voucher v
      full join (select * from voucher_code where member_id is not null) c using (program_id, member_id, number)
      where v.reward is distinct from c.reward
        or c.hash is distinct from sha256(convert_to(format('%s:%s', v.program_id, v.code), 'UTF8'))
    `,
  },
  {
    name: 'an entitlement is used by the redemption that was had for it, and by none once that came to nothing',
    faults: sql`
      select coalesce(e.program_id, r.program_id) as program_id, coalesce(e.member_id, r.member_id) as member_id,
        format('entitlement %s is used by %s, redemption %s', coalesce(e.number, r.number), e.redemption_id, r.redemption_id) as what
      from (select * from entitlement where used_at is not null) e
      full join (
        select program_id, member_id, (reward ->> 'entitlement')::integer as number, redemption_id
        from redemption
        where reward ->> 'entitlement' is not null and status in ('held', 'captured')
      ) r using (program_id, member_id, number)
      where e.redemption_id is distinct from r.redemption_id
    `,
  },
];
