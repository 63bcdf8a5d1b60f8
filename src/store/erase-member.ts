import { type RawBuilder, sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { ErasedPerson } from '../model/member-erasure.ts';
import { bytes } from './arrays.ts';
import type { Tx } from './connection.ts';
import { eraseImported } from './erase-imported.ts';
import { personalData } from './personal-data.ts';
import type { Erased, TableData } from './table-data.ts';
import type { DB } from './tables.ts';

/** A member who was just erased, by what they were known, and what the hashes are of guests' identities that were theirs. */
export interface ErasedRow {
  readonly member: MemberId;
  readonly pseudonym: string;
  readonly person: ErasedPerson;
  readonly guestHashes: readonly Uint8Array[];
}

const tables = Object.entries(personalData) as [keyof DB, TableData<keyof DB>][];

/** The rows of a table that are about a member. */
const rowsOf = (
  { found = 'by_shard' }: TableData<keyof DB>,
  program: ProgramId,
  row: ErasedRow,
): RawBuilder<unknown> => {
  switch (found) {
    case 'by_shard':
      return sql`program_id = ${program} and shard = ${shardOfMember(row.member)} and member_id = ${row.member}`;
    case 'by_member':
      return sql`program_id = ${program} and member_id = ${row.member}`;
    case 'by_merge':
      // Rows of merges by their whole key: those of the member, and those of whoever was merged into it.
      return sql`program_id = ${program} and (shard, member_id, ordinal) in (
        select shard, member_id, ordinal from member_merge where program_id = ${program} and shard = ${shardOfMember(row.member)} and member_id = ${row.member}
        union all
        select shard, member_id, ordinal from member_merge where program_id = ${program} and survivor_id = ${row.member}
      )`;
    case 'by_hash':
      return sql`program_id = ${program} and identity_hash = any(${bytes(row.guestHashes)}::bytea[])`;
  }
};

/** What of a table is taken away, by what is declared of it. */
const statementOf = (
  [name, table]: (typeof tables)[number],
  program: ProgramId,
  row: ErasedRow,
): RawBuilder<unknown> | null => {
  const { erase } = table;
  if (erase === undefined || erase === 'by_command') return null;
  const where = rowsOf(table, program, row);
  if (erase === 'delete') return sql`delete from ${sql.table(name)} where ${where}`;
  const columns = Object.entries(erase as Record<string, Erased>);
  const set = columns.map(([column, left]) => sql`${sql.ref(column)} = ${left(row.pseudonym)}`);
  return sql`update ${sql.table(name)} set ${sql.join(set, sql`, `)} where ${where}`;
};

/** Answers kept for those who sent the member points name the member. Ids need no escape in JSON, and none in a pattern of text. */
const unnameRecipient = (program: ProgramId, { member, pseudonym, person }: ErasedRow): RawBuilder<unknown> => sql`
  update idempotency_key k
  set answer = replace(k.answer, ${`"to":"${person.external_id}"`}::text, ${`"to":"${pseudonym}"`}::text)
  from (select distinct shard, member_id from transfer where program_id = ${program} and recipient_id = ${member}) sender
  where k.program_id = ${program} and k.shard = sender.shard and k.member_id = sender.member_id
`;

/** And so do those kept for whoever was merged into the member, and parted again. */
const unnameSurvivor = (program: ProgramId, { member, pseudonym, person }: ErasedRow): RawBuilder<unknown> => sql`
  update idempotency_key k
  set answer = replace(k.answer, ${`"into":"${person.external_id}"`}::text, ${`"into":"${pseudonym}"`}::text)
  from (select distinct shard, member_id from member_merge where program_id = ${program} and survivor_id = ${member}) source
  where k.program_id = ${program} and k.shard = source.shard and k.member_id = source.member_id
`;

/**
 * Takes away what is known of members who were just erased, table by table. Their states and names are saved like any others; what
 * earlier commands of the transaction wrote must have been sent before.
 */
export const eraseMembers = (tx: Tx, program: ProgramId, rows: readonly ErasedRow[]): Promise<unknown[]> =>
  Promise.all(
    rows.flatMap((row) => {
      const statements = tables.flatMap((table) => statementOf(table, program, row) ?? []);
      const others = [unnameRecipient(program, row), unnameSurvivor(program, row), eraseImported(program, row.person)];
      return [...statements, ...others].map((statement) => tx.run(statement));
    }),
  );
