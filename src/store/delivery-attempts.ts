import { sql } from 'kysely';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/** One request of a stream, or one message by e-mail. */
export interface AttemptRow {
  readonly message_id: string;
  /** Null: of the snapshot of a segment alone. */
  readonly first_position: number | null;
  readonly last_position: number | null;
  readonly events: number;
  readonly at: Instant;
  /** What was answered; null: nothing. */
  readonly status: number | null;
  /** What failed; null: delivered. */
  readonly error: string | null;
  readonly duration_ms: number;
}

export const insertAttempts = (
  tx: Tx,
  program: ProgramId,
  stream: string,
  rows: readonly AttemptRow[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into delivery_attempt (program_id, stream, message_id, first_position, last_position, events, at, status, error, duration_ms)
    select ${program}, ${stream}, new.*
    from unnest(
      ${texts(rows.map((row) => row.message_id))}::text[],
      ${numbers(rows.map((row) => row.first_position))}::bigint[],
      ${numbers(rows.map((row) => row.last_position))}::bigint[],
      ${numbers(rows.map((row) => row.events))}::integer[],
      ${instants(rows.map((row) => row.at))}::timestamptz[],
      ${numbers(rows.map((row) => row.status))}::integer[],
      ${texts(rows.map((row) => row.error))}::text[],
      ${numbers(rows.map((row) => row.duration_ms))}::integer[]
    ) as new
  `);

export interface KnownAttempt extends AttemptRow {
  readonly attempt_id: number;
}

/** Attempts of a stream, the latest first, from before one of them. */
export const listAttempts = (
  db: Db,
  program: ProgramId,
  stream: string,
  failedOnly: boolean,
  before: number | null,
  limit: number,
): Promise<KnownAttempt[]> =>
  db.run(sql<KnownAttempt>`
    select attempt_id, message_id, first_position, last_position, events, at, status, error, duration_ms
    from delivery_attempt
    where program_id = ${program} and stream = ${stream} and (not ${failedOnly} or error is not null)
      and attempt_id < ${before ?? Number.MAX_SAFE_INTEGER}
    order by attempt_id desc
    limit ${limit}
  `);

/** Deletes attempts from before an instant, at most `limit`. Returns how many. */
export const dropAttempts = async (tx: Tx, program: ProgramId, before: Instant, limit: number): Promise<number> => {
  const rows = await tx.run(sql`
    delete from delivery_attempt
    where program_id = ${program} and attempt_id in (
      select attempt_id
      from (
        select attempt_id, at
        from delivery_attempt
        where program_id = ${program}
        order by attempt_id
        limit ${limit}
      ) oldest
      where at < ${instantText(before)}
    )
    returning 1
  `);
  return rows.length;
};
