import { sql } from 'kysely';
import type { AuditCheck } from './audit-check.ts';

/** What a transfer's entries moved, lot by lot: out of the sender's, into the recipient's. */
const moved = sql`
  select e.program_id, e.member_id, e.cause_id, e.wallet, e.to_bucket = 'transferred' as is_sent, (a ->> 'points')::bigint as points,
    l.earned_at, l.expires_at, l.value_points, l.value_amount
  from ledger_entry e
  cross join lateral json_array_elements(e.allocations) a
  left join lot l on l.program_id = e.program_id and l.shard = e.shard and l.member_id = e.member_id and l.lot = (a ->> 'lot')::integer
  where e.movement = 'transfer'
`;

export const transferChecks: readonly AuditCheck[] = [
  {
    name: 'what a transfer takes from its sender is what it gives to its recipient, lot by lot',
    faults: sql`
      select program_id, min(member_id) as member_id,
        format('transfer %s: %s points earned %s sent, %s received', cause_id, sum(points) filter (where is_sent), earned_at, sum(points) filter (where not is_sent)) as what
      from (${moved}) moved
      group by program_id, cause_id, wallet, earned_at, expires_at, value_points, value_amount
      having coalesce(sum(points) filter (where is_sent), 0) <> coalesce(sum(points) filter (where not is_sent), 0)
    `,
  },
  {
    name: 'every transfer is recorded with its sender, as its entries say',
    faults: sql`
      select program_id, sender as member_id, format('transfer %s is recorded as %s, entries say %s', sent.cause_id,
        (t.wallet, t.points, t.recipient_id)::text, (sent.wallet, sent.points, received.recipient_id)::text) as what
      from (select program_id, shard, member_id as sender, ordinal, recipient_id, wallet, points from transfer) t
      full join (
        select program_id, shard, member_id as sender, ordinal, cause_id, wallet, points
        from ledger_entry
        where movement = 'transfer' and to_bucket = 'transferred'
      ) sent using (program_id, shard, sender, ordinal)
      left join (
        select program_id, cause_id, min(member_id) as recipient_id, count(distinct member_id) as recipients
        from ledger_entry
        where movement = 'transfer' and from_bucket = 'transferred'
        group by program_id, cause_id
      ) received using (program_id, cause_id)
      where (t.wallet, t.points, t.recipient_id, 1) is distinct from (sent.wallet, sent.points, received.recipient_id, received.recipients)
    `,
  },
];
