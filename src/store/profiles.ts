import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { MemberProfile } from '../model/member.ts';
import { documents, instants, numbers } from './arrays.ts';
import type { Db, Tx } from './connection.ts';
import { wantedMembers } from './members.ts';
import { holdHorizon } from './profile-horizon.ts';

/** The persons behind members, with their identities other than the caller's own id. */
export const loadProfiles = async (
  db: Db,
  program: ProgramId,
  members: readonly MemberId[],
): Promise<Map<MemberId, MemberProfile>> => {
  const rows = await db.run(sql<MemberProfile & { member_id: MemberId }>`
    select wanted.member_id, p.profile, p.identities, p.attributes, p.consents, p.acquisition, p.tags, p.source_updated_at
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

/**
 * Writes the persons behind members, and when. Whoever asks what changed since looks no further than before the oldest
 * write under way: it holds this lock, named after the second in which it was taken, and reads the time after that.
 */
export const saveProfiles = (
  tx: Tx,
  program: ProgramId,
  profiles: readonly (readonly [MemberId, MemberProfile])[],
): Promise<unknown[]> => {
  const held = holdHorizon(tx);
  const saved = tx.run(sql`
    insert into member_profile (
      program_id, shard, member_id, profile, identities, attributes, consents, acquisition, tags, source_updated_at, updated_at
    )
    select ${program}, new.*, date_trunc('milliseconds', clock_timestamp())
    from unnest(
      ${numbers(profiles.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(profiles.map(([member]) => member))}::bigint[],
      ${documents(profiles.map(([, profile]) => profile.profile))}::json[],
      ${documents(profiles.map(([, profile]) => profile.identities))}::json[],
      ${documents(profiles.map(([, profile]) => profile.attributes))}::jsonb[],
      ${documents(profiles.map(([, profile]) => profile.consents))}::json[],
      ${documents(profiles.map(([, profile]) => profile.acquisition))}::json[],
      ${documents(profiles.map(([, profile]) => profile.tags))}::jsonb[],
      ${instants(profiles.map(([, profile]) => profile.source_updated_at))}::timestamptz[]
    ) as new
    on conflict (program_id, shard, member_id) do update
    set profile = excluded.profile, identities = excluded.identities, attributes = excluded.attributes,
      consents = excluded.consents, acquisition = excluded.acquisition, tags = excluded.tags,
      source_updated_at = excluded.source_updated_at, updated_at = excluded.updated_at
  `);
  return Promise.all([held, saved]);
};
