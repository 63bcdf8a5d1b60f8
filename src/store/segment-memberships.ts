import { sql } from 'kysely';
import type { SegmentTransition } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { documents, instants, numbers, texts } from './arrays.ts';
import type { Tx } from './connection.ts';

type Owned = readonly [MemberId, SegmentTransition];

interface Row {
  readonly member: MemberId;
  readonly entered: SegmentTransition;
  readonly left: SegmentTransition | null;
}

/** A membership that began and ended within the batch is one row. */
const rowsOf = (transitions: readonly Owned[]): Row[] => {
  const rows = new Map<string, Row>();
  for (const [member, transition] of transitions) {
    const key = `${member}:${transition.number}`;
    const entered = rows.get(key)?.entered ?? transition;
    rows.set(key, { member, entered, left: transition.kind === 'left' ? transition : null });
  }
  return [...rows.values()];
};

/** Writes memberships that began, and the end of those that ended. What is known of one that began before stays. */
export const saveMemberships = (tx: Tx, program: ProgramId, transitions: readonly Owned[]): Promise<unknown[]> => {
  const rows = rowsOf(transitions);
  return tx.run(sql`
    insert into segment_membership (
      program_id, shard, member_id, number, segment, entered_at, entered_revision, entered_facts, left_at, left_revision, left_facts
    )
    select ${program}, new.*
    from unnest(
      ${numbers(rows.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(rows.map(({ member }) => member))}::bigint[],
      ${numbers(rows.map(({ entered }) => entered.number))}::integer[],
      ${texts(rows.map(({ entered }) => entered.segment))}::text[],
      ${instants(rows.map(({ entered }) => entered.since))}::timestamptz[],
      ${numbers(rows.map(({ entered }) => entered.revision))}::integer[],
      ${documents(rows.map(({ entered }) => entered.facts))}::json[],
      ${instants(rows.map(({ left }) => left?.at ?? null))}::timestamptz[],
      ${numbers(rows.map(({ left }) => left?.revision ?? null))}::integer[],
      ${documents(rows.map(({ left }) => left?.facts ?? null))}::json[]
    ) as new
    on conflict (program_id, shard, member_id, number) do update
    set left_at = excluded.left_at, left_revision = excluded.left_revision, left_facts = excluded.left_facts
  `);
};
