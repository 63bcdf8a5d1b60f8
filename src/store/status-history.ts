import { sql } from 'kysely';
import type { TransitionFacts } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Db } from './connection.ts';

export interface TransitionRow {
  readonly from_tier: string | null;
  readonly to_tier: string | null;
  readonly at: Instant;
  readonly recorded_at: Instant;
  readonly revision: number;
  readonly facts: TransitionFacts;
  /** Of a tier given by hand in the same moment. */
  readonly reason: string | null;
  readonly actor: string | null;
  readonly until: Instant | null;
}

/** A member's changes of tier in a scheme up to an instant, the last first. */
export const listTransitions = (
  db: Db,
  program: ProgramId,
  member: MemberId,
  scheme: string,
  at: Instant,
  limit: number,
): Promise<TransitionRow[]> =>
  db.run(sql<TransitionRow>`
    select t.from_tier, t.to_tier, t.at, t.recorded_at, t.revision, t.facts, n.reason, n.actor, n.until
    from tier_transition t
    left join lateral (
      select n.reason, n.actor, n.until
      from tier_note n
      where n.program_id = ${program} and n.shard = ${shardOfMember(member)} and n.member_id = ${member}
        and n.scheme = t.scheme and n.recorded_at <= t.recorded_at
      order by n.number desc
      limit 1
    ) n on t.facts ->> 'because' = 'manual'
    where t.program_id = ${program} and t.shard = ${shardOfMember(member)} and t.member_id = ${member} and t.scheme = ${scheme}
      and t.at <= ${instantText(at)}::timestamptz
    order by t.number desc
    limit ${limit}
  `);

/** When a member's tier in a scheme changed first after an instant, or null. */
export const nextTransition = async (
  db: Db,
  program: ProgramId,
  member: MemberId,
  scheme: string,
  after: Instant,
): Promise<Instant | null> => {
  const [row] = await db.run(sql<{ at: Instant }>`
    select at
    from tier_transition
    where program_id = ${program} and shard = ${shardOfMember(member)} and member_id = ${member} and scheme = ${scheme}
      and at > ${instantText(after)}::timestamptz
    order by number
    limit 1
  `);
  return row?.at ?? null;
};

export interface MembershipRow {
  readonly entered_at: Instant;
  readonly entered_revision: number;
  readonly entered_facts: TransitionFacts;
  readonly left_at: Instant | null;
  readonly left_revision: number | null;
  readonly left_facts: TransitionFacts | null;
}

/** The times during which a member was in a segment that began by an instant, the last first. */
export const listMemberships = (
  db: Db,
  program: ProgramId,
  member: MemberId,
  segment: string,
  at: Instant,
  limit: number,
): Promise<MembershipRow[]> =>
  db.run(sql<MembershipRow>`
    select entered_at, entered_revision, entered_facts, left_at, left_revision, left_facts
    from segment_membership
    where program_id = ${program} and shard = ${shardOfMember(member)} and member_id = ${member} and segment = ${segment}
      and entered_at <= ${instantText(at)}::timestamptz
    order by number desc
    limit ${limit}
  `);
