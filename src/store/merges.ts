import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { MergedLot, MergeRow, UnmergeRow } from '../model/merge.ts';
import { documents, instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/** A merge by its source and which of the source's commands it was. */
export interface MergeKey {
  readonly source: MemberId;
  readonly ordinal: number;
}

export type StoredMerge = Pick<MergeRow, 'source' | 'ordinal' | 'kept' | 'debts'>;

/** Records merges; the owner of a row is the survivor. */
export const insertMerges = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (readonly [MemberId, MergeRow])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into member_merge (program_id, shard, member_id, ordinal, survivor_id, recorded_at, kept, debts, reason, actor)
    select ${program}, new.*
    from unnest(
      ${numbers(rows.map(([, { source }]) => shardOfMember(source)))}::smallint[],
      ${numbers(rows.map(([, { source }]) => source))}::bigint[],
      ${numbers(rows.map(([, { ordinal }]) => ordinal))}::integer[],
      ${numbers(rows.map(([survivor]) => survivor))}::bigint[],
      ${instants(rows.map(([, { recorded_at }]) => recorded_at))}::timestamptz[],
      ${documents(rows.map(([, { kept }]) => kept))}::json[],
      ${documents(rows.map(([, { debts }]) => debts))}::json[],
      ${texts(rows.map(([, { reason }]) => reason))}::text[],
      ${texts(rows.map(([, { actor }]) => actor))}::text[]
    ) as new
  `);

/** Records that members were parted. */
export const endMerges = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (readonly [MemberId, UnmergeRow])[],
): Promise<unknown[]> =>
  tx.run(sql`
    update member_merge m
    set unmerged_at = ended.at, unmerge_reason = ended.reason, unmerge_actor = ended.actor
    from unnest(
      ${numbers(rows.map(([source]) => shardOfMember(source)))}::smallint[],
      ${numbers(rows.map(([source]) => source))}::bigint[],
      ${numbers(rows.map(([, { ordinal }]) => ordinal))}::integer[],
      ${instants(rows.map(([, { recorded_at }]) => recorded_at))}::timestamptz[],
      ${texts(rows.map(([, { reason }]) => reason))}::text[],
      ${texts(rows.map(([, { actor }]) => actor))}::text[]
    ) as ended (shard, member_id, ordinal, at, reason, actor)
    where m.program_id = ${program} and m.shard = ended.shard and m.member_id = ended.member_id and m.ordinal = ended.ordinal
  `);

/** Writes which lots of survivors were whose. */
export const insertMergedLots = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (readonly [MemberId, MergedLot])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into merged_lot (program_id, shard, member_id, lot, source_id, source_lot, merge_ordinal, points)
    select ${program}, new.*
    from unnest(
      ${numbers(rows.map(([survivor]) => shardOfMember(survivor)))}::smallint[],
      ${numbers(rows.map(([survivor]) => survivor))}::bigint[],
      ${numbers(rows.map(([, { lot }]) => lot))}::integer[],
      ${numbers(rows.map(([, { source }]) => source))}::bigint[],
      ${numbers(rows.map(([, { source_lot }]) => source_lot))}::integer[],
      ${numbers(rows.map(([, { merge_ordinal }]) => merge_ordinal))}::integer[],
      ${numbers(rows.map(([, { points }]) => points))}::bigint[]
    ) as new
  `);

/** What was recorded of merges. */
export const loadMerges = (db: Db, program: ProgramId, keys: readonly MergeKey[]): Promise<StoredMerge[]> =>
  db.run(sql<StoredMerge>`
    select found.member_id as source, found.ordinal, found.kept, found.debts
    from unnest(
      ${numbers(keys.map(({ source }) => shardOfMember(source)))}::smallint[],
      ${numbers(keys.map(({ source }) => source))}::bigint[],
      ${numbers(keys.map(({ ordinal }) => ordinal))}::integer[]
    ) as wanted (shard, member_id, ordinal)
    cross join lateral (
      select m.member_id, m.ordinal, m.kept, m.debts
      from member_merge m
      where m.program_id = ${program} and m.shard = wanted.shard and m.member_id = wanted.member_id and m.ordinal = wanted.ordinal
      limit 1
    ) found
  `);

/** Lots of a survivor that came with a merge: all of them, or those that were some of the source's. */
export const loadMergedLots = (
  db: Db,
  program: ProgramId,
  survivor: MemberId,
  { source, ordinal }: MergeKey,
  lots: readonly number[] | null,
): Promise<MergedLot[]> =>
  db.run(sql<MergedLot>`
    select l.lot, l.source_id as source, l.source_lot, l.merge_ordinal, l.points
    from merged_lot l
    where l.program_id = ${program} and l.shard = ${shardOfMember(survivor)} and l.member_id = ${survivor}
      and l.source_id = ${source} and l.merge_ordinal = ${ordinal}
      and (${lots === null} or l.source_lot = any(${numbers(lots ?? [])}::integer[]))
    order by l.lot
  `);

export interface ReadMerge {
  readonly member: string;
  readonly into: string;
  readonly merged_at: Instant;
  readonly unmerged_at: Instant | null;
  readonly reason: string | null;
  readonly actor: string | null;
  readonly unmerge_reason: string | null;
  readonly unmerge_actor: string | null;
}

/** A merge with the callers' ids of both members. */
export const findMerge = async (
  db: Db,
  program: ProgramId,
  { source, ordinal }: MergeKey,
): Promise<ReadMerge | null> => {
  if (ordinal >= 2 ** 31) return null;
  const [row] = await db.run(sql<ReadMerge>`
    select source.external_id as member, survivor.external_id as into, m.recorded_at as merged_at, m.unmerged_at,
      m.reason, m.actor, m.unmerge_reason, m.unmerge_actor
    from member_merge m
    join member_state source on source.program_id = m.program_id and source.shard = m.shard and source.member_id = m.member_id
    join member_state survivor
      on survivor.program_id = m.program_id and survivor.shard = (m.survivor_id % 16)::smallint and survivor.member_id = m.survivor_id
    where m.program_id = ${program} and m.shard = ${shardOfMember(source)} and m.member_id = ${source} and m.ordinal = ${ordinal}
  `);
  return row ?? null;
};
