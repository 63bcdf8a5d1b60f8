import { sql } from 'kysely';
import type { AuditCheck } from './audit-check.ts';
import { sliding } from './lots.ts';

/** What an entry adds to a bucket. Debt is shown positive: what flows into it makes it smaller. */
const flow = (bucket: 'pending' | 'available' | 'held' | 'debt') => {
  const sign = bucket === 'debt' ? sql`-1` : sql`1`;
  return sql`${sign} * points * ((to_bucket = ${sql.lit(bucket)})::integer - (from_bucket = ${sql.lit(bucket)})::integer)`;
};

const accounts = sql`
  select s.program_id, s.member_id, account.key as wallet,
    (account.value ->> 'pending')::bigint as pending, (account.value ->> 'available')::bigint as available,
    (account.value ->> 'held')::bigint as held, (account.value ->> 'debt')::bigint as debt,
    (account.value ->> 'redeemed')::bigint as redeemed, (account.value ->> 'expired')::bigint as expired
  from member_state s
  cross join lateral json_each(s.state -> 'accounts') account
`;

const balancesOfEntries = sql`
  select program_id, member_id, wallet, sum(${flow('pending')}) as pending, sum(${flow('available')}) as available,
    sum(${flow('held')}) as held, sum(${flow('debt')}) as debt,
    sum(points * ((to_bucket = 'redeemed')::integer - (from_bucket = 'redeemed')::integer)) as redeemed,
    sum(points * ((to_bucket = 'expired')::integer - (from_bucket = 'expired')::integer)) as expired
  from ledger_entry
  group by program_id, member_id, wallet
`;

