import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { Identity, MemberProfile } from '../model/member.ts';
import { documents, numbers } from './arrays.ts';
import type { Db, Tx } from './connection.ts';
import { wantedMembers } from './members.ts';

type Row = Omit<MemberProfile, 'identities'> & { member_id: MemberId; identities: Identity[] };

/** The persons behind members, with their identities other than the caller's own id. */
export const loadProfiles = async (
  db: Db,
  program: ProgramId,
  members: readonly MemberId[],
): Promise<Map<MemberId, MemberProfile>> => {
  const rows = await db.run(sql<Row>`
    select wanted.member_id, p.profile, p.attributes, p.consents, p.acquisition,
      coalesce(
        (select jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value) order by i.kind, i.value)
         from identity i
         where i.program_id = ${program} and i.member_id = wanted.member_id and i.kind <> 'id'),
        '[]'
      ) as identities
    from ${wantedMembers(members)}
    cross join lateral (
      select *
      from member_profile
      where program_id = ${program} and shard = wanted.shard and member_id = wanted.member_id
      limit 1
    ) p
  `);
  return new Map(rows.map(({ member_id, ...profile }) => [member_id, profile]));
};

export const saveProfiles = (
  tx: Tx,
  program: ProgramId,
  profiles: readonly (readonly [MemberId, MemberProfile])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into member_profile (program_id, shard, member_id, profile, attributes, consents, acquisition)
    select ${program}, new.*
    from unnest(
      ${numbers(profiles.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(profiles.map(([member]) => member))}::bigint[],
      ${documents(profiles.map(([, profile]) => profile.profile))}::jsonb[],
      ${documents(profiles.map(([, profile]) => profile.attributes))}::jsonb[],
      ${documents(profiles.map(([, profile]) => profile.consents))}::jsonb[],
      ${documents(profiles.map(([, profile]) => profile.acquisition))}::jsonb[]
    ) as new (shard, member_id, profile, attributes, consents, acquisition)
    on conflict (program_id, shard, member_id) do update
    set profile = excluded.profile, attributes = excluded.attributes, consents = excluded.consents, acquisition = excluded.acquisition
  `);
