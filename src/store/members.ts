import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { MemberState } from '../model/member-state.ts';
import { days, documents, instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/**
 * `(shard, member_id)` pairs as a table. What is joined to such a table stands in a lateral subquery with a limit, and
 * rows are changed by `on conflict do update`: so each row is found by its whole key, whatever the planner believes.
 * A plain join made while the tables were empty reads every row of the program for each of the pairs, and a prepared
 * plan lives on until the table is analysed.
 */
export const wantedMembers = (members: readonly MemberId[]) =>
  sql`unnest(${numbers(members.map(shardOfMember))}::smallint[], ${numbers(members)}::bigint[]) as wanted (shard, member_id)`;

/**
 * Locks members' rows in the order given, which is that of their ids. Nothing else is read in this statement: what a
 * locking statement reads can be older than the lock.
 */
export const lockMembers = (tx: Tx, program: ProgramId, members: readonly MemberId[]): Promise<unknown[]> =>
  tx.run(sql`
    select locked.member_id
    from ${wantedMembers(members)}
    cross join lateral (
      select s.member_id
      from member_state s
      where s.program_id = ${program} and s.shard = wanted.shard and s.member_id = wanted.member_id
      limit 1
      for update
    ) locked
  `);

export const loadStates = async (db: Db, program: ProgramId, members: readonly MemberId[]): Promise<MemberState[]> => {
  const rows = await db.run(sql<{ state: MemberState }>`
    select found.state
    from ${wantedMembers(members)}
    cross join lateral (
      select s.state
      from member_state s
      where s.program_id = ${program} and s.shard = wanted.shard and s.member_id = wanted.member_id
      limit 1
    ) found
  `);
  return rows.map((row) => row.state);
};

/**
 * Codes as the text of an array: an array of arrays would have to be of one length. Codes need no quotes, but for the
 * one that would be read as no value.
 */
const codes = (list: readonly string[]): string =>
  `{${list.map((code) => (code === 'null' ? '"null"' : code)).join(',')}}`;

const tiersHeld = (state: MemberState): string =>
  codes(Object.values(state.tiers).flatMap(({ tier }) => (tier === null ? [] : [tier])));

/** Writes state rows, new members' and others'. */
export const saveStates = (tx: Tx, program: ProgramId, states: readonly MemberState[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into member_state (
      program_id, shard, member_id, external_id, status, enrolled_at, enrolled_on, recorded_at, entries, commands, revision, status_revision,
      spend, purchases, first_purchase_at, last_purchase_at, tiers, segments, state
    )
    select ${program}, shard, member_id, external_id, status, enrolled_at, enrolled_on, recorded_at, entries, commands, revision, status_revision,
      spend, purchases, first_purchase_at, last_purchase_at, tiers::text[], segments::text[], state
    from unnest(
      ${numbers(states.map((state) => shardOfMember(state.member_id)))}::smallint[],
      ${numbers(states.map((state) => state.member_id))}::bigint[],
      ${texts(states.map((state) => state.external_id))}::text[],
      ${texts(states.map((state) => state.status))}::text[],
      ${instants(states.map((state) => state.enrolled_at))}::timestamptz[],
      ${days(states.map((state) => state.enrolled_on))}::date[],
      ${instants(states.map((state) => state.recorded_at))}::timestamptz[],
      ${numbers(states.map((state) => state.entries))}::integer[],
      ${numbers(states.map((state) => state.commands))}::integer[],
      ${numbers(states.map((state) => state.revision))}::integer[],
      ${numbers(states.map((state) => state.status_revision))}::integer[],
      ${numbers(states.map((state) => state.totals.spend))}::bigint[],
      ${numbers(states.map((state) => state.totals.purchases))}::integer[],
      ${instants(states.map((state) => state.first_purchase_at))}::timestamptz[],
      ${instants(states.map((state) => state.last_purchase_at))}::timestamptz[],
      ${texts(states.map(tiersHeld))}::text[],
      ${texts(states.map((state) => codes(Object.keys(state.segments))))}::text[],
      ${documents(states)}::json[]
    ) as new (
      shard, member_id, external_id, status, enrolled_at, enrolled_on, recorded_at, entries, commands, revision, status_revision,
      spend, purchases, first_purchase_at, last_purchase_at, tiers, segments, state
    )
    on conflict (program_id, shard, member_id) do update
    set external_id = excluded.external_id, status = excluded.status, recorded_at = excluded.recorded_at, entries = excluded.entries, commands = excluded.commands,
      revision = excluded.revision, status_revision = excluded.status_revision, spend = excluded.spend, purchases = excluded.purchases,
      first_purchase_at = excluded.first_purchase_at, last_purchase_at = excluded.last_purchase_at, tiers = excluded.tiers,
      segments = excluded.segments, state = excluded.state
  `);

/** Internal ids for members about to be enrolled. */
export const newMemberIds = async (tx: Tx, count: number): Promise<MemberId[]> => {
  const rows = await tx.run(
    sql<{ id: MemberId }>`select nextval('member_id_seq') as id from generate_series(1, ${count}::integer)`,
  );
  return rows.map((row) => row.id);
};
