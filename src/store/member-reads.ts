import { sql } from 'kysely';
import { type ProgramId, shardOfText } from '../model/ids.ts';
import type { MemberProfile } from '../model/member.ts';
import type { MemberState } from '../model/member-state.ts';
import { numbers, texts } from './arrays.ts';
import type { Db } from './connection.ts';
import type { AnyIdentity } from './identities.ts';

export interface MemberRow extends MemberProfile {
  readonly kind: string;
  readonly value: string;
  readonly state: MemberState;
}

/**
 * Members with all about the person, found by identities; unknown ones are missing. The shard is computed apart: under
 * row-level security an expression that is not leakproof would only filter what the index finds without it.
 */
export const readMembers = (db: Db, program: ProgramId, identities: readonly AnyIdentity[]): Promise<MemberRow[]> =>
  db.run(sql<MemberRow>`
    select wanted.kind, wanted.value, s.state, p.profile, p.identities, p.attributes, p.consents, p.acquisition
    from unnest(
      ${numbers(identities.map((identity) => shardOfText(identity.value)))}::smallint[],
      ${texts(identities.map((identity) => identity.kind))}::text[],
      ${texts(identities.map((identity) => identity.value))}::text[]
    ) as wanted (shard, kind, value)
    cross join lateral (
      select member_id
      from identity
      where program_id = ${program} and shard = wanted.shard and kind = wanted.kind and value = wanted.value
      limit 1
    ) i
    cross join lateral (
      select (i.member_id % 16)::smallint as shard
      offset 0
    ) found
    cross join lateral (
      select state
      from member_state
      where program_id = ${program} and shard = found.shard and member_id = i.member_id
      limit 1
    ) s
    cross join lateral (
      select profile, identities, attributes, consents, acquisition
      from member_profile
      where program_id = ${program} and shard = found.shard and member_id = i.member_id
      limit 1
    ) p
  `);
