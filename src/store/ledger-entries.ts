import { sql } from 'kysely';
import type { EntryNote } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import { documents, instants, numbers, texts } from './arrays.ts';
import type { Tx } from './connection.ts';

export type OwnedEntry = readonly [MemberId, LedgerEntry];

const column = <K extends keyof LedgerEntry>(entries: readonly OwnedEntry[], name: K): LedgerEntry[K][] =>
  entries.map(([, entry]) => entry[name]);

/** Writes ledger entries. They are never touched again. */
export const insertEntries = (tx: Tx, program: ProgramId, entries: readonly OwnedEntry[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into ledger_entry (
      program_id, shard, member_id, sequence, ordinal, wallet, movement, from_bucket, to_bucket, points,
      pending_after, available_after, held_after, debt_after, cause, cause_id, allocations, rules, revision, occurred_at, recorded_at
    )
    select ${program}, new.*
    from unnest(
      ${numbers(entries.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(entries.map(([member]) => member))}::bigint[],
      ${numbers(column(entries, 'sequence'))}::integer[],
      ${numbers(column(entries, 'ordinal'))}::integer[],
      ${texts(column(entries, 'wallet'))}::text[],
      ${texts(column(entries, 'movement'))}::text[],
      ${texts(column(entries, 'from_bucket'))}::text[],
      ${texts(column(entries, 'to_bucket'))}::text[],
      ${numbers(column(entries, 'points'))}::bigint[],
      ${numbers(column(entries, 'pending_after'))}::bigint[],
      ${numbers(column(entries, 'available_after'))}::bigint[],
      ${numbers(column(entries, 'held_after'))}::bigint[],
      ${numbers(column(entries, 'debt_after'))}::bigint[],
      ${texts(column(entries, 'cause'))}::text[],
      ${texts(column(entries, 'cause_id'))}::text[],
      ${documents(column(entries, 'allocations'))}::json[],
      ${documents(column(entries, 'rules'))}::json[],
      ${numbers(column(entries, 'revision'))}::integer[],
      ${instants(column(entries, 'occurred_at'))}::timestamptz[],
      ${instants(column(entries, 'recorded_at'))}::timestamptz[]
    ) as new
  `);

export const insertNotes = (
  tx: Tx,
  program: ProgramId,
  notes: readonly (readonly [MemberId, EntryNote])[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into entry_note (program_id, shard, member_id, sequence, reason, actor)
    select ${program}, new.*
    from unnest(
      ${numbers(notes.map(([member]) => shardOfMember(member)))}::smallint[],
      ${numbers(notes.map(([member]) => member))}::bigint[],
      ${numbers(notes.map(([, note]) => note.sequence))}::integer[],
      ${texts(notes.map(([, note]) => note.reason))}::text[],
      ${texts(notes.map(([, note]) => note.actor))}::text[]
    ) as new
  `);
