import { sql } from 'kysely';
import { type ProgramId, shardOfText } from '../model/ids.ts';
import type { Identity, MemberProfile } from '../model/member.ts';
import type { MemberState } from '../model/member-state.ts';
import { numbers, texts } from './arrays.ts';
import type { Db } from './connection.ts';
import type { AnyIdentity } from './identities.ts';

export interface MemberRow extends Omit<MemberProfile, 'identities'> {
  readonly kind: string;
  readonly value: string;
  readonly state: MemberState;
  readonly identities: Identity[];
}

/** Members with all about the person, found by identities; unknown ones are missing. */
export const readMembers = (db: Db, program: ProgramId, identities: readonly AnyIdentity[]): Promise<MemberRow[]> =>
  db.run(sql<MemberRow>`
    select i.kind, i.value, s.state, p.profile, p.attributes, p.consents, p.acquisition,
      coalesce(
        (select jsonb_agg(jsonb_build_object('kind', other.kind, 'value', other.value) order by other.kind, other.value)
         from identity other
         where other.program_id = ${program} and other.member_id = i.member_id and other.kind <> 'id'),
        '[]'
      ) as identities
    from unnest(
      ${numbers(identities.map((identity) => shardOfText(identity.value)))}::smallint[],
      ${texts(identities.map((identity) => identity.kind))}::text[],
      ${texts(identities.map((identity) => identity.value))}::text[]
    ) as wanted (shard, kind, value)
    join identity i on i.program_id = ${program} and i.shard = wanted.shard and i.kind = wanted.kind and i.value = wanted.value
    join member_state s on s.program_id = ${program} and s.shard = (i.member_id % 16)::smallint and s.member_id = i.member_id
    join member_profile p on p.program_id = ${program} and p.shard = s.shard and p.member_id = s.member_id
  `);
