import { sql } from 'kysely';
import type { TierNote, TierTransition } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { documents, instants, numbers, texts } from './arrays.ts';
import type { Tx } from './connection.ts';

export const insertTransitions = (
  tx: Tx,
  program: ProgramId,
  transitions: readonly (readonly [MemberId, TierTransition])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into tier_transition (program_id, shard, member_id, scheme, number, from_tier, to_tier, at, recorded_at, revision, facts)
    select ${program}, new.*
    from unnest(
      ${numbers(transitions.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(transitions.map(([member]) => member))}::bigint[],
      ${texts(transitions.map(([, item]) => item.scheme))}::text[],
      ${numbers(transitions.map(([, item]) => item.number))}::integer[],
      ${texts(transitions.map(([, item]) => item.from_tier))}::text[],
      ${texts(transitions.map(([, item]) => item.to_tier))}::text[],
      ${instants(transitions.map(([, item]) => item.at))}::timestamptz[],
      ${instants(transitions.map(([, item]) => item.recorded_at))}::timestamptz[],
      ${numbers(transitions.map(([, item]) => item.revision))}::integer[],
      ${documents(transitions.map(([, item]) => item.facts))}::json[]
    ) as new
  `);

export const insertTierNotes = (
  tx: Tx,
  program: ProgramId,
  notes: readonly (readonly [MemberId, TierNote])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into tier_note (program_id, shard, member_id, number, scheme, tier, until, reason, actor, recorded_at)
    select ${program}, new.*
    from unnest(
      ${numbers(notes.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(notes.map(([member]) => member))}::bigint[],
      ${numbers(notes.map(([, note]) => note.number))}::integer[],
      ${texts(notes.map(([, note]) => note.scheme))}::text[],
      ${texts(notes.map(([, note]) => note.tier))}::text[],
      ${instants(notes.map(([, note]) => note.until))}::timestamptz[],
      ${texts(notes.map(([, note]) => note.reason))}::text[],
      ${texts(notes.map(([, note]) => note.actor))}::text[],
      ${instants(notes.map(([, note]) => note.recorded_at))}::timestamptz[]
    ) as new
  `);
