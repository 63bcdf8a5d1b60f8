import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfText } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { MemberProfile } from '../model/member.ts';
import type { MemberState } from '../model/member-state.ts';
import { numbers, texts } from './arrays.ts';
import type { Db } from './connection.ts';
import { type ExpiringRow, expiringSoon } from './expiring.ts';
import type { AnyIdentity } from './identities.ts';
import { wantedMembers } from './members.ts';

/** A member, the person, and what of the points expires soon, all as of one moment. */
export interface ReadState extends MemberProfile {
  readonly state: MemberState;
  readonly expiring: readonly ExpiringRow[] | null;
}

export interface MemberRow extends ReadState {
  readonly kind: string;
  readonly value: string;
}

/** The person behind `found (shard, member_id)`. */
const person = (program: ProgramId) => sql`
  cross join lateral (
    select profile, identities, attributes, consents, acquisition, tags, source_updated_at
    from member_profile
    where program_id = ${program} and shard = found.shard and member_id = found.member_id
    limit 1
  ) p
`;

/**
 * Members with all about the person, found by identities; unknown ones are missing. The shard is computed apart: under
 * row-level security an expression that is not leakproof would only filter what the index finds without it.
 */
export const readMembers = (
  db: Db,
  program: ProgramId,
  identities: readonly AnyIdentity[],
  now: Instant,
): Promise<MemberRow[]> =>
  db.run(sql<MemberRow>`
    select wanted.kind, wanted.value, found.state, p.profile, p.identities, p.attributes, p.consents, p.acquisition, p.tags, p.source_updated_at, soon.expiring
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
    ) owner
    cross join lateral (
      select s.shard, s.member_id, s.state
      from member_state s
      where s.program_id = ${program} and s.shard = owner.shard and s.member_id = i.member_id
      limit 1
    ) found
    ${person(program)}
    ${expiringSoon(program, now)}
  `);

/** States of known members, to be looked at again together with what else they need. */
export const readStates = (
  db: Db,
  program: ProgramId,
  members: readonly MemberId[],
  now: Instant,
): Promise<ReadState[]> =>
  db.run(sql<ReadState>`
    select found.state, p.profile, p.identities, p.attributes, p.consents, p.acquisition, p.tags, p.source_updated_at, soon.expiring
    from ${wantedMembers(members)}
    cross join lateral (
      select s.shard, s.member_id, s.state
      from member_state s
      where s.program_id = ${program} and s.shard = wanted.shard and s.member_id = wanted.member_id
      limit 1
    ) found
    ${person(program)}
    ${expiringSoon(program, now)}
  `);
