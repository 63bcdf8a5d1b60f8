import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { MemberState } from '../model/member-state.ts';
import { documents, instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/** `(shard, member_id)` pairs as a table, in the order of the member ids. */
export const wantedMembers = (members: readonly MemberId[]) =>
  sql`unnest(${numbers(members.map(shardOfMember))}::smallint[], ${numbers(members)}::bigint[]) as wanted (shard, member_id)`;

/**
 * Locks members' rows in the order of their ids. Nothing else is read in this statement: what a locking statement
 * reads can be older than the lock.
 */
export const lockMembers = (tx: Tx, program: ProgramId, members: readonly MemberId[]): Promise<unknown[]> =>
  tx.run(sql`
    select s.member_id
    from ${wantedMembers(members)}
    join member_state s on s.program_id = ${program} and s.shard = wanted.shard and s.member_id = wanted.member_id
    order by s.member_id
    for update of s
  `);

export const loadStates = async (db: Db, program: ProgramId, members: readonly MemberId[]): Promise<MemberState[]> => {
  const rows = await db.run(sql<{ state: MemberState }>`
    select s.state
    from ${wantedMembers(members)}
    join member_state s on s.program_id = ${program} and s.shard = wanted.shard and s.member_id = wanted.member_id
  `);
  return rows.map((row) => row.state);
};

const columns = (states: readonly MemberState[]) => sql`
  unnest(
    ${numbers(states.map((state) => shardOfMember(state.member_id)))}::smallint[],
    ${numbers(states.map((state) => state.member_id))}::bigint[],
    ${texts(states.map((state) => state.external_id))}::text[],
    ${texts(states.map((state) => state.status))}::text[],
    ${instants(states.map((state) => state.enrolled_at))}::timestamptz[],
    ${instants(states.map((state) => state.recorded_at))}::timestamptz[],
    ${numbers(states.map((state) => state.entries))}::integer[],
    ${numbers(states.map((state) => state.commands))}::integer[],
    ${numbers(states.map((state) => state.revision))}::integer[],
    ${documents(states)}::jsonb[]
  ) as new (shard, member_id, external_id, status, enrolled_at, recorded_at, entries, commands, revision, state)
`;

export const insertStates = (tx: Tx, program: ProgramId, states: readonly MemberState[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into member_state (program_id, shard, member_id, external_id, status, enrolled_at, recorded_at, entries, commands, revision, state)
    select ${program}, new.*
    from ${columns(states)}
  `);

export const updateStates = (tx: Tx, program: ProgramId, states: readonly MemberState[]): Promise<unknown[]> =>
  tx.run(sql`
    update member_state s
    set status = new.status, recorded_at = new.recorded_at, entries = new.entries, commands = new.commands, revision = new.revision, state = new.state
    from ${columns(states)}
    where s.program_id = ${program} and s.shard = new.shard and s.member_id = new.member_id
  `);

/** Internal ids for members about to be enrolled. */
export const newMemberIds = async (tx: Tx, count: number): Promise<MemberId[]> => {
  const rows = await tx.run(
    sql<{ id: MemberId }>`select nextval('member_id_seq') as id from generate_series(1, ${count}::integer)`,
  );
  return rows.map((row) => row.id);
};
