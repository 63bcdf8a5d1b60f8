import { sql } from 'kysely';
import type { AuditCheck } from './audit-check.ts';

/** What erasure leaves, as the schema declares it (see personal-data.ts): nothing that says who it was. */
export const privacyChecks: readonly AuditCheck[] = [
  {
    name: 'of an erased member nothing personal is left, and no point',
    faults: sql`
      select s.program_id, s.member_id, format('%s is left', remains.what) as what
      from member_state s
      cross join lateral (
        select 'a profile' as what
        from member_profile p
        where p.program_id = s.program_id and p.shard = s.shard and p.member_id = s.member_id
          and (p.profile::text, p.identities::text, p.attributes::text, p.consents::text) <> ('{}', '[]', '{}', '{}')
        union all
        select 'an identity' from identity i where i.program_id = s.program_id and i.member_id = s.member_id and i.kind not in ('id', 'merged')
        union all
        select 'a consent' from consent_change c where c.program_id = s.program_id and c.shard = s.shard and c.member_id = s.member_id
        union all
        select 'a note' from entry_note n where n.program_id = s.program_id and n.shard = s.shard and n.member_id = s.member_id
        union all
        select 'a note' from tier_note n where n.program_id = s.program_id and n.shard = s.shard and n.member_id = s.member_id
        union all
        select 'a note' from reward_note n where n.program_id = s.program_id and n.shard = s.shard and n.member_id = s.member_id
        union all
        select 'a point' from json_each(s.state -> 'accounts') account
        where (account.value ->> 'available')::bigint + (account.value ->> 'pending')::bigint + (account.value ->> 'held')::bigint > 0
      ) remains
      where s.status = 'erased' or s.state -> 'erased_at' is not null
    `,
  },
];