export const ledgerChecks: readonly AuditCheck[] = [
  {
    name: 'the entries of an account add up to its balances',
    faults: sql`
      select coalesce(a.program_id, e.program_id) as program_id, coalesce(a.member_id, e.member_id) as member_id,
        format('wallet %s: balances say %s, entries %s', coalesce(a.wallet, e.wallet), (a.pending, a.available, a.held, a.debt)::text,
          (e.pending, e.available, e.held, e.debt)::text) as what
      from (${accounts}) a
      full join (${balancesOfEntries}) e using (program_id, member_id, wallet)
      where (coalesce(a.pending, 0), coalesce(a.available, 0), coalesce(a.held, 0), coalesce(a.debt, 0), coalesce(a.redeemed, 0), coalesce(a.expired, 0))
        is distinct from
        (coalesce(e.pending, 0), coalesce(e.available, 0), coalesce(e.held, 0), coalesce(e.debt, 0), coalesce(e.redeemed, 0), coalesce(e.expired, 0))
    `,
  },
  {
    name: 'every entry says the balances that it and those before it left',
    faults: sql`
      select program_id, member_id, format('entry %s of wallet %s', sequence, wallet) as what
      from (
        select *,
          sum(${flow('pending')}) over account as pending, sum(${flow('available')}) over account as available,
          sum(${flow('held')}) over account as held, sum(${flow('debt')}) over account as debt
        from ledger_entry
        window account as (partition by program_id, member_id, wallet order by sequence)
      ) running
      where (pending_after, available_after, held_after, debt_after) <> (pending, available, held, debt)
    `,
  },
  {
    name: 'entries are numbered from 1 without a gap, in the order they were recorded',
    faults: sql`
      select program_id, member_id, format('%s entries up to %s, the member counts %s', count, last, entries) as what
      from (
        select s.program_id, s.member_id, s.entries, count(e.sequence) as count, coalesce(max(e.sequence), 0) as last
        from member_state s
        left join ledger_entry e using (program_id, shard, member_id)
        group by s.program_id, s.member_id, s.entries
      ) numbered
      where count <> last or last <> entries
      union all
      select program_id, member_id, format('entry %s was recorded before the one before it', sequence)
      from (select *, lag(recorded_at) over (partition by program_id, member_id order by sequence) as before from ledger_entry) ordered
      where recorded_at < before
    `,
  },
  {
    name: 'every entry names the lots it moved points of',
    faults: sql`
      select e.program_id, e.member_id, format('entry %s moves %s points and names %s', e.sequence, e.points, named.points) as what
      from ledger_entry e
      cross join lateral (select coalesce(sum((a ->> 'points')::bigint), 0) as points from json_array_elements(e.allocations) a) named
      where named.points <> case when 'debt' in (e.from_bucket, e.to_bucket) then 0 else e.points end
    `,
  },
  {
    name: 'the lots of an account add up to its balances',
    faults: sql`
      select coalesce(a.program_id, l.program_id) as program_id, coalesce(a.member_id, l.member_id) as member_id,
        format('wallet %s: balances say %s, lots %s', coalesce(a.wallet, l.wallet), (a.pending, a.available, a.held)::text,
          (l.pending, l.available, l.held)::text) as what
      from (${accounts}) a
      full join (
        select program_id, member_id, wallet, sum(pending) as pending, sum(available) as available, sum(held) as held
        from lot
        group by program_id, member_id, wallet
      ) l using (program_id, member_id, wallet)
      where (coalesce(a.pending, 0), coalesce(a.available, 0), coalesce(a.held, 0)) <> (coalesce(l.pending, 0), coalesce(l.available, 0), coalesce(l.held, 0))
    `,
  },
  {
    name: 'the points an account says slide are those of its lots that do',
    faults: sql`
      select coalesce(a.program_id, l.program_id) as program_id, coalesce(a.member_id, l.member_id) as member_id,
        format('wallet %s: the account says %s, lots %s', coalesce(a.wallet, l.wallet), (a.pending, a.available)::text, (l.pending, l.available)::text) as what
      from (
        select s.program_id, s.member_id, account.key as wallet, (account.value #>> '{sliding,pending}')::bigint as pending,
          (account.value #>> '{sliding,available}')::bigint as available
        from member_state s
        cross join lateral json_each(s.state -> 'accounts') account
      ) a
      full join (
        select program_id, member_id, wallet, sum(pending) as pending, sum(available) as available
        from lot
        where expires_at = ${sliding}
        group by program_id, member_id, wallet
      ) l using (program_id, member_id, wallet)
      where (coalesce(a.pending, 0), coalesce(a.available, 0)) <> (coalesce(l.pending, 0), coalesce(l.available, 0))
    `,
  },
  {
    name: 'an instant at which points of a wallet expire is announced once',
    faults: sql`
      select program_id, member_id, format('wallet %s: %s was announced %s times', wallet, expires_at, count(*)) as what
      from (
        select program_id, member_id, event #>> '{data,wallet}' as wallet, event #>> '{data,expires_at}' as expires_at
        from outbox
        cross join lateral json_array_elements(events) event
        where event ->> 'type' = 'points.expiring'
        union all
        select program_id, member_id, data ->> 'wallet', data ->> 'expires_at'
        from event
        where type = 'points.expiring'
      ) announced
      group by program_id, member_id, wallet, expires_at
      having count(*) > 1
    `,
  },
  {
    name: 'every lot holds what the entries that name it left',
    faults: sql`
      select coalesce(l.program_id, moved.program_id) as program_id, coalesce(l.member_id, moved.member_id) as member_id,
        format('lot %s holds %s, entries say %s', coalesce(l.lot, moved.lot), (l.pending, l.available, l.held)::text,
          (moved.pending, moved.available, moved.held)::text) as what
      from lot l
      full join (
        select program_id, member_id, (a ->> 'lot')::integer as lot,
          sum((a ->> 'points')::bigint) filter (where (a ->> 'lot')::integer = sequence) as original,
          sum((a ->> 'points')::bigint * ((to_bucket = 'pending')::integer - (from_bucket = 'pending')::integer)) as pending,
          sum((a ->> 'points')::bigint * ((to_bucket = 'available')::integer - (from_bucket = 'available')::integer)) as available,
          sum((a ->> 'points')::bigint * ((to_bucket = 'held')::integer - (from_bucket = 'held')::integer)) as held
        from ledger_entry
        cross join lateral json_array_elements(allocations) a
        group by program_id, member_id, (a ->> 'lot')::integer
      ) moved using (program_id, member_id, lot)
      where (l.original, l.pending, l.available, l.held) is distinct from (moved.original, moved.pending, moved.available, moved.held)
    `,
  },
];
